import type { AnswerChecks } from '../../../core/script/http.ts';
import { nearest } from '../../../core/text/nearest.ts';
import { Checks, type ChecksOptions } from '../checks.ts';
import { RequestProblem } from './request-problem.ts';

const KEYS: readonly string[] = ['status', 'headers', 'body'];
const BODY_KEYS: readonly string[] = ['contains', 'matches', 'json'];
const STATUS_CLASS = /^[1-5]xx$/;

/** The checks of requests that name none. */
export const DEFAULT_CHECKS = new Checks();

/** @throws {RequestProblem} for a check that there is not */
export function answerChecks(given: AnswerChecks): Checks {
  refuseUnknown('checks', given, KEYS);
  const { status, headers, body } = given;
  if (status !== undefined && !isStatus(status)) {
    throw new RequestProblem(`checks.status is no status such as 200, no list of them and no class such as '2xx'`);
  }
  if (body !== undefined) refuseUnknown('checks.body', body, BODY_KEYS);
  const matches = body?.matches;
  if (matches !== undefined && !(matches instanceof RegExp)) {
    throw new RequestProblem('checks.body.matches is no regular expression such as /total/');
  }
  return new Checks({
    ...(status !== undefined && { status: status as ChecksOptions['status'] }),
    ...(headers !== undefined && { headers: { ...headers } }),
    ...(body !== undefined && { body: { ...body, matches: matches && stateless(matches) } as ChecksOptions['body'] }),
  });
}

function isStatus(status: unknown): boolean {
  if (Array.isArray(status)) return status.length > 0 && status.every((one) => Number.isInteger(one));
  return typeof status === 'string' ? STATUS_CLASS.test(status) : Number.isInteger(status);
}

/** With these flags, a regular expression would go on where its last match ended. */
function stateless(pattern: RegExp): RegExp {
  return /[gy]/.test(pattern.flags) ? new RegExp(pattern.source, pattern.flags.replaceAll(/[gy]/g, '')) : pattern;
}

function refuseUnknown(what: string, given: object, known: readonly string[]): void {
  for (const key in given) {
    if (known.includes(key)) continue;
    const guess = nearest(key, known);
    throw new RequestProblem(
      `${what} has no ${key}; ${guess ? `did you mean ${guess}?` : `there are ${known.join(', ')}`}`,
    );
  }
}
