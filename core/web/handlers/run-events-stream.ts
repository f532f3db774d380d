import type { ObservedRun } from '../../control/orchestrator/run-lifecycle.ts';
import { reasonOf } from '../../control/run/run-state.ts';
import { parsePlan } from '../../plan/parse.ts';
import type { RunResult } from '../../stats/result.ts';
import { outcomeOf } from '../../verdict/conclusion/run-outcome.ts';
import { chartOfLimit } from '../../verdict/verdict.ts';
import type { RunEventData } from '../api/run-events.ts';
import type { Answer, Asked } from '../exchange.ts';
import { scenarioOf } from '../live/hello.ts';
import type { EventClient } from '../stream/event-client.ts';
import { eventFrame } from '../stream/sse-frame.ts';
import { reportAddresses, summaryOf } from './run-list.ts';
import { callOf, type WebServices } from './services.ts';

type Hello = RunEventData<'hello'>;

/** What becomes known with the end of a run. */
export function endingOf({ run }: ObservedRun, formats: readonly string[]): RunEventData<'result'> {
  const { runId, events } = run;
  const { state } = events;
  const reason = reasonOf(state);
  return {
    verdict: state.kind === 'finished' ? state.verdict : '',
    reasons: reason === '' ? [] : [reason],
    url: `/api/v1/runs/${runId}/result`,
    reports: state.kind === 'finished' ? reportAddresses(runId, formats) : {},
  };
}

/** The stream of a run: of one that goes on all that happens, of one that has ended what it came to. */
export async function runEventStream(asked: Asked, services: WebServices): Promise<Answer> {
  const { params, caller, headers } = asked;
  const { id = '' } = params;
  const stream = services.runStreams.of(id);
  const lastEventId = headers['last-event-id'];
  if (stream !== undefined) {
    const last = typeof lastEventId === 'string' && lastEventId !== '' ? lastEventId : undefined;
    return { events: (client) => stream.attach(client, caller.role, last) };
  }
  const summary = await summaryOf(asked, services);
  const result = await services.ended.result(id, callOf(asked));
  return { events: (client) => tellEnded(client, result, summary, caller.role, services.reports.formats) };
}

type Summary = Awaited<ReturnType<typeof summaryOf>>;

function tellEnded(
  client: EventClient,
  result: RunResult | undefined,
  summary: Summary,
  role: Hello['role'],
  formats: readonly string[],
): void {
  const { runId, state, reason, reasonTexts } = summary;
  const id = `${(result?.timeline.all.requests.length ?? 0) - 1}.0`;
  const send = (event: string, data: unknown) => client.send(eventFrame(event, data, id));
  if (result !== undefined) send('hello', endedHello(result, summary, role));
  send('state', { state, reason, reasonTexts } satisfies RunEventData<'state'>);
  send('result', {
    verdict: result === undefined ? '' : outcomeOf(result),
    reasons: [...(result?.verdict.reasons ?? (reason === '' ? [] : [reason]))],
    url: `/api/v1/runs/${runId}/result`,
    reports: result === undefined ? {} : reportAddresses(runId, formats),
  } satisfies RunEventData<'result'>);
  send('end', {});
  client.end();
}

function endedHello(result: RunResult, { state, reason, reasonTexts }: Summary, role: Hello['role']): Hello {
  const { runId, plan, startedAt, plannedUs, warmupUs, seed, agents, operations, journeys = [], thresholds } = result;
  const parsed = parsePlan(plan);
  const names = new Set(operations.map(({ name }) => name));
  return {
    v: 1,
    runId,
    name: parsed.name,
    state,
    reason,
    reasonTexts,
    startedAt,
    plannedUs,
    warmupUs,
    seed,
    target: plan.target ?? '',
    role,
    canPause: false,
    scenarios: Object.entries(parsed.scenarios).map(([name, scenario]) => scenarioOf(name, scenario, parsed, false)),
    operations: operations.map(({ scenario, type, name }) => ({ scenario, type, name })),
    journeys: journeys.map(({ scenario, name }) => ({ scenario, name })),
    thresholds: thresholds.map((result) => {
      const { criterion, severity, isDefault = false } = result;
      const shown = { criterion, severity, isDefault };
      return result.status === 'invalid'
        ? shown
        : { ...shown, limit: result.limit, chart: chartOfLimit(result, names) ?? null };
    }),
    monitors: result.monitors.map(({ name }) => name),
    agents: { expected: agents.length, here: 0 },
    second: result.timeline.all.requests.length - 1,
  };
}
