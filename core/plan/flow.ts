import { z } from 'zod';
import type { Pattern } from '../text/pattern.ts';
import { compilePattern } from '../text/pattern.ts';
import { duration, object, positiveDuration, wholeNumber } from './fields.ts';
import { shown } from './messages.ts';

/** How long a virtual user waits within a flow. */
export type FlowPause = number | { readonly uniform: readonly [number, number] } | { readonly exponential: number };

/** What a virtual user's variables must be for a step to be done, or for a repetition to end. */
export type Condition =
  | { readonly variable: string; readonly kind: 'exists'; readonly wanted: boolean }
  | { readonly variable: string; readonly kind: 'equals'; readonly value: string }
  | { readonly variable: string; readonly kind: 'matches'; readonly pattern: Pattern };

/** One step of a flow as read. */
export type ParsedStep = { readonly when: Condition | undefined } & (
  | {
      readonly kind: 'operation';
      readonly driver: string;
      readonly operation: string | undefined;
      readonly name: string | undefined;
      readonly tags: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'pause'; readonly pause: FlowPause }
  | { readonly kind: 'choose'; readonly branches: readonly { readonly weight: number; readonly flow: ParsedFlow }[] }
  | {
      readonly kind: 'repeat';
      /** How often, or with `until` how often at the most. */
      readonly times: number;
      /** Ends the repetition after a round; when it never holds, the pass fails. */
      readonly until: Condition | undefined;
      readonly flow: ParsedFlow;
    }
);

/** Steps, in their order. */
export type ParsedFlow = readonly ParsedStep[];

/** Deeper flows are a slip, such as an alias that holds itself. */
const MAX_DEPTH = 16;
const MAX_TIMES = 1_000_000;
const VARIABLE = /^[A-Za-z_][\w-]*$/;

const variableName = z.string().regex(VARIABLE, {
  error: (issue) => `must be a name of letters, digits, _ and -, not ${shown(issue.input)}`,
});

const scalar = z.union([z.string(), z.number(), z.boolean()], {
  error: (issue) => `must be text, a number, true or false, not ${shown(issue.input)}`,
});

const condition = object({
  variable: variableName.describe('Name of a variable that a step has taken from an answer.'),
  exists: z.boolean().optional().describe('Whether it has a value.'),
  equals: scalar.optional().describe('What its value is.'),
  matches: z.string().min(1).optional().describe('A regular expression in the syntax of RE2.'),
}).transform(({ variable, exists, equals, matches }, context): Condition => {
  const given = [exists, equals, matches].filter((value) => value !== undefined);
  if (given.length !== 1) {
    context.addIssue({ code: 'custom', message: 'must say one of exists, equals or matches' });
    return z.NEVER;
  }
  if (exists !== undefined) return { variable, kind: 'exists', wanted: exists };
  if (equals !== undefined) return { variable, kind: 'equals', value: String(equals) };
  const pattern = compilePattern(matches as string);
  if (typeof pattern !== 'string') return { variable, kind: 'matches', pattern };
  context.addIssue({ code: 'custom', path: ['matches'], message: pattern });
  return z.NEVER;
});

const when = { if: condition.optional().describe('Do the step only then.') };

const operationStep = object({
  driver: z.string().min(1).describe('Name of a driver, as in the operations of a scenario.'),
  operation: z.string().min(1).optional().describe("The driver's operation. Default: its only one."),
  name: z.string().min(1).max(80).optional().describe("Row of the results table. Default: the operation's name."),
  tags: z.record(z.string(), z.string()).default({}).describe('Labels for thresholds and reports.'),
  ...when,
}).transform(({ if: when, ...step }): ParsedStep => {
  return { kind: 'operation', driver: step.driver, operation: step.operation, name: step.name, tags: step.tags, when };
});

const pauseStep = object({
  pause: z
    .union([
      duration,
      object({ uniform: z.tuple([duration, duration]).describe('Equally likely between the two.') }),
      object({ exponential: positiveDuration.describe('Exponentially distributed with this mean.') }),
    ])
    .describe('How long the virtual user waits.'),
  ...when,
}).transform(({ pause, if: when }): ParsedStep => ({ kind: 'pause', pause, when }));

/** A flow, to a depth of {@link MAX_DEPTH}. */
export const flowSchema: z.ZodType<ParsedFlow> = flowAt(1);

function flowAt(depth: number): z.ZodType<ParsedFlow> {
  return z.lazy(() =>
    z
      .array(stepAt(depth), { error: (issue) => `must be a list of steps, not ${shown(issue.input)}` })
      .min(1, { error: 'must hold at least one step' })
      .refine(() => depth <= MAX_DEPTH, { error: `flows are nested more than ${MAX_DEPTH} deep` }),
  );
}

type StepSchemas = Readonly<Record<'driver' | 'pause' | 'choose' | 'repeat', z.ZodType<ParsedStep>>>;

/** The kinds of steps by the key that tells them. */
export const stepSchemas: StepSchemas = stepsAt(1);

function stepsAt(depth: number): StepSchemas {
  const inner = flowAt(depth + 1);
  const chooseStep = object({
    choose: z
      .array(
        object({
          weight: z
            .number()
            .min(0, { error: 'must not be negative' })
            .default(1)
            .describe('Share of this branch, relative to the others.'),
          flow: inner.describe('Its steps.'),
        }),
      )
      .min(1, { error: 'must hold at least one branch', abort: true })
      .refine((branches) => branches.some(({ weight }) => weight > 0), {
        error: 'the weights add up to 0: give at least one branch a weight above 0',
      })
      .describe('Branches, of which one is drawn by weight.'),
    ...when,
  }).transform(({ choose, if: when }): ParsedStep => ({ kind: 'choose', branches: choose, when }));
  const repeatStep = object({
    repeat: wholeNumber(1, MAX_TIMES).describe('How often; with until, how often at the most.'),
    until: condition.optional().describe('Ends the repetition after a round.'),
    flow: inner.describe('The steps to repeat.'),
    ...when,
  }).transform(
    ({ repeat, until, flow, if: when }): ParsedStep => ({ kind: 'repeat', times: repeat, until, flow, when }),
  );
  return { driver: operationStep, pause: pauseStep, choose: chooseStep, repeat: repeatStep };
}

function stepAt(depth: number): z.ZodType<ParsedStep> {
  const kinds: Readonly<Record<string, z.ZodType<ParsedStep>>> = stepsAt(depth);
  // The kind of step is known by its first key: a union would list what is wrong with it as each of the four.
  return z.unknown().transform((value, context): ParsedStep => {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    const kind = isObject ? Object.keys(kinds).find((key) => key in value) : undefined;
    if (kind === undefined) {
      const message = `must be a step with one of ${Object.keys(kinds).join(', ')}, not ${shown(value)}`;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    }
    const parsed = (kinds[kind] as z.ZodType<ParsedStep>).safeParse(value);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) {
      context.addIssue({ code: 'custom', path: [...issue.path], message: issue.message });
    }
    return z.NEVER;
  });
}
