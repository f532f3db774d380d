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
      const change = changes.findLast((one) => one.scenario === name && one.atUs <= us);
      const isOver = profile.length > 0 && us > profile.at(-1)[0];
      return total + (change === undefined || isOver ? levelAt(profile, us) : change.level);
    }, 0);
  });
}
