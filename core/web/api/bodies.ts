/**
 * What requests and answers of the HTTP API hold. A request with a field that is not known is refused: ignored, one that is spelled
 * wrong would start the load of the plan in place of the one that was asked for.
 */
import { z } from 'zod';
import { MAX_NOTE_CHARACTERS, MAX_RUN_TAGS, RUN_TAG } from '../../control/run/run-notes.ts';
import { object } from '../../plan/fields.ts';
import { comparisonSchema } from '../../verdict/compare/comparison-schema.ts';
import { failure, liveAgent, runEvent } from './run-events.ts';
import { runSummary } from './run-summary.ts';

const planProblem = z
  .object({
    line: z.number().nullable().describe('Of the text that was sent or of the file; null when there is none.'),
    path: z.string().describe('Such as `scenarios.devices.stages[2].duration`; empty for the plan as a whole.'),
    message: z.string(),
    hint: z.string().describe('What to do; often part of the message, and then empty.'),
  })
  .meta({ id: 'PlanProblem' });

/** RFC 9457, with `application/problem+json`. */
export const problem = z
  .object({
    type: z.string().describe('`about:blank`, or `urn:bench:invalid-plan`.'),
    title: z.string(),
    status: z.number(),
    detail: z.string().describe('What is wrong and what to do, for people.'),
    problems: z.array(planProblem).optional().describe('Of an invalid plan.'),
  })
  .meta({ id: 'Problem' });

const role = z.enum(['viewer', 'operator']);

export const sessionRequest = object({ token: z.string().max(100) }).meta({ id: 'SessionRequest' });
export const session = z
  .object({
    role: role.nullable().describe('Null for whoever has to log in.'),
    login: z.enum(['none', 'token']).describe('`none` on loopback, where nobody has to log in.'),
    expiresAt: z.string().nullable(),
  })
  .meta({ id: 'Session' });

export const info = z
  .object({
    v: z.literal(1),
    version: z.string(),
    role,
    canStart: z.boolean().describe('Whether this control takes new runs from here, and the caller may start them.'),
    hasPlans: z.boolean().describe('Whether there is a folder of plans.'),
    reports: z.array(z.string()).describe('Formats for `…/reports/{format}`.'),
    languages: z.array(z.string()),
    agents: z.object({ here: z.number(), idle: z.number() }),
    now: z.string().describe('RFC 3339, the clock of control.'),
  })
  .meta({ id: 'Info' });

/** A parameter that a plan leaves open. */
const param = z.object({ name: z.string(), kind: z.string(), default: z.string().nullable(), description: z.string() });

const planOutline = z
  .object({
    name: z.string(),
    target: z.string(),
    plannedUs: z.number(),
    warmupUs: z.number(),
    scenarios: z.array(
      z.object({
        name: z.string(),
        executor: z.string(),
        operations: z.array(z.string()),
        level: z
          .number()
          .nullable()
          .describe('The highest level of its load; null where a module says how high it gets.'),
        of: z.enum(['vus', 'rate']),
      }),
    ),
    thresholds: z.array(z.string()),
    params: z.array(param),
    notices: z.array(z.string()).describe('What the overrides made of the load, and doubts; a sentence each.'),
  })
  .meta({ id: 'PlanOutline' });

export const plans = z
  .object({
    plans: z.array(
      z.object({
        file: z.string().describe('From the folder of plans, with `/`.'),
        outline: planOutline.nullable().describe('Null for a plan with problems.'),
        problems: z.array(planProblem),
      }),
    ),
  })
  .meta({ id: 'Plans' });

/** The values that Locust's form has, and what plans are filled in with. */
export const overrides = object({
  vus: z.int().min(1).max(1_000_000).optional().describe('Virtual users at the peak, as `--vus`.'),
  spawnRate: z.number().positive().max(1_000_000).optional().describe('Users per second until they are all there.'),
  runTime: z.string().min(1).max(20).optional().describe('Such as `90s` or `10m`, as `--duration`.'),
  host: z.string().min(1).max(2000).optional().describe('The target.'),
  seed: z.int().min(0).optional(),
  params: z.record(z.string(), z.string()).optional(),
}).meta({ id: 'Overrides' });

