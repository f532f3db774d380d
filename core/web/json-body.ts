import { ApiError } from './api-error.ts';
import type { WebRequest } from './exchange.ts';

const MAX_BYTES = 1024 * 1024;

/** @throws {ApiError} when it is too large, not sent as JSON, or none */
export async function readJson(request: WebRequest): Promise<unknown> {
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json')
    throw new ApiError(415, 'the body must be JSON: send Content-Type: application/json');
  if (Number(request.headers['content-length'] ?? 0) > MAX_BYTES) throw tooLarge();
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request) {
    const buffer = piece as Buffer;
    bytes += buffer.length;
    if (bytes > MAX_BYTES) throw tooLarge();
    pieces.push(buffer);
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces)));
  } catch {
    throw new ApiError(400, 'the body is no JSON');
  }
}

function tooLarge(): ApiError {
  return new ApiError(413, 'the body is too large: at most 1 MiB is taken');
}
