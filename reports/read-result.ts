import { BenchError, type ErrorDetails, errorMessage } from '../core/error.ts';
import { parsePlan } from '../core/plan/parse.ts';
import { formatProblem, PlanError } from '../core/plan/problem.ts';
import { RESULT_VERSION, type RunResult } from '../core/stats/result.ts';
import { resultSchema } from './result-schema.ts';

/** A text that is no result; the message goes on after the file's name: "result.json is cut off …". */
export class ResultError extends BenchError {
  override readonly name = 'ResultError';

  constructor(message: string, details: ErrorDetails = {}) {
    super('invalid_result', message, details);
  }
}

/**
 * Reads what the report `json` wrote.
 * @throws {ResultError} for a text that is cut off, no JSON, from a newer version, or no result
 */
export function readResult(text: string): RunResult {
  const value = parsed(text);
  const version = typeof value === 'object' && value !== null && 'version' in value ? value.version : undefined;
  if (typeof version !== 'number') {
    throw new ResultError('is no result of a run: give the result.json that the report "json" writes');
  }
  if (version !== RESULT_VERSION) {
    const hint = version > RESULT_VERSION ? 'use that version of bench, or a later one' : 'use the bench that wrote it';
    throw new ResultError(`has result version ${version}, and this bench reads version ${RESULT_VERSION}: ${hint}`);
  }
  const { error } = resultSchema.safeParse(value);
  if (error !== undefined) {
    const [first] = error.issues;
    const others = error.issues.length > 1 ? `, and ${error.issues.length - 1} more` : '';
    throw new ResultError(`is not as bench writes it: ${first?.path.join('.')}: ${first?.message}${others}`);
  }
  const result = value as RunResult;
  checkPlan(result);
  return result;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (text.trim() === '') throw new ResultError('is empty');
    const isCut = text.trimStart().startsWith('{') && !text.trimEnd().endsWith('}');
    if (isCut)
      throw new ResultError(`is cut off after ${text.length} characters: copy it again, or report from the run`);
    const reason = errorMessage(error);
    throw new ResultError(`is no JSON (${reason})`);
  }
}

/** Reports read the plan too. */
function checkPlan({ plan }: RunResult): void {
  try {
    parsePlan(plan);
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    const [problem] = error.problems;
    throw new ResultError(`holds a plan that this bench cannot read: ${problem && formatProblem(problem)}`);
  }
}
