import { z } from 'zod';
import { count, reconciliationSchema, sum } from '../core/stats/reconciliation-schema.ts';
import { RESULT_VERSION, type RunResult } from '../core/stats/result.ts';
import { searchedLevelSchema } from '../core/stats/search/search-schema.ts';
import { comparisonSchema } from '../core/verdict/compare/comparison-schema.ts';
import { describeList, numberList } from './number-list.ts';

/** The format of result.json, which reports/result.schema.json describes for others. Fields: core/stats/result.ts. */

/** Longer runs are not planned, and a second beyond it would make reports as long. */
const MAX_SECONDS = 31 * 24 * 3600;
const second = count.max(MAX_SECONDS);
const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0;
const isAmount = (value: number) => Number.isFinite(value) && value >= 0;
const seconds = numberList(
  z.array(second).max(MAX_SECONDS),
  (value) => isCount(value) && value <= MAX_SECONDS,
  MAX_SECONDS,
);
/** Durations, counts, and whatever else cannot be negative. */
const amount = z.number().min(0);
const amounts = numberList(z.array(amount).max(MAX_SECONDS), isAmount, MAX_SECONDS);
const values = numberList(z.array(z.number()).max(MAX_SECONDS), Number.isFinite, MAX_SECONDS);
const bucketIndices = numberList(z.array(count), isCount);
const bucketCounts = numberList(z.array(amount), isAmount);
const texts = z.record(z.string(), z.string());

const histogram = z
  .object({ minUs: amount, maxUs: amount, sumUs: amount, indices: bucketIndices, counts: bucketCounts })
  .describe("Durations in microseconds in HdrHistogram's buckets (core/stats/histogram.ts): sparse, indices rise.");
const summary = z.object({ mean: amount, max: amount });
const environment = z.object({
  host: z.string(),
  os: z.string(),
  runtime: z.string(),
  cpuModel: z.string(),
  cpus: amount,
  memoryBytes: amount,
});
const sample = z
  .object({
    atUs: amount.describe('When it ended, in microseconds since the run start.'),
    durationUs: amount,
    agent: z.string().optional().describe('Name of the agent that saw it.'),
    message: z.string(),
    sent: z
      .string()
      .describe('First line, headers, a blank line, the beginning of the body; empty when nothing was sent.'),
    received: z.string().describe('The same of the answer; empty when nothing came.'),
  })
  .describe('One failed operation in full, with secrets masked.');
const phase = z.object({
  requests: amount,
  errors: amount,
  bytesSent: amount,
  bytesReceived: amount,
  responseTime: histogram.describe('From the intended start to the end.'),
  serviceTime: histogram.describe('From the actual start to the end.'),
  sendDelay: histogram.describe('From the intended start to the actual one.'),
  errorKinds: z.array(
    z.object({
      kind: z.string(),
      count: z.number(),
      example: z.string(),
      samples: z.array(sample).optional().describe('The first of them, at most three.'),
      firstSecond: second,
      lastSecond: second,
    }),
  ),
  slowest: z
    .array(
      z.object({
        atUs: amount.describe('When it ended, in microseconds since the run start.'),
        responseTimeUs: amount,
        traceId: z.string(),
        agent: z.string().describe('Name of the agent that saw it.'),
      }),
    )
    .optional()
    .describe('The slowest with a trace, slowest first, at most three.'),
});
const phases = z.object({ warmup: phase, measure: phase });
const checks = z.object({ passes: amount, fails: amount });
const ratio = z
  .object({ hits: count, of: count })
  .refine(({ hits, of }) => hits <= of, { error: 'has more hits than attempts' });
const columns = z.object({
  requests: amounts,
  errors: amounts,
  sumUs: amounts,
  p50Us: amounts,
  p95Us: amounts,
  p99Us: amounts,
  maxUs: amounts,
});
const message = z
  .object({
    id: z.string(),
    params: z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())])),
  })
  .describe('A sentence as data: its id in the catalogues and what it tells of, in base units.');
const severity = z.enum(['fail', 'warn']);
const isDefault = z
  .boolean()
  .optional()
  .describe('Set for a criterion that the plan does not have: it applies by default.');
