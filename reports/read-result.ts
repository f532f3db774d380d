import { z } from 'zod';
import { BenchError, errorMessage } from '../core/error.ts';
import { parsePlan } from '../core/plan/parse.ts';
import { formatProblem, PlanError } from '../core/plan/problem.ts';
import { RESULT_VERSION, type RunResult } from '../core/stats/result.ts';
import { printableDocument } from '../core/text/printable.ts';
import { inconsistency, type ResultProblem } from './result-consistency.ts';
import { resultSchema } from './result-schema.ts';

/** A text that is not a result. The message continues after the name of the file: "result.json is cut off …". */
export class ResultError extends BenchError {
  override readonly name = 'ResultError';
  /** The message without what to do with a file. */
  readonly fault: string;

  constructor(fault: string, adviceForFiles = '') {
    super('invalid_result', fault + adviceForFiles);
    this.fault = fault;
  }
}

/**
 * Reads what the report `json` wrote. Every report can be made of a result that it returns.
 * @throws {ResultError} with one sentence that says where, for a text that is cut off, not JSON, of another version of the
 *   format, or damaged
 */
export function readResult(text: string): RunResult {
  return resultOf(parsed(text));
}

/** The runs of a file, and the name of the baseline that it keeps; without a name, where it is the result of one run. */
export interface ReadRuns {
  readonly name: string | undefined;
  readonly runs: readonly RunResult[];
}

/**
 * Reads what {@link baselineFile} made, or a result.
 * @throws {ResultError} as {@link readResult} does
 */
export function readRuns(text: string): ReadRuns {
  const value = parsed(text);
  const kept = keptBaseline.safeParse(value).data;
  if (kept === undefined) return { name: undefined, runs: [resultOf(value)] };
  return { name: kept.baseline, runs: kept.results.map(resultOf) };
}

const keptBaseline = z.object({
  version: z.literal(RESULT_VERSION),
  baseline: z.string(),
  results: z.array(z.unknown()).min(1).readonly(),
});

/** A baseline as a file. */
export function baselineFile(name: string, results: readonly RunResult[]): string {
  const kept = { version: RESULT_VERSION, baseline: name, results } satisfies z.input<typeof keptBaseline>;
  return `${printableDocument(JSON.stringify(kept))}\n`;
}

function resultOf(value: unknown): RunResult {
  const version = typeof value === 'object' && value !== null && 'version' in value ? value.version : undefined;
  if (typeof version !== 'number') {
    throw new ResultError('is not the result of a run: give the result.json that the report "json" writes');
  }
  if (version !== RESULT_VERSION) {
    const hint = version > RESULT_VERSION ? 'use that version of bench, or a later one' : 'use the bench that wrote it';
    throw new ResultError(`has result version ${version}, and this bench reads version ${RESULT_VERSION}: ${hint}`);
  }
  const { data, error } = resultSchema.safeParse(value);
  if (error !== undefined) {
    const [first] = error.issues;
    const others = error.issues.length > 1 ? `, and ${error.issues.length - 1} more` : '';
    throw damaged({ path: first?.path.join('.') ?? '', message: first?.message ?? '' }, others);
  }
  // The parsed data, because they have the fields that older results lack.
  const result: RunResult = { ...data, plan: data.plan as unknown as RunResult['plan'] };
  checkPlan(result);
  const problem = inconsistency(result);
  if (problem !== undefined) throw damaged(problem, '');
  return result;
}

function damaged({ path, message }: ResultProblem, others: string): ResultError {
  const advice = '; copy it again, or write it with `bench report <run>`';
  return new ResultError(`is damaged: ${path}: ${message}${others}`, advice);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (text.trim() === '') throw new ResultError('is empty');
    const isCut = text.trimStart().startsWith('{') && !text.trimEnd().endsWith('}');
    if (isCut)
      throw new ResultError(`is cut off after ${text.length} characters`, ': copy it again, or report from the run');
    const reason = errorMessage(error);
    throw new ResultError(`is not JSON (${reason})`);
  }
}

/** Reports read the plan as well. */
function checkPlan({ plan }: RunResult): void {
  try {
    parsePlan(plan);
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    const [problem] = error.problems;
    throw new ResultError(`holds a plan that this bench cannot read: ${problem && formatProblem(problem)}`);
  }
}
