/**
 * The events of a run's stream (`GET /api/v1/runs/{id}/events`), as JSON in the `data` of server-sent events whose `event` is the
 * name here. Times are whole microseconds, counts are counts, shares are 0 to 1; rates are per second. Arrays of figures are in
 * the order of `hello.operations` or `hello.journeys`.
 */
import { z } from 'zod';
import { AGENT_STATES } from '../../control/load/run-agent-state.ts';
import { runState, translated } from './run-summary.ts';

const numbers = z.array(z.number());

/** Where an executor's load can be changed, what `POST /runs/{id}/load` takes for it. */
const settable = z.enum(['vus', 'rate']).nullable();

const limitedChart = z
  .enum(['responseTime', 'throughput'])
  .nullable()
  .describe('The chart over time that shows what is judged, so that the limit is a line there; null: none does.');

const helloEvent = z
  .object({
    v: z.literal(1),
    runId: z.string(),
    name: z.string(),
    state: runState,
    reason: z.string().describe('Why the run is in this state; often empty.'),
    reasonTexts: translated.describe('`reason` in other languages.'),
    startedAt: z.string().nullable().describe('RFC 3339; null until the load has a start.'),
    plannedUs: z.number().describe('How long the load lasts as planned, warm-up included.'),
    warmupUs: z.number(),
    seed: z.number(),
    target: z.string().describe('Without a user and password; empty for a plan without a target.'),
    role: z.enum(['viewer', 'operator']).describe('What whoever reads this may do.'),
    canPause: z.boolean(),
    scenarios: z.array(
      z.object({
        name: z.string(),
        executor: z.string(),
        of: z.enum(['vus', 'rate']).describe('What its level counts: virtual users, or arrivals per second.'),
        canSet: settable.describe('What `POST …/load` takes for it; null when its level cannot be changed.'),
        profile: z
          .array(z.tuple([z.number(), z.number()]))
          .describe('The planned line, as [atUs, level]: straight from point to point, two points at a jump.'),
      }),
    ),
    operations: z
      .array(z.object({ scenario: z.string(), type: z.string(), name: z.string() }))
      .describe('Rows of the table. Scripts may name more later: then `hello` comes again, with them at the end.'),
    journeys: z.array(z.object({ scenario: z.string(), name: z.string() })),
    thresholds: z.array(
      z.object({
        criterion: z.string(),
        severity: z.enum(['fail', 'warn']),
        isDefault: z.boolean(),
        limit: z.number().optional().describe('Of a run that has ended; while one goes on, `percentiles` tells it.'),
        chart: limitedChart.optional(),
      }),
    ),
    monitors: z.array(z.string()).describe('Such as `target.queue_depth`. More may come: then `hello` comes again.'),
    agents: z.object({ expected: z.number(), here: z.number() }),
    second: z.number().describe('The newest second that `GET …/timeline` has now; -1 before the first.'),
  })
  .meta({ id: 'Hello' });

/** Figures of all requests in one second, and their count since the end of the warm-up. */
const allSecond = z.object({
  requests: z.number().describe('Since the end of the warm-up.'),
  errors: z.number().describe('Since the end of the warm-up.'),
  rps: z.number(),
  fps: z.number(),
  avgUs: z.number().describe('Of this second, as the percentiles and the maximum; 0 in a second without requests.'),
  p50Us: z.number(),
  p95Us: z.number(),
  p99Us: z.number(),
  maxUs: z.number(),
});

const rowsSecond = z.object({
  requests: numbers.describe('Since the end of the warm-up, as `errors`. For journeys: passes.'),
  errors: numbers,
  rps: numbers.describe('In this second, as `fps`, `avgUs` and `maxUs`.'),
  fps: numbers,
  avgUs: numbers,
  maxUs: numbers,
});

