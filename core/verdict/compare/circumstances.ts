import type { RunResult } from '../../stats/result.ts';
import type { Message } from '../../text/message.ts';
import { differencesOf, leafValues } from './leaf-values.ts';

/** More lines than these are no longer read. */
const MAX_PLACES = 10;

/**
 * What differs between the sides beside what was measured, and what makes a run of either doubtful: whoever reads the figures
 * has to know it first.
 * @param loads what offered-load.ts tells already
 */
export function circumstances(
  before: readonly RunResult[],
  after: readonly RunResult[],
  loads: readonly Message[],
): Message[] {
  const told = new Set(loads.map(({ params }) => params.place));
  const places = differencesOf(before.map(planOf), after.map(planOf)).filter(({ key }) => !told.has(key));
  const shown = places.slice(0, MAX_PLACES).map(({ key, ...values }) => message('compare.plan', { key, ...values }));
  const others = places.length - shown.length;
  return [
    ...[...before, ...after].flatMap(doubts),
    ...shown,
    ...(others === 0 ? [] : [message('compare.plan-others', { count: others })]),
    ...differencesOf(before.map(surroundings), after.map(surroundings)).map(({ key, ...values }) => {
      const [id = '', name = ''] = key.split(':');
      return message(id, { name, ...values });
    }),
  ];
}

function message(id: string, params: Message['params']): Message {
  return { id, params };
}

/** Without what says nothing about the load or the work. */
function planOf({ plan }: RunResult): Map<string, string> {
  const { target: _t, description: _d, thresholds: _c, reports: _r, $schema: _s, ...rest } = plan;
  return leafValues(rest);
}

/** Facts by the id of their sentence; of the target also by their label. */
function surroundings({ toolVersion, control, agents, plan, targetEnvironment }: RunResult): Map<string, string> {
  const list = (values: readonly string[]) => [...new Set(values)].sort().join(', ');
  const environments = agents.map(({ environment }) => environment);
  return new Map([
    ['compare.target', plan.target ?? ''],
    ...Object.entries(targetEnvironment).map(([label, value]) => [`compare.target-fact:${label}`, value] as const),
    ['compare.version', toolVersion],
    ['compare.agents', String(agents.length)],
    ['compare.hosts', list(environments.map(({ host }) => host))],
    ['compare.cpus', list(environments.map(({ cpus, cpuModel }) => `${cpus} × ${cpuModel}`))],
    ['compare.systems', list(environments.map(({ os }) => os))],
    ['compare.runtimes', list(environments.map(({ runtime }) => runtime))],
    ['compare.control', `${control.host}, ${control.runtime}`],
  ]);
}

function doubts({ runId, validity, ending }: RunResult): Message[] {
  const failed = validity.filter(({ ok }) => !ok).map(({ name }) => name);
  return [
    ...(failed.length === 0 ? [] : [message('compare.invalid', { runId, checks: failed })]),
    ...(ending.kind === 'stopped' ? [message('compare.stopped', { runId, reason: ending.reason })] : []),
    ...(ending.kind === 'running' ? [message('compare.running', { runId })] : []),
  ];
}
