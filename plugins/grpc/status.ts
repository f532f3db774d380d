import { constants } from 'node:http2';

const { NGHTTP2_CANCEL, NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_INADEQUATE_SECURITY, NGHTTP2_REFUSED_STREAM } = constants;

/** Names of the status codes of gRPC, by code (https://grpc.github.io/grpc/core/md_doc_statuscodes.html). */
export const STATUS_NAMES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;

export type StatusName = (typeof STATUS_NAMES)[number];

export function statusCode(name: StatusName): number {
  return STATUS_NAMES.indexOf(name);
}

/** The kind of error that outcomes have for a status: its name in lower case. */
export function kindOf(status: StatusName): string {
  return status.toLowerCase();
}

/** @param text of the trailer grpc-status. Everything that is no status of gRPC counts as UNKNOWN. */
export function parseStatus(text: string): number {
  const code = /^\d{1,2}$/.test(text) ? Number(text) : -1;
  return code in STATUS_NAMES ? code : statusCode('UNKNOWN');
}

/** What an answer of HTTP means that is none of gRPC (https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md). */
export function statusOfHttp(status: number): StatusName {
  switch (status) {
    case 400:
      return 'INTERNAL';
    case 401:
      return 'UNAUTHENTICATED';
    case 403:
      return 'PERMISSION_DENIED';
    case 404:
      return 'UNIMPLEMENTED';
    case 429:
    case 502:
    case 503:
    case 504:
      return 'UNAVAILABLE';
    default:
      return 'UNKNOWN';
  }
}

/**
 * What the reset of a stream means
 * (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#http2-transport-mapping).
 * @param code of HTTP/2 (RFC 9113, 7)
 */
export function statusOfReset(code: number): StatusName {
  switch (code) {
    case NGHTTP2_REFUSED_STREAM:
      return 'UNAVAILABLE';
    case NGHTTP2_CANCEL:
      return 'CANCELLED';
    case NGHTTP2_ENHANCE_YOUR_CALM:
      return 'RESOURCE_EXHAUSTED';
    case NGHTTP2_INADEQUATE_SECURITY:
      return 'PERMISSION_DENIED';
    default:
      return 'INTERNAL';
  }
}