const secondEvent = z
  .object({
    second: z.number().describe('Whole seconds since the run start. All agents have reported it.'),
    elapsedUs: z.number().describe('Since the run start, when this was made.'),
    behindUs: z.number().describe('How long before `elapsedUs` this second ended.'),
    phase: z.enum(['warmup', 'measure']).describe('Of this second.'),
    paused: z.boolean(),
    vus: z.number(),
    dropped: z.number().describe('Arrivals dropped since the run start.'),
    all: allSecond,
    ops: rowsSecond,
    journeys: rowsSecond,
    agents: z.object({
      running: z.number(),
      away: z.number().describe('Out of touch, and expected back.'),
      lost: z.number(),
      cpuMax: z.number().describe('CPU cores of the busiest agent process.'),
      lagMaxUs: z.number().describe('The longest that the event loop of an agent was held up.'),
    }),
    monitors: z.array(z.number().nullable()),
    warnings: z.array(z.string()).describe('A sentence for each validity check that fails so far.'),
    warningTexts: z.object({ 'zh-CN': z.array(z.string()) }).describe('`warnings` in other languages.'),
  })
  .meta({ id: 'Second' });

const percentileRows = z.object({
  p50Us: numbers,
  p90Us: numbers,
  p95Us: numbers,
  p99Us: numbers,
  p999Us: numbers,
  minUs: numbers,
  avgUs: numbers,
  maxUs: numbers,
});

const percentileAll = z.object({
  p50Us: z.number(),
  p90Us: z.number(),
  p95Us: z.number(),
  p99Us: z.number(),
  p999Us: z.number(),
  minUs: z.number(),
  avgUs: z.number(),
  maxUs: z.number(),
});

const liveThreshold = z
  .object({
    criterion: z.string(),
    severity: z.enum(['fail', 'warn']),
    status: z
      .enum(['pass', 'fail', 'unknown'])
      .describe('As if the run ended now; unknown while there is nothing to judge by.'),
    actual: z.number().nullable().describe('In `unit`; null when unknown, as `limit`.'),
    limit: z.number().nullable(),
    unit: z.enum(['us', 'share', 'perSecond', 'count']).nullable(),
    margin: z
      .number()
      .nullable()
      .describe('How far a value that passes is from its limit, as a share of it; null where a share says nothing.'),
    shown: z.string().describe('The measured value as people read it, such as `5.75 ms`; empty when unknown.'),
    shownLimit: z.string().describe('The limit likewise.'),
    chart: limitedChart,
    samples: z.number().describe('How many samples it is based on.'),
  })
  .meta({ id: 'LiveThreshold' });

export const failure = z
  .object({
    operation: z.number().nullable().describe('Index in `hello.operations`; null for a journey.'),
    journey: z.number().nullable().describe('Index in `hello.journeys`; null for an operation.'),
    phase: z.enum(['warmup', 'measure']),
    kind: z.string(),
    count: z.number(),
    message: z.string().describe('One message of this kind: text of a stranger, to be escaped.'),
    firstSecond: z.number(),
    lastSecond: z.number(),
    samples: z
      .array(
        z.object({
          atUs: z.number(),
          durationUs: z.number(),
          agent: z.string(),
          message: z.string(),
          sent: z
            .string()
            .describe('First line, headers, a blank line, the beginning of the body; empty when nothing was sent.'),
          received: z.string(),
        }),
      )
      .describe(
        'The first in full, at most three. Secrets are masked. Empty in `percentiles`: `GET …/failures` has them.',
      ),
  })
  .meta({ id: 'Failure' });

