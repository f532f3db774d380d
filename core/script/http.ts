/** What a script, or a driver of one's own, sends HTTP requests with, and what comes back. This is public API. */
import type { Outcome } from '../outcome.ts';

/**
 * The HTTP client of one virtual user. A path such as `/items?page=2` is appended to the target; a whole URL goes to any
 * server. There is one connection for each server, so requests to the same one that are begun together are sent one after
 * the other.
 *
 * A failed request is an answer with `ok: false` and does not throw: call {@link HttpAnswer.orThrow} where the rest makes no
 * sense without it. A call that cannot be a request at all, such as one with a header that has a line break, rejects with a
 * `PluginError`.
 */
export interface Http {
  get(url: string, options?: HttpRequestOptions): Promise<HttpAnswer>;
  head(url: string, options?: HttpRequestOptions): Promise<HttpAnswer>;
  post(url: string, options?: HttpRequestOptions): Promise<HttpAnswer>;
  put(url: string, options?: HttpRequestOptions): Promise<HttpAnswer>;
  patch(url: string, options?: HttpRequestOptions): Promise<HttpAnswer>;
  delete(url: string, options?: HttpRequestOptions): Promise<HttpAnswer>;
  options(url: string, options?: HttpRequestOptions): Promise<HttpAnswer>;
  /** @param method such as `PROPFIND` */
  request(method: string, url: string, options?: HttpRequestOptions): Promise<HttpAnswer>;
}

/** A request; of `json`, `form`, `multipart` and `body` there may be one. */
export interface HttpRequestOptions {
  /** Appended to the URL, percent-encoded; a list repeats its name, and undefined is left out. */
  readonly query?: Readonly<Record<string, QueryValue | readonly QueryValue[] | undefined>> | undefined;
  /** They override those of the driver; undefined is left out. */
  readonly headers?: Readonly<Record<string, string | number | undefined>> | undefined;
  /** Anything that `JSON.stringify` can write; a bigint is written as its digits. */
  readonly json?: unknown;
  /** Sent as `application/x-www-form-urlencoded`. */
  readonly form?: Readonly<Record<string, QueryValue | readonly QueryValue[] | undefined>> | undefined;
  /** Sent as `multipart/form-data`. */
  readonly multipart?: Readonly<Record<string, MultipartValue | readonly MultipartValue[] | undefined>> | undefined;
  /** Text, sent as `text/plain` in UTF-8, or bytes. */
  readonly body?: string | Uint8Array | undefined;
  /**
   * The row of the results that the request is counted in, and its name in messages. Without it, the method and the path
   * without its query, such as `GET /items`: give one where a path holds an id. An agent has at most 1,000 names.
   */
  readonly name?: string | undefined;
  /** Tags of the row, for thresholds; those of the first request of a name count. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Time limit for the complete answer, with a unit, such as `5s`. Default: that of the driver. */
  readonly timeout?: string | undefined;
  /** What the answer has to be; an answer that is not fails. Default: a status from 200 to 399. */
  readonly checks?: AnswerChecks | undefined;
  /** How much of the body is kept, in bytes; {@link HttpAnswer.text} and the like throw for a larger one. Default: 1 MiB. */
  readonly maxBodyBytes?: number | undefined;
  /** Cuts the request off. A driver of one's own hands over what its `send` got; a script needs none. */
  readonly signal?: AbortSignal | undefined;
}

export type QueryValue = string | number | bigint | boolean;

/** A field, or a file. */
export type MultipartValue =
  | QueryValue
  | {
      /** Text in UTF-8, or bytes. */
      readonly content: string | Uint8Array;
      /** Makes it a file of this name. */
      readonly filename?: string | undefined;
      /** Default: `application/octet-stream` for a file, none for a field. */
      readonly contentType?: string | undefined;
    };

/** What an answer has to be. */
export interface AnswerChecks {
  /** One status, several, or a class of them. */
  readonly status?: number | readonly number[] | `${1 | 2 | 3 | 4 | 5}xx` | undefined;
  /** What the values of these headers contain. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?:
    | {
        readonly contains?: string | undefined;
        readonly matches?: RegExp | undefined;
        /** Values by their paths, such as `'data.items[0].id': 7`. */
        readonly json?: Readonly<Record<string, string | number | boolean | null>> | undefined;
      }
    | undefined;
}

/** What came of a request. It is an {@link Outcome}, so a driver's `send` may return it as it is. */
export interface HttpAnswer extends Outcome {
  /** Where it was sent, after redirects that were followed. */
  readonly url: string;
  readonly headers: AnswerHeaders;
  readonly timings: AnswerTimings;
  /** The body as text in UTF-8. @throws {PluginError} when there is none, or not all of it was kept */
  text(): string;
  /**
   * The body, read as `JSON.parse` does, except that integers beyond ±(2^53 − 1) are bigints instead of being rounded.
   * @throws {PluginError} when it is not JSON, and as {@link text} does
   */
  json<T = unknown>(): T;
  /** The body, decompressed where it was compressed. @throws {PluginError} as {@link text} does */
  bytes(): Uint8Array;
  /** The answer itself, where the request has not failed. @throws {PluginError} with the reason, where it has */
  orThrow(): this;
}

/** The header fields of an answer. Names are without case; there are none where no answer came. */
export interface AnswerHeaders {
  /** All values of that name, joined with a comma; undefined when there is none. */
  get(name: string): string | undefined;
  /** One value for each line of that name, in their order. Use it for `Set-Cookie`, whose values hold commas. */
  getAll(name: string): readonly string[];
  /** Name, in lower case, and value of each line. */
  entries(): readonly (readonly [name: string, value: string])[];
}

/** Where the time of a request went, in milliseconds. */
export interface AnswerTimings {
  /** From when it was sent until the answer was complete. */
  readonly durationMs: number;
  /** From when the script asked for it until it was sent: it waited for another request of the same virtual user. */
  readonly waitedMs: number;
}