const threshold = z.union([
  z.object({
    criterion: z.string(),
    severity,
    isDefault,
    status: z.enum(['pass', 'fail']),
    actual: z.number(),
    limit: z.number(),
    unit: z.enum(['us', 'share', 'perSecond', 'count']),
    samples: z.number(),
    baseline: z
      .object({ name: z.string(), value: z.number() })
      .optional()
      .describe('What the limit follows from, in the same unit; only of a criterion that is compared with a baseline.'),
    worstSecond: second.exactOptional(),
  }),
  z.object({ criterion: z.string(), severity, isDefault, status: z.literal('invalid'), reason: z.string(), message }),
]);
export const resultSchema = z.object({
  version: z.literal(RESULT_VERSION),
  toolVersion: z.string(),
  runId: z
    .string()
    .regex(/^[\w-]{1,64}$/, { error: 'must be 1 to 64 letters, digits, - or _' })
    .describe("Names the reports' folder."),
  plan: z.looseObject({ name: z.string() }).describe('As run, in the form of the plan schema.'),
  seed: z.number(),
  command: z.string(),
  startedAt: z.iso.datetime().describe("Control's wall clock at the run start."),
  ending: z.union([
    z.object({ kind: z.literal('completed') }),
    z.object({ kind: z.literal('running').describe('The run goes on: the result is that of its beginning.') }),
    z.object({ kind: z.literal('stopped'), by: z.enum(['request', 'threshold', 'failure']), reason: z.string() }),
  ]),
  warmupUs: amount,
  measuredUs: amount,
  plannedUs: amount,
  control: environment,
  agents: z.array(
    z.object({
      name: z.string(),
      environment,
      requests: sum,
      errors: sum,
      responseTime: histogram,
      clockOffsetUs: z.number(),
      clockUncertaintyUs: z.number(),
      clockMovedUs: z.number().optional(),
      startDelayUs: z.number(),
      processCpuCores: summary,
      hostCpuShare: summary,
      hostMemoryShare: summary,
      processMemoryBytes: summary,
      loopLagUs: summary,
      joinedUs: z.number().default(0),
      missing: z
        .array(z.object({ fromSecond: z.number(), toSecond: z.number(), share: z.number() }))
        .default([])
        .describe('Times in which its share of the load is not known to have been carried out.'),
      closingTotals: z.enum(['agree', 'differ', 'missing']),
    }),
  ),
  targetEnvironment: texts,
  scenarios: z.array(
    z.object({
      name: z.string(),
      executor: z.string(),
      maxVus: z.number(),
      droppedArrivals: z.number(),
      missedArrivals: z.number().optional().describe('Those of the dropped arrivals that agents heard of too late.'),
    }),
  ),
  operations: z.array(
    z.object({
      scenario: z.string(),
      name: z.string(),
      type: z.string(),
      driver: z.string(),
      tags: texts,
      fromScript: z.boolean().optional().describe('Set where a script gave the name while the load ran.'),
      phases,
    }),
  ),
  journeys: z
    .array(z.object({ scenario: z.string(), name: z.string(), phases }))
    .optional()
    .describe('Passes through the flows or scripts of scenarios; a request is a pass.'),
  measures: z
    .array(z.object({ scenario: z.string(), name: z.string(), phases }))
    .optional()
    .describe('Spans that scripts measured; a request is a span.'),
  checks: z
    .array(z.object({ scenario: z.string(), name: z.string(), phases: z.object({ warmup: checks, measure: checks }) }))
    .optional()
    .describe('How often what scripts check held, and how often it did not.'),
  timings: z.array(z.object({ name: z.string(), phases: z.object({ warmup: histogram, measure: histogram }) })),
  ratios: z
    .array(
      z.object({
        name: z.string(),
        phases: z.object({ warmup: ratio, measure: ratio }),
        voidReason: z.string().optional().describe('Why it says nothing, whatever was counted.'),
      }),
    )
    .optional()
    .describe('Hits of attempts that drivers counted, such as the true neighbours that searches found.'),
  timeline: z
    .object({
      vus: amounts,
      droppedArrivals: amounts,
      all: columns,
      operations: z.array(columns),
      journeys: z.array(columns).optional(),
      measures: z.array(columns).optional(),
      ratios: z.array(z.object({ hits: amounts, of: amounts })).optional(),
      responseTimes: z.array(histogram).max(MAX_SECONDS),
      agentCpuCores: amounts,
      loopLagUs: amounts,
    })
    .describe('An entry per second since the run start.'),
  monitors: z.array(z.object({ name: z.string(), seconds, values })),
  reconciliations: z.array(z.object({ driver: z.string(), reconciliation: reconciliationSchema })),
  unverified: z
    .array(z.string())
    .optional()
    .describe('Drivers that should have compared writes with rows, and could not.'),
  events: z.array(z.object({ atUs: z.number(), text: z.string() })),
  loadChanges: z
    .array(
      z.discriminatedUnion('kind', [
        z.object({
          kind: z.literal('level'),
          atUs: z.number(),
          scenario: count,
          level: z.number(),
          rampUs: amount
            .optional()
            .describe('How long it took to get there. Not in older results, nor where it was at once.'),
        }),
        z.object({ kind: z.literal('pause'), atUs: z.number() }),
        z.object({ kind: z.literal('resume'), atUs: z.number() }),
      ]),
    )
    .default([])
    .describe('Changes of the load that people made while it ran.'),
  baseline: z
    .object({ name: z.string(), runIds: z.array(z.string()) })
    .optional()
    .describe('What the run was to be compared with.'),
  search: z
    .object({
      scenario: z.string(),
      of: z.enum(['vus', 'rate']),
      criteria: z.array(z.string()).describe('What each level was judged by.'),
      levels: z.array(searchedLevelSchema),
      isComplete: z.boolean().describe('False where the run ended before there was nothing more to try.'),
    })
    .optional()
    .describe('The levels of a search for the greatest load, in the order in which they were held.'),
  comparison: comparisonSchema(message).optional().describe('What the comparison came to.'),
  lossTolerance: z.number().default(0),
  storeProblem: z.string().optional().describe('Why control could not store what agents reported.'),
  validity: z.array(z.object({ name: z.string(), ok: z.boolean(), finding: z.string(), message })),
  thresholds: z.array(threshold),
  verdict: z.object({ kind: z.enum(['pass', 'fail', 'invalid']), reasons: z.array(z.string()) }),
});

/** Fails to compile unless everything that the schema accepts is a result, apart from its plan. */
type Fits<A extends B, B> = A;
export type TakesResults = Fits<Omit<z.output<typeof resultSchema>, 'plan'>, Omit<RunResult, 'plan'>>;

/** The schema as JSON Schema, draft 2020-12. */
export function resultJsonSchema(): unknown {
  return { title: 'A result of bench', ...z.toJSONSchema(resultSchema, { io: 'input', override: describeList }) };
}
