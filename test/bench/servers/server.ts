export interface Counters {
  /** Requests answered since the start, without those that asked for these counters. */
  readonly served: number;
  /** Connections open now, without the one that asked. */
  readonly connections: number;
}

/** A server on loopback that answers at once, so that the generator is what is measured. */
export interface LoadedServer {
  /** Such as `nginx, one worker`. */
  readonly name: string;
  /** Such as `http://127.0.0.1:4321`. */
  readonly url: string;
  counters(): Promise<Counters>;
  end(): Promise<void>;
}

/** What every server answers, status 200: the documented answer to an upload, and good enough for a health check. */
export const ANSWER = '{"code":200,"msg":"ok"}';
/** What every server answers when asked for stored rows: nothing is stored behind it. */
export const NO_ROWS = '{"total":0,"devices":{}}';
export const UPLOAD_PATH = '/api/test/upload';
export const COUNT_PATH = '/api/test/upload/count';
export const COUNTERS_PATH = '/benchmark/counters';
/** Answers with a token to send in a header from then on, and a cookie. */
export const SESSION_PATH = '/session';
export const SESSION_COOKIE = 'sid=0123456789abcdef; Path=/; HttpOnly';
export const SESSION_ANSWER = '{"code":200,"data":{"token":"eyJhbGciOiJIUzI1NiJ9.c2hvcHBlcg.0123456789abcdef"}}';
