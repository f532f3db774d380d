// The load that the plan asks for, with the changes that people made since.

/** @param profile [[atUs, level] …], straight from point to point; two points at a jump */
function levelAt(profile, us) {
  if (profile.length === 0 || us < profile[0][0]) return 0;
  for (let i = profile.length - 1; i >= 0; i--) {
    const [at, level] = profile[i];
    if (us < at) continue;
    const next = profile[i + 1];
    if (next === undefined) return us > at ? 0 : level;
    return next[0] === at ? next[1] : level + ((next[1] - level) * (us - at)) / (next[0] - at);
  }
  return 0;
}

/**
 * The sum over all scenarios whose level counts `of`; undefined when there is none.
 * @param of `vus` or `rate`
 * @returns a value for each second
 */
export function plannedLine(scenarios, loadChanges, of, seconds) {
  const counted = scenarios.filter((scenario) => scenario.of === of);
  if (counted.length === 0) return undefined;
  const changes = loadChanges.filter(({ kind }) => kind === 'level').toSorted((a, b) => a.atUs - b.atUs);
  return seconds.map((second) => {
    const us = second * 1e6;
    return counted.reduce((total, { name, profile }) => {
      const isOver = profile.length > 0 && us > profile.at(-1)[0];
      const own = isOver ? [] : changes.filter((one) => one.scenario === name && one.atUs <= us);
      return total + changedLevel(profile, own, us);
    }, 0);
  });
}

/** On the way to the last change's level, or there. @param changes those until then */
function changedLevel(profile, changes, us) {
  const change = changes.at(-1);
  if (change === undefined) return levelAt(profile, us);
  const { atUs, level, rampUs } = change;
  if (us >= atUs + rampUs) return level;
  const from = changedLevel(profile, changes.slice(0, -1), atUs);
  return from + ((level - from) * (us - atUs)) / rampUs;
}
