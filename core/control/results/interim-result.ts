import type { RunResult } from '../../stats/result.ts';
import { checkValidity } from '../../verdict/validity.ts';
import { judge } from '../../verdict/verdict.ts';
import type { LoadOutcome } from '../load/load-outcome.ts';
import type { RunContext } from '../run/run-context.ts';
import { isLiveCheck, type LiveParts, presentAgents } from './live-snapshot.ts';
import { buildResult } from './result-draft.ts';

/**
 * The result of a run that goes on, as of now: what its agents have reported, judged as if it ended with that. It says of itself
 * that the run has not ended. Its parts change no more when the run goes on.
 * @returns undefined while nothing has been measured
 */
export function interimResult(run: RunContext, parts: LiveParts): RunResult | undefined {
  const { spec, totals, events } = run;
  const { agents, thresholds: watch, requested, monitors, startUs, startedAt, targetEnvironment } = parts;
  const { seconds } = totals.timeline;
  if (startUs === undefined || seconds === 0) return undefined;
  const loadUs = Math.min(seconds * 1e6, spec.plannedUs);
  const load: LoadOutcome = { startUs, startedAt, loadUs, wantedUs: loadUs, ending: { kind: 'running' } };
  const draft = buildResult(run, agents, load, {
    targetEnvironment,
    monitors: monitors.series(),
    reconciliations: [],
    unverified: [],
    events: events.list(startUs),
    loadChanges: requested,
  });
  const present = { ...draft, agents: presentAgents(draft.agents, agents) };
  const thresholds = watch.interim(present);
  const validity = checkValidity(present).filter(isLiveCheck);
  const result: RunResult = { ...present, validity, thresholds, verdict: judge(validity, thresholds) };
  // The columns of the timeline and the values of the monitors are those that the run still writes to.
  return JSON.parse(JSON.stringify(result)) as RunResult;
}
