import { status } from '@grpc/grpc-js';
import { BenchError, type ErrorDetails, errorMessage } from '../../core/error.ts';
import { connectionFault } from './connection-fault.ts';

/** A gRPC status by its name, such as `NOT_FOUND`. */
export type RpcCode = Exclude<keyof typeof status, 'OK'>;

/** How a call failed: thrown by clients, and by handlers to choose what their client sees. The message is one clear sentence. */
export class RpcError extends BenchError {
  override readonly name = 'RpcError';
  declare readonly code: RpcCode;

  constructor(code: RpcCode, message: string, details: ErrorDetails = {}) {
    super(code, message, details);
  }
}

/** What a client's call failed with, as the library tells it. */
export function rpcErrorOf(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  const { code, details } = error as { code?: unknown; details?: unknown };
  const name = typeof code === 'number' ? status[code] : undefined;
  const told = typeof details === 'string' && details !== '' ? details : errorMessage(error);
  if (name === 'UNAVAILABLE' || name === 'DEADLINE_EXCEEDED') {
    const { reason, hint } = connectionFault(told);
    return new RpcError(name, reason, { hint, cause: error });
  }
  return new RpcError(name === undefined || name === 'OK' ? 'UNKNOWN' : (name as RpcCode), told, { cause: error });
}

/** The status travels in a header, which peers limit to 8 kB or so: longer texts would break the call instead. */
const MAX_DETAILS_BYTES = 6000;

/** What a handler threw, as the library sends it. An error that is not an {@link RpcError} is INTERNAL. */
export function statusOf(error: unknown): { code: status; details: string } {
  const code = error instanceof RpcError ? status[error.code] : status.INTERNAL;
  // Ill-formed text (half of a character) cannot be encoded.
  let details = errorMessage(error).toWellFormed();
  while (encodeURI(details).length > MAX_DETAILS_BYTES) {
    details = `${details.slice(0, Math.floor(details.length * 0.9)).toWellFormed()}…`;
  }
  return { code, details };
}