const percentilesEvent = z
  .object({
    second: z.number(),
    windowS: z
      .number()
      .describe('The seconds that all figures except `last` and `column` cover: since the end of the warm-up.'),
    all: z.object({ response: percentileAll, service: percentileAll }),
    ops: z.object({
      response: percentileRows.describe('Response times, from when the request was due.'),
      service: percentileRows.describe('Service times, from when it was sent.'),
      avgBytes: numbers.describe('Received for each request.'),
    }),
    journeys: z.object({ response: percentileRows, service: percentileRows }),
    last: z
      .object({ p50Us: numbers, p95Us: numbers, p99Us: numbers })
      .describe('Response times of each operation in `second` alone; 0 without requests.'),
    column: z
      .object({ fromSecond: z.number(), seconds: z.number(), indices: numbers, counts: numbers })
      .describe(
        'Response times of all requests since the last of these events, for the heat map: HDR buckets as in results.',
      ),
    thresholds: z.array(liveThreshold).describe('In the order of `hello.thresholds`.'),
    ratios: z
      .array(
        z.object({
          ...{ name: z.string(), hits: z.number(), of: z.number(), voidReason: z.string() },
          voidReasonTexts: translated.describe('`voidReason` in other languages.'),
        }),
      )
      .describe(
        'What drivers counted, such as recall: hits of attempts, by name. With a `voidReason`, which is else empty, it says nothing.',
      ),
    failures: z.array(failure).describe('The 50 most frequent; warm-up and measured phase apart.'),
  })
  .meta({ id: 'Percentiles' });

export const liveAgent = z
  .object({
    name: z.string(),
    state: z.enum(AGENT_STATES),
    host: z.string(),
    vus: z.number(),
    cpuCores: z.number().describe('Of its process, in its newest second, as the figures after it.'),
    hostCpu: z.number().describe('Share of all cores of its host.'),
    memoryBytes: z.number(),
    lagUs: z.number(),
    clockOffsetUs: z.number().describe('Its clock minus that of control.'),
    clockUncertaintyUs: z.number(),
    second: z.number().describe('The newest second that it has reported; -1 before the first.'),
  })
  .meta({ id: 'LiveAgent' });

const agentsEvent = z
  .object({
    rows: z.array(liveAgent).describe('Those whose row changed since the last of these events, at most each 2 s.'),
    total: z.number(),
  })
  .meta({ id: 'Agents' });

const loadEvent = z
  .object({
    atUs: z.number().describe('When it takes effect, since the run start.'),
    kind: z.enum(['level', 'pause', 'resume']),
    scenario: z.string().nullable(),
    of: z.enum(['vus', 'rate']).nullable(),
    level: z.number().nullable(),
    rampUs: z.number().describe('How long it takes to get there; 0 is at once.'),
  })
  .meta({ id: 'LoadChange' });

export const stateEvent = z
  .object({ state: runState, reason: z.string(), reasonTexts: translated.describe('`reason` in other languages.') })
  .meta({ id: 'StateChange' });
export const runEvent = z
  .object({ atUs: z.number(), text: z.string(), texts: translated.describe('`text` in other languages.') })
  .meta({ id: 'RunEvent' });
const noticeEvent = z
  .object({ at: z.string(), text: z.string(), texts: translated.describe('`text` in other languages.') })
  .meta({ id: 'Notice' });

const resultEvent = z
  .object({
    verdict: z.string().describe('`pass`, `fail`, `invalid`, `aborted` or `no-criteria`; empty for a run that failed.'),
    reasons: z.array(z.string()),
    url: z.string().describe('Of the result, from the root of this server.'),
    reports: z.record(z.string(), z.string()).describe('Addresses of the reports by format.'),
  })
  .meta({ id: 'ResultReady' });

const endEvent = z.object({}).meta({ id: 'End' });
const reloadEvent = z.object({}).meta({ id: 'Reload' });

export const runEvents = {
  hello: helloEvent,
  second: secondEvent,
  percentiles: percentilesEvent,
  agents: agentsEvent,
  load: loadEvent,
  state: stateEvent,
  event: runEvent,
  log: noticeEvent,
  result: resultEvent,
  /** The last one: the client closes, and does not connect again. */
  end: endEvent,
  /** What was missed is no longer kept: forget what is known, and ask for `timeline` again. */
  reload: reloadEvent,
} as const;

export type RunEventName = keyof typeof runEvents;
export type RunEventData<Name extends RunEventName> = z.infer<(typeof runEvents)[Name]>;
