import { BenchError, type ErrorDetails } from '../error.ts';
import type { PlanProblemBody } from './api/bodies.ts';

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