/** Characters of a plan that is sent. YAML takes a second of CPU for 300 kB, and control reads it between everything else. */
const MAX_SENT_PLAN = 256 * 1024;

/** Exactly one of `file` and `text`. */
const planSource = {
  file: z.string().max(500).optional().describe('Of the folder of plans.'),
  text: z.string().max(MAX_SENT_PLAN).optional().describe('The plan itself, YAML or JSON.'),
  overrides: overrides.optional(),
};

export const planCheckRequest = object(planSource).meta({ id: 'PlanCheckRequest' });
export const planCheck = z
  .object({ ok: z.boolean(), outline: planOutline.nullable(), problems: z.array(planProblem) })
  .meta({ id: 'PlanCheck' });

/** The limits of tags are described here and checked with the notes, whose message says which tag is wrong. */
const notes = {
  note: z.string().max(MAX_NOTE_CHARACTERS).optional(),
  tags: z
    .array(z.string().meta({ pattern: RUN_TAG.source }))
    .meta({ maxItems: MAX_RUN_TAGS })
    .optional()
    .describe(
      'Labels of the run, not the tags of requests that criteria select by. Each has 1 to 50 letters, digits and . _ : / = - and begins with a letter or digit.',
    ),
};

/** What is left out stays as it is; one of the two must be there. */
export const runChange = object(notes).meta({ id: 'RunChange', minProperties: 1 });

export const startRequest = object({
  ...planSource,
  ...notes,
  agents: object({
    expect: z.int().min(0).max(100_000).optional().describe('How many to wait for; 0 takes those that are there.'),
    labels: z.record(z.string(), z.string()).optional(),
    elastic: z.boolean().optional().describe('Agents that join later take a share of the load.'),
  }).optional(),
}).meta({ id: 'StartRequest' });
export const started = z.object({ runId: z.string(), url: z.string() }).meta({ id: 'Started' });

export const stopRequest = object({
  abort: z.boolean().optional().describe('Cuts off what is in flight; otherwise it may end.'),
  reason: z.string().max(500).optional(),
}).meta({ id: 'StopRequest' });

/** One of: a level with `vus` or `rate`; `pause`; `resume`. */
export const loadRequest = object({
  scenario: z.string().max(200).optional().describe('Left out: the only one of the plan.'),
  vus: z.int().min(0).max(1_000_000).optional(),
  rate: z.number().min(0).max(10_000_000).optional(),
  spawnRate: z
    .number()
    .positive()
    .max(10_000_000)
    .optional()
    .describe(
      'How many users, or arrivals per second, come or go each second until the level is reached; at once without it.',
    ),
  pause: z.literal(true).optional(),
  resume: z.literal(true).optional(),
}).meta({ id: 'LoadRequest' });
export const loadAnswer = z.object({ atUs: z.number() }).meta({ id: 'LoadAnswer' });

export const cleanup = z.object({ done: z.array(z.string()), problems: z.array(z.string()) }).meta({ id: 'Cleanup' });

export const nothing = object({}).meta({ id: 'Nothing' });

export const reportList = z
  .object({ reports: z.array(z.object({ format: z.string(), files: z.array(z.string()) })) })
  .meta({ id: 'ReportList' });

export const runList = z
  .object({
    runs: z.array(runSummary).describe('The newest first.'),
    after: z.string().nullable().describe('To be given as `after` for those that follow; null at the end.'),
  })
  .meta({ id: 'RunList' });

export const run = runSummary
  .extend({
    isLive: z.boolean().describe('Whether this control runs it now.'),
    reports: z.record(z.string(), z.string()).describe('Addresses of the reports by format; empty without a result.'),
  })
  .meta({ id: 'Run' });

