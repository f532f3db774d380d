// The load that the plan asks for, with the changes that people made since. It is worked out for thousands of seconds at a time: nothing
// here makes an object for each of them, which a browser would have to clear away.

/** @param profile [[atUs, level] …], straight from point to point; two points at a jump */
function levelAt(profile, us) {
  if (profile.length === 0 || us < profile[0][0]) return 0;
  for (let i = profile.length - 1; i >= 0; i--) {
    const at = profile[i][0];
    const level = profile[i][1];
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
  const changesOf = counted.map(({ name }) => changes.filter(({ scenario }) => scenario === name));
  return seconds.map((second) => {
    const us = second * 1e6;
    let total = 0;
    for (let i = 0; i < counted.length; i++) {
      const profile = counted[i].profile;
      const isOver = profile.length > 0 && us > profile[profile.length - 1][0];
      total += changedLevel(profile, changesOf[i], isOver ? 0 : countUntil(changesOf[i], us), us);
    }
    return total;
  });
}

function countUntil(changes, us) {
  let count = 0;
  while (count < changes.length && changes[count].atUs <= us) count++;
  return count;
}

/** On the way to the last change's level, or there. @param count of the changes until then, which are the first */
function changedLevel(profile, changes, count, us) {
  if (count === 0) return levelAt(profile, us);
  const { atUs, level, rampUs } = changes[count - 1];
  if (us >= atUs + rampUs) return level;
  const from = changedLevel(profile, changes, count - 1, atUs);
  return from + ((level - from) * (us - atUs)) / rampUs;
}
