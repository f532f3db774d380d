import { DEVICE_ID_MAX_CHARACTERS } from './schema.ts';
import type { Upload } from './upload-store.ts';

/** The largest body the upload route reads, in bytes. */
export const BODY_MAX_BYTES = 16_384;

/** One thing wrong with a request: `field` is `device_id`, `test_data`, `body` or `content-type`. */
export interface Problem {
  readonly field: string;
  readonly message: string;
}

/** Reads an upload's body `{"device_id": string, "test_data": number}`; other keys are ignored. All problems at once. */
export function readUpload(contentType: string | null, text: string): Upload | readonly Problem[] {
  if (contentType === null || !isJson(contentType)) {
    const found = contentType === null ? 'it is missing' : `got ${contentType}`;
    return [{ field: 'content-type', message: `must be application/json, ${found}` }];
  }
  if (text === '') return [{ field: 'body', message: 'is empty, must be a JSON object' }];
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return [{ field: 'body', message: 'is not valid JSON' }];
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return [{ field: 'body', message: `must be a JSON object, got ${kindOf(body)}` }];
  }
  const { device_id: deviceId, test_data: testData } = body as Record<string, unknown>;
  const deviceIdProblem = problemOfDeviceId(deviceId);
  const testDataProblem = problemOfTestData(testData);
  if (deviceIdProblem === undefined && testDataProblem === undefined) {
    return { deviceId: deviceId as string, testData: testData as number };
  }
  const problems: Problem[] = [];
  if (deviceIdProblem !== undefined) problems.push({ field: 'device_id', message: deviceIdProblem });
  if (testDataProblem !== undefined) problems.push({ field: 'test_data', message: testDataProblem });
  return problems;
}

function isJson(contentType: string): boolean {
  return contentType === 'application/json' || /^\s*application\/json\s*(;|$)/i.test(contentType);
}

function problemOfDeviceId(value: unknown): string | undefined {
  if (value === undefined) return 'is missing, must be a string of 1 to 50 characters';
  if (typeof value !== 'string') return `must be a string of 1 to 50 characters, got ${kindOf(value)}`;
  if (value === '') return 'is empty, must be a string of 1 to 50 characters';
  const characters = value.length > DEVICE_ID_MAX_CHARACTERS ? [...value].length : value.length;
  if (characters > DEVICE_ID_MAX_CHARACTERS) return `is too long: ${characters} characters, at most 50 are allowed`;
  // A database may cut the text at a NUL and replaces half a surrogate pair: what is stored would not be what was sent.
  if (value.includes('\0') || !value.isWellFormed()) return 'must hold no NUL character and no broken surrogate pair';
  // What the text was decoded from is not known here; in an id this character nearly always replaces bytes of another encoding.
  if (value.includes('\ufffd')) return 'must not contain the character U+FFFD, which replaces bytes that are not UTF-8';
  return undefined;
}

function problemOfTestData(value: unknown): string | undefined {
  if (value === undefined) return 'is missing, must be a finite number';
  if (typeof value !== 'number') return `must be a finite number, got ${kindOf(value)}`;
  return Number.isFinite(value) ? undefined : 'must be a finite number, got one that is too large';
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/**
 * Reads a body of unknown length, and stops reading as soon as it has more than `maxBytes`.
 * @returns the body decoded from UTF-8; undefined when it has more than `maxBytes`
 */
export async function boundedText(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<string | undefined> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  // Returning from the loop cancels the stream.
  for await (const piece of body ?? []) {
    bytes += piece.byteLength;
    if (bytes > maxBytes) return undefined;
    pieces.push(piece);
  }
  return new TextDecoder().decode(Buffer.concat(pieces));
}
