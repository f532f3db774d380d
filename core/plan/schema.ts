import { z } from 'zod';
import { MAX_LIVE_DURATION_US, MAX_VUS } from '../agent-limits.ts';
import { scriptDataSchema } from '../script/data-options.ts';
import { holdsPassword, PASSWORD_IN_PLAN, withoutPassword } from '../secrets/database-url.ts';
import { URL_WITH_REFERENCES } from '../secrets/reference.ts';
import { duration, object, percentage, positiveDuration, positiveRate, rate, wholeNumber } from './fields.ts';
import { flowSchema } from './flow.ts';
import { mustBe, shown } from './messages.ts';
import { paramsSchema } from './params/declaration.ts';

const vus = wholeNumber(1, MAX_VUS).describe('Virtual users.');
const NAME = /^[^\s<>|"'`][^<>|"'`\n\r\t]{0,79}$/;
const name = z
  .string()
  .regex(NAME, { error: (issue) => `must be 1 to 80 characters without quotes, <, > or |, not ${shown(issue.input)}` });

const thinkTime = z
  .union([
    duration.describe('Always this long.'),
    object({ uniform: z.tuple([duration, duration]).describe('Equally likely between the two.') }),
    object({ exponential: positiveDuration.describe('Exponentially distributed with this mean.') }),
    object({
      pacing: positiveDuration.describe('A constant cycle: from start to start, as long as the operation is shorter.'),
    }),
  ])
  .describe('Pause of a virtual user between two operations.');

const operation = object({
  driver: z
    .string()
    .min(1)
    .describe('Name of a driver: built in, from `drivers`, an npm package or a path such as ./my-driver.ts.'),
  operation: z.string().min(1).optional().describe("The driver's operation. Default: its only one."),
  name: name.optional().describe("Row of the results table. Default: the operation's name."),
  weight: z
    .number({ error: (issue) => `must be a number, not ${shown(issue.input)}` })
    .min(0, { error: 'must not be negative' })
    .default(1)
    .describe('Share of this operation, relative to the others of the scenario.'),
  tags: z.record(z.string(), z.string()).default({}).describe('Labels for thresholds and reports.'),
});

const operations = z
  .array(operation)
  .min(1, { error: 'must name at least one operation', abort: true })
  .refine((list) => list.reduce((sum, { weight }) => sum + weight, 0) > 0, {
    error: 'the weights add up to 0: give at least one operation a weight above 0',
  });

const common = {
  startTime: duration.optional().describe("When the scenario begins, from the run's start. Default: 0s."),
  gracefulStop: duration.optional().describe('How long operations in flight may take to end. Default: 30s.'),
  operations: operations.default([]).describe('What virtual users do, one drawn by weight after the other.'),
  flow: flowSchema
    .optional()
    .describe('In place of operations: steps that each virtual user goes through in order, again and again.'),
  user: z
    .string()
    .min(1)
    .optional()
    .describe('In place of operations: path of a module whose default export is made with defineUser.'),
  data: scriptDataSchema.describe('Files for the script, by the name that it uses: user.data.name.'),
  onStart: flowSchema.optional().describe('Steps that each virtual user does once, before all else.'),
  onStop: flowSchema.optional().describe('Steps that each virtual user does once, at its end.'),
  onFailure: z
    .enum(['stop-iteration', 'continue'])
    .optional()
    .describe('What a failed step does to its pass through the flow. Default: stop-iteration.'),
};
const paced = { ...common, thinkTime: thinkTime.optional() };
const maxDuration = positiveDuration.optional().describe('The scenario ends then at the latest. Default: 10m.');
const liveDuration = positiveDuration.refine((us) => us <= MAX_LIVE_DURATION_US, {
  error: 'must be at most 30d, because such a load is kept second by second',
});
const maxVus = vus.describe(
  'Virtual users that take the arrivals; an arrival that finds none free is dropped and counted.',
);
const arrivals = z
  .enum(['uniform', 'poisson'])
  .default('uniform')
  .describe('Evenly spaced, or as independent users arrive.');

const vuStage = object({
  target: wholeNumber(0, MAX_VUS).describe('Virtual users at the end of the stage.'),
  duration: duration.describe('How long the stage lasts.'),
  spawnRate: positiveRate
    .optional()
    .describe('Change by this many per second and then hold. Default: change evenly over the whole stage.'),
});
const rateStage = object({
  target: rate.describe('Operations per second at the end of the stage.'),
  duration: duration.describe('How long the stage lasts.'),
});
/** Far more than people write, and few enough to be judged and drawn each second. */
const MAX_STAGES = 1000;
const MAX_THRESHOLDS = 1000;
const MAX_SCENARIOS = 1000;
const stagesOf = <Stage extends z.ZodType>(stage: Stage) =>
  z.array(stage).min(1, { error: 'must hold at least one stage' }).max(MAX_STAGES);

const scenarioSchemas = {
  'constant-vus': object({
    executor: z.literal('constant-vus'),
    vus,
    duration: positiveDuration.describe('How long its load lasts, beside the warm-up.'),
    spawnRate: positiveRate.optional().describe('Virtual users started per second. Default: all at once.'),
    ...paced,
  }),
  'ramping-vus': object({
    executor: z.literal('ramping-vus'),
    startVus: wholeNumber(0, MAX_VUS).default(0).describe('Virtual users at the start of the first stage.'),
    stages: stagesOf(vuStage).describe('One after the other, each from where the one before ended.'),
    ...paced,
  }),
  'constant-arrival-rate': object({
    executor: z.literal('constant-arrival-rate'),
    rate: positiveRate.describe('Arrivals per second.'),
    duration: positiveDuration.describe('How long its load lasts, beside the warm-up.'),
    maxVus,
    arrivals,
    ...common,
  }),
  'ramping-arrival-rate': object({
    executor: z.literal('ramping-arrival-rate'),
    startRate: rate.default(0).describe('Arrivals per second at the start of the first stage.'),
    stages: stagesOf(rateStage).describe('One after the other, each from where the one before ended.'),
    maxVus,
    arrivals,
    ...common,
  }),
  'shared-iterations': object({
    executor: z.literal('shared-iterations'),
    vus,
    iterations: wholeNumber(1, 1_000_000_000).describe('Operations of all virtual users together.'),
    maxDuration,
    ...paced,
  }),
  'per-vu-iterations': object({
    executor: z.literal('per-vu-iterations'),
    vus,
    iterations: wholeNumber(1, 1_000_000_000).describe('Operations of each virtual user.'),
    maxDuration,
    ...paced,
  }),
  shape: object({
    executor: z.literal('shape'),
    shape: z.string().min(1).describe('Path of a module whose default export is made with defineShape.'),
    load: z
      .enum(['vus', 'rate'])
      .default('vus')
      .describe('What the shape gives: virtual users, or arrivals per second.'),
    maxVus,
    arrivals,
    maxDuration: liveDuration.optional().describe('The scenario ends then at the latest. Default: 10m.'),
    ...paced,
  }),
  'find-max': object({
    executor: z.literal('find-max'),
    of: z
      .enum(['rate', 'vus'])
      .default('rate')
      .describe('What is searched: arrivals per second, or virtual users. Default: rate.'),
    until: z
      .array(z.string())
      .default([])
      .describe(
        "Criteria that each level must meet, beside the plan's thresholds: the answer is the highest that does.",
      ),
    from: positiveRate.default(10).describe('The first level.'),
    to: positiveRate.optional().describe('The highest level. Default: 100,000 per second, or 1,000 virtual users.'),
    precision: percentage
      .optional()
      .describe('How close the answer is to the lowest level that breaks a criterion. Default: 5%.'),
    levelTime: positiveDuration.optional().describe('The longest that a level is held to settle. Default: 30s.'),
    confirm: positiveDuration.optional().describe('How long the answer is held. Default: 60s.'),
    maxVus: maxVus.default(1000),
    arrivals,
    maxDuration: liveDuration.optional().describe('The search ends then at the latest. Default: 1h.'),
    ...paced,
  }),
};

export type ExecutorName = keyof typeof scenarioSchemas;
export const EXECUTOR_NAMES = Object.keys(scenarioSchemas) as ExecutorName[];

const [first, ...others] = Object.values(scenarioSchemas);
const scenario = z.discriminatedUnion('executor', [first as (typeof scenarioSchemas)['constant-vus'], ...others], {
  error: (issue) =>
    issue.code === 'invalid_union'
      ? mustBe(`one of ${EXECUTOR_NAMES.join(', ')}`, (issue.input as { executor?: unknown } | null)?.executor)
      : undefined,
});

const plugin = {
  use: z.string().min(1).optional().describe('Built-in name, npm package or path. Default: the key.'),
  options: z
    .record(z.string(), z.unknown())
    .default({})
    .describe('Options of the plugin: bench plugins describe <name>.'),
};
const driver = object({
  ...plugin,
  operationTimeout: positiveDuration
    .optional()
    .describe(
      'An operation that takes longer fails as operation_timeout, and its virtual user goes on with a new session. Default: 60s; none for drivers with a limit of their own, as all built-in ones have.',
    ),
});
const monitor = object(plugin);
const output = object(plugin);

const threshold = z.union([
  z.string(),
  object({
    criterion: z.string().describe('What must hold, such as "upload p95 < 200ms".'),
    severity: z.enum(['fail', 'warn']).default('fail').describe('What the run comes to when it does not hold.'),
    abort: z.boolean().default(false).describe('Stop the run as soon as it fails.'),
    delay: duration.optional().describe('Do not abort before this much of the measured phase is over.'),
  }),
]);

const report = z.union([
  z.string(),
  object({
    use: z.string().min(1).describe('Built-in name, npm package or path.'),
    options: z.record(z.string(), z.unknown()).default({}).describe('Options of the report.'),
  }),
]);

export const planSchema = object({
  $schema: z.string().optional().describe('For editors; not used.'),
  name: name.describe('What the run is called in reports.'),
  description: z.string().max(10_000).optional().describe('What is tested and why, for the report.'),
  params: paramsSchema
    .default({})
    .describe(`Values that --param name=value gives; \${param.name} stands for them in all other fields.`),
  target: z
    .string()
    .regex(URL_WITH_REFERENCES, {
      error: (issue) =>
        `must be a URL such as http://127.0.0.1:5002, not ${shown(withoutPassword(String(issue.input)))}`,
    })
    .refine((text) => !holdsPassword(text), { error: PASSWORD_IN_PLAN })
    .optional()
    .describe('The system under test; --host replaces it.'),
  seed: wholeNumber(0, Number.MAX_SAFE_INTEGER)
    .default(1)
    .describe('The same seed gives each virtual user the same sequence.'),
  warmup: duration
    .optional()
    .describe('Load at the starting level before the measured phase; not judged. Default: 0s.'),
  drivers: z.record(z.string(), driver).default({}).describe('Drivers with options, by the name that operations use.'),
  scenarios: z
    .record(name, scenario)
    .refine((all) => Object.keys(all).length > 0, { error: 'must hold at least one scenario' })
    .refine((all) => Object.keys(all).length <= MAX_SCENARIOS, { error: `must have at most ${MAX_SCENARIOS} entries` }),
  monitors: z
    .record(name, monitor)
    .default({})
    .describe('Sampled each second during the run, by the name their metrics get.'),
  outputs: z
    .record(name, output)
    .default({})
    .describe('Where the figures of the run go while it goes on, by a name of your own or that of the output.'),
  thresholds: z.array(threshold).max(MAX_THRESHOLDS).default([]).describe('Criteria that the target must meet.'),
  reports: z.array(report).default(['markdown', 'json']).describe('What is written of the result.'),
  capacity: object({
    need: positiveRate.describe('Requests per second that all machines together are to take.'),
    reserve: z
      .number({ error: (issue) => mustBe('a number from 1', issue.input) })
      .min(1, { error: (issue) => mustBe('a number from 1', issue.input) })
      .max(100, { error: (issue) => mustBe('a number up to 100', issue.input) })
      .default(1)
      .describe('How many times as many machines as the need asks for. Default: 1.'),
  })
    .optional()
    .describe('How many machines like the target a need takes, which the report says. Needs steps of load.'),
  samples: z
    .enum(['on', 'off'], { error: (issue) => `must be on or off, not ${shown(issue.input)}` })
    .default('on')
    .describe(
      'Whether the first three failures of each kind are kept in full: request, headers, 1 kB of each body. Default: on.',
    ),
});

/** A plan as its author writes it. */
export type PlanInput = z.input<typeof planSchema>;
/** A parsed plan: defaults filled in, durations in microseconds, rates per second. */
export type ParsedPlan = z.output<typeof planSchema>;
export type ParsedScenario = ParsedPlan['scenarios'][string];

/** `${param.name}` in the place of a number or of true or false. */
type ParamText = `\${param.${string}}`;

/** A value whose parts may be parameters. What a plan's other fields are depends on its executors, so they are written out. */
type WithParams<Value> = Value extends number | boolean
  ? Value | ParamText
  : Value extends object
    ? { [Key in keyof Value]: Key extends 'executor' | 'params' ? Value[Key] : WithParams<Value[Key]> }
    : Value;

/** A plan as a TypeScript module holds it, before its parameters are filled in. */
export type PlanSource = WithParams<PlanInput>;

/** Typed help for plans written as TypeScript modules: `export default definePlan({ … })`. */
export function definePlan(plan: PlanSource): PlanSource {
  return plan;
}
