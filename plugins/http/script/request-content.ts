import type { HttpRequestOptions } from '../../../core/script/http.ts';
import type { RequestShape } from '../exchange.ts';
import type { RequestBody } from './request-body.ts';

/** What makes up one request. */
export interface RequestContent {
  readonly method: string;
  /** As it is sent, with its query. */
  readonly path: string;
  readonly headers: HttpRequestOptions['headers'];
  readonly body: RequestBody | undefined;
  readonly shape: RequestShape;
}
