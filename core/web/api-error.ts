import { BenchError, type ErrorDetails } from '../error.ts';
import type { Lang } from '../verdict/messages/lang.ts';
import { spokenIn } from '../verdict/messages/spoken/spoken.ts';
import type { PlanOutline, PlanProblemBody } from './api/bodies.ts';

export interface ApiErrorDetails extends ErrorDetails {
  /** In lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What is wrong with a plan. */
  readonly problems?: readonly PlanProblemBody[];
}

/** How a request failed, for whoever made it. The message is one sentence. */
export class ApiError extends BenchError {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly problems: readonly PlanProblemBody[] | undefined;

  constructor(status: number, message: string, { headers = {}, problems, ...details }: ApiErrorDetails = {}) {
    super('request_failed', message, details);
    this.status = status;
    this.headers = headers;
    this.problems = problems;
  }
}

/** In the language of whoever asked. */
export function problemsIn(problems: readonly PlanProblemBody[], lang: Lang): PlanProblemBody[] {
  return problems.map(({ message, hint, ...place }) => {
    return { ...place, message: spokenIn(message, lang), hint: spokenIn(hint, lang) };
  });
}

/** What was found of a plan, in the language of whoever asked. */
export function judgedIn<Judged extends { readonly outline: PlanOutline | null; readonly problems: PlanProblemBody[] }>(
  judged: Judged,
  lang: Lang,
): Judged {
  const { outline, problems } = judged;
  const notices = outline?.notices.map((notice) => spokenIn(notice, lang)) ?? [];
  return { ...judged, outline: outline && { ...outline, notices }, problems: problemsIn(problems, lang) };
}
