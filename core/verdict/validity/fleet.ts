import { type Evidence, type Finding, finding, shortList } from './finding.ts';

/** Beyond a quarter of a second, agents disagree on which second of the timeline they are in. */
const CLOCK_UNCERTAINTY_LIMIT_US = 250_000;
/** Agents that start further apart did not produce one common load. */
const START_SKEW_LIMIT_US = 500_000;
/** Errors that come from the host of the load generator. */
const LOCAL_ERROR_KINDS: readonly string[] = ['local_ports_exhausted', 'too_many_open_files'];

/** Whether the agents produced the planned load, apart from a tolerated share. */
export function agentsComplete({ draft }: Evidence): Finding {
  const { agents, warmupUs, measuredUs, lossTolerance: limit, storeProblem } = draft;
  const incomplete = agents.filter(({ closingTotals, missing }) => closingTotals === 'missing' || missing.length > 0);
  const missing = agents.flatMap((agent) => agent.missing);
  const missingSeconds = missing.reduce(
    (sum, { fromSecond, toSecond, share }) => sum + (toSecond - fromSecond) * share,
    0,
  );
  // If no agent stayed to the end, load is missing even after the last measured second.
  const wantedSeconds = Math.max(1e-6, (warmupUs + measuredUs) / 1e6, ...missing.map(({ toSecond }) => toSecond));
  const share = Math.min(1, missingSeconds / wantedSeconds);
  const params = { agents: agents.length, lost: incomplete.length, names: namesOf(incomplete), share, limit };
  if (incomplete.length === 0) return finding('agents-complete', true, 'ok', params);
  if (share <= limit) {
    // These were lost after their load: whether samples came after the last window is unknown.
    const untold = incomplete.filter((agent) => agent.missing.length === 0);
    if (untold.length === 0) return finding('agents-complete', true, 'few', params);
    return finding('agents-complete', false, 'untold', { ...params, lost: untold.length, names: namesOf(untold) });
  }
  // An agent that reported its totals is known to have delivered all its samples, however early it left.
  const lost = incomplete.filter((agent) => agent.closingTotals === 'missing');
  const away = incomplete.filter((agent) => agent.closingTotals !== 'missing');
  if (away.length === 0) return finding('agents-complete', false, 'fail', params);
  if (lost.length === 0) {
    if (storeProblem === undefined) return finding('agents-complete', false, 'away', params);
    return finding('agents-complete', false, 'unstored', { ...params, problem: storeProblem });
  }
  const both = { lost: lost.length, names: namesOf(lost), away: away.length, awayNames: namesOf(away) };
  return finding('agents-complete', false, 'mixed', { ...params, ...both });
}

export function closingTotals({ draft: { agents, storeProblem } }: Evidence): Finding {
  const name = 'closing-totals';
  const differing = agents.filter((agent) => agent.closingTotals === 'differ');
  if (differing.length > 0) {
    const names = namesOf(differing);
    if (storeProblem === undefined) return finding(name, false, 'fail', { names });
    return finding(name, false, 'unstored', { names, problem: storeProblem });
  }
  const silent = agents.filter((agent) => agent.closingTotals === 'missing');
  const told = agents.filter((agent) => agent.closingTotals !== 'missing');
  const requests = told.reduce((sum, agent) => sum + agent.requests, 0);
  if (silent.length === 0) return finding(name, true, 'ok', { requests });
  const params = { requests, agents: agents.length, missing: silent.length, names: namesOf(silent) };
  return finding(name, true, told.length === 0 ? 'skipped' : 'part', params);
}

function namesOf(agents: readonly { readonly name: string }[]): string[] {
  return shortList(agents.map(({ name }) => name));
}

/** Whether the seconds of agents can be aligned: how well their clocks are known, and whether they moved during the load. */
export function clock({ draft: { agents } }: Evidence): Finding {
  const movedUs = agents.reduce((most, agent) => Math.max(most, Math.abs(agent.clockMovedUs ?? 0)), 0);
  if (movedUs > CLOCK_UNCERTAINTY_LIMIT_US) {
    const moved = agents.filter(({ clockMovedUs = 0 }) => Math.abs(clockMovedUs) > CLOCK_UNCERTAINTY_LIMIT_US);
    const names = shortList(moved.map(({ name }) => name));
    return finding('clock', false, 'moved', { movedUs, limitUs: CLOCK_UNCERTAINTY_LIMIT_US, names });
  }
  const uncertaintyUs = agents.reduce((most, agent) => Math.max(most, agent.clockUncertaintyUs), 0);
  const names = agents.filter((agent) => agent.clockUncertaintyUs > CLOCK_UNCERTAINTY_LIMIT_US).map(({ name }) => name);
  const ok = names.length === 0;
  const params = { uncertaintyUs, limitUs: CLOCK_UNCERTAINTY_LIMIT_US, names: shortList(names) };
  return finding('clock', ok, ok ? 'ok' : 'fail', params);
}

/**
 * Whether the agents started together. This is asked only where the load model gives each agent an operation at time 0.
 * Elsewhere (a ramp from 0, a low rate, a start time) agents start apart by plan, and `send-delay` finds late ones.
 */
export function startSkew({ draft: { agents }, plan }: Evidence): Finding {
  const name = 'start-skew';
  const delaysUs = agents
    .filter(({ requests, joinedUs }) => requests > 0 && joinedUs === 0)
    .map(({ startDelayUs }) => startDelayUs);
  const beginsAtOnce = Object.values(plan.scenarios).some((scenario) => {
    if ((scenario.startTime ?? 0) > 0) return false;
    if (scenario.executor === 'ramping-vus') return scenario.startVus >= agents.length;
    if (scenario.executor === 'constant-vus') return scenario.spawnRate === undefined && scenario.vus >= agents.length;
    return 'iterations' in scenario && scenario.vus >= agents.length;
  });
  if (!beginsAtOnce || delaysUs.length < 2) return finding(name, true, 'skipped', {});
  const skewUs = Math.max(...delaysUs) - Math.min(...delaysUs);
  const ok = skewUs <= START_SKEW_LIMIT_US;
  return finding(name, ok, ok ? 'ok' : 'fail', { skewUs, limitUs: START_SKEW_LIMIT_US });
}

/** Whether the host of the load generator ran out of ports or files: such failures say nothing about the target. */
export function localErrors({ draft: { operations } }: Evidence): Finding {
  const counts = new Map<string, number>();
  for (const { phases } of operations) {
    for (const { kind, count } of [...phases.warmup.errorKinds, ...phases.measure.errorKinds]) {
      if (LOCAL_ERROR_KINDS.includes(kind)) counts.set(kind, (counts.get(kind) ?? 0) + count);
    }
  }
  if (counts.size === 0) return finding('local-errors', true, 'ok', {});
  const failures = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return finding('local-errors', false, 'fail', { failures, kinds: [...counts.keys()].toSorted() });
}
