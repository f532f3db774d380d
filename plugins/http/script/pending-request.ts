import type { HttpAnswer, HttpRequestOptions } from '../../../core/script/http.ts';
import type { Checks } from '../checks.ts';
import type { RequestBody } from './request-body.ts';
import type { RequestContent } from './request-content.ts';
import type { ScriptAnswer } from './script-answer.ts';

/** A request of a script from its call to its answer. */
export interface PendingRequest extends RequestContent {
  readonly method: string;
  readonly path: string;
  readonly headers: HttpRequestOptions['headers'];
  readonly body: RequestBody | undefined;
  readonly checks: Checks;
  /** All that is sent, where it is known beforehand and no cookies are to be sent. */
  readonly bytes: Buffer | undefined;
  readonly row: number;
  readonly signal: AbortSignal;
  readonly answer: ScriptAnswer;
  /** On the clock of whoever counts requests, in microseconds. */
  dueUs: number;
  resolve: (answer: HttpAnswer) => void;
  reject: (error: unknown) => void;
}