export const runPlan = z
  .object({ plan: z.unknown().describe('As run: overrides applied, secrets as references.') })
  .meta({ id: 'RunPlan' });

export const failures = z.object({ failures: z.array(failure) }).meta({ id: 'Failures' });

const numbers = z.array(z.number());
const columns = z.object({
  requests: numbers,
  errors: numbers,
  avgUs: numbers,
  p50Us: numbers,
  p95Us: numbers,
  p99Us: numbers,
  maxUs: numbers,
});

/** The run so far, for charts. Each column has one entry for each step. */
export const timeline = z
  .object({
    from: z.number().describe('First second.'),
    to: z.number().describe('Last second, included; less than `from` when there is none yet.'),
    step: z.number().describe('Seconds of each entry; the last one may have fewer.'),
    vus: numbers.describe('The highest of the step.'),
    dropped: numbers.describe('In the step.'),
    all: columns.describe(
      'Counts are per second on average. With a step of more than one second, percentiles of `all` are merged exactly; those of operations are the highest of its seconds.',
    ),
    operations: z
      .array(z.object({ index: z.number(), scenario: z.string(), type: z.string(), name: z.string(), columns }))
      .describe('Those that were asked for with `operations=0,3` or `operations=all`; without it none.'),
    journeys: z.array(z.object({ index: z.number(), scenario: z.string(), name: z.string(), columns })),
    heat: z
      .array(z.object({ indices: numbers, counts: numbers }))
      .describe('Response times of all requests in each step.'),
    agentCpuCores: numbers,
    loopLagUs: numbers,
    monitors: z.array(z.object({ name: z.string(), values: z.array(z.number().nullable()) })),
    events: z.array(runEvent),
    loadChanges: z.array(
      z.object({
        atUs: z.number(),
        kind: z.enum(['level', 'pause', 'resume']),
        scenario: z.string().nullable(),
        of: z.enum(['vus', 'rate']).nullable(),
        level: z.number().nullable(),
        rampUs: z.number().describe('How long it takes to get there; 0 is at once.'),
      }),
    ),
  })
  .meta({ id: 'Timeline' });

export const agentList = z
  .object({
    agents: z.array(
      z.object({
        name: z.string(),
        host: z.string(),
        os: z.string(),
        runtime: z.string(),
        cpus: z.number(),
        memoryBytes: z.number(),
        labels: z.record(z.string(), z.string()),
        runId: z.string().nullable().describe('Null when it is idle.'),
      }),
    ),
    after: z.string().nullable(),
  })
  .meta({ id: 'AgentList' });

export const runAgents = z
  .object({ agents: z.array(liveAgent), after: z.string().nullable() })
  .meta({ id: 'RunAgents' });

/** Events of `GET /api/v1/events`, at most each second. */
export const pageEvents = {
  /** A run is new, or has another state or other notes. */
  run: runSummary,
  deleted: z.object({ runId: z.string() }).meta({ id: 'DeletedRun' }),
  agents: z.object({ here: z.number(), idle: z.number() }).meta({ id: 'AgentCounts' }),
} as const;

/** Event `line` of `GET /api/v1/log`: the last 1,000 first, then those that come. */
export const logLine = z
  .object({ at: z.string(), level: z.enum(['info', 'warn', 'error']), text: z.string(), runId: z.string().nullable() })
  .meta({ id: 'LogLine' });

const message = z
  .object({
    id: z.string().describe('Stable, such as `compare.one-run`.'),
    params: z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())])).describe('In base units.'),
    text: z.string().describe('The sentence, in the language asked for.'),
  })
  .meta({ id: 'Message' });

/** What a comparison of runs came to, as `bench compare --report json` writes it. */
export const comparison = z
  .object({ version: z.literal(1), ...comparisonSchema(message).shape })
  .meta({ id: 'Comparison' });

export type PlanProblemBody = z.infer<typeof planProblem>;
export type PlanOutline = z.infer<typeof planOutline>;
export type Overrides = z.infer<typeof overrides>;
