import { type NetworkFailure, networkFailure } from './network-error.ts';

/** Names of the error codes of HTTP/2 (RFC 9113, 7), by code. */
const NAMES: readonly string[] = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
];

/** A server's announcement that it will close the connection. */
export interface Goaway {
  readonly code: number;
  /** The server has not processed streams with a higher id. */
  readonly lastStream: number;
}

/** The server closed the connection while it owed an answer. */
export const CLOSED_EARLY: NetworkFailure = {
  kind: 'connection_closed',
  reason: 'the server closed the connection before the answer was complete',
};

/** The number of one that has no name. */
export function http2ErrorName(code: number): string {
  return NAMES[code] ?? String(code);
}

/**
 * What the error of a whole connection means.
 * @param goaway what the server had said before, if anything
 */
export function http2Failure(error: NodeJS.ErrnoException, goaway: Goaway | undefined): NetworkFailure {
  const { code = '' } = error;
  if (goaway !== undefined || code === 'ERR_HTTP2_SESSION_ERROR') {
    const name = goaway === undefined ? '' : ` (GOAWAY, ${http2ErrorName(goaway.code)})`;
    return { kind: 'connection_closed', reason: `the server closed the connection${name}` };
  }
  if (code === 'ERR_HTTP2_INVALID_SESSION') return CLOSED_EARLY;
  if (code.startsWith('ERR_HTTP2')) return { kind: 'protocol_error', reason: 'what the server sent is not HTTP/2' };
  return networkFailure(error);
}
