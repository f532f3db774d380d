import type { RandomStream } from '../../../core/plan/random.ts';
import type { HttpRequestOptions, MultipartValue, QueryValue } from '../../../core/script/http.ts';
import { writeJson } from '../../../core/text/exact-json.ts';
import { byteString } from '../../data/template.ts';
import { formComponent } from '../body/form-encoding.ts';
import { dispositionValue, type MultipartPart, multipartPieces } from '../body/multipart-encoding.ts';
import { RequestProblem } from './request-problem.ts';

/** A body with one character for each byte, and what it is. */
export interface RequestBody {
  readonly text: string;
  readonly contentType: string;
  /** No header may give another content type: this one holds the boundary of the parts. */
  readonly ownsContentType?: boolean;
}

/** A media type with its parameters (RFC 9110, 8.3.1), roughly: nothing that ends the line. */
const CONTENT_TYPE = /^[!-~]+\/[!-~]+( *;[ -~]*)?$/;
const BOUNDARY_CHARACTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
/** Characters of the boundary of a multipart body: 36^24 boundaries are enough never to meet one within a part. */
const BOUNDARY_LENGTH = 24;

/** @throws {RequestProblem} when JSON cannot say it: it refers to itself, for example */
export function jsonBody(value: unknown): RequestBody {
  if (value instanceof Promise) throw new RequestProblem('json cannot be written: it is a promise, await it first');
  let text: string | undefined;
  try {
    text = writeJson(value);
  } catch (error) {
    const isCircle = error instanceof TypeError && /circular|cyclic/i.test(error.message);
    const reason = isCircle ? 'it contains itself' : error instanceof Error ? error.message : String(error);
    throw new RequestProblem(`json cannot be written: ${reason}`);
  }
  if (text === undefined) throw new RequestProblem(`json cannot be written: it is ${typeof value}`);
  return { text: byteString(text), contentType: 'application/json' };
}

/** @throws {RequestProblem} when it is neither text nor bytes */
export function plainBody(body: string | Uint8Array): RequestBody {
  if (typeof body === 'string') return { text: byteString(body), contentType: 'text/plain' };
  if (!(body instanceof Uint8Array)) {
    throw new RequestProblem('body is neither text nor bytes (a Uint8Array): send other values as json');
  }
  return { text: latin1(body), contentType: 'application/octet-stream' };
}

export function formBody(form: NonNullable<HttpRequestOptions['form']>): RequestBody {
  let text = '';
  for (const name in form) {
    for (const value of listOf<QueryValue>('form', name, form[name])) {
      text += `${text === '' ? '' : '&'}${formComponent(name)}=${formComponent(String(value))}`;
    }
  }
  return { text, contentType: 'application/x-www-form-urlencoded' };
}

/** @param random of the virtual user, for the boundary: the same seed sends the same bytes */
export function multipartBody(
  multipart: NonNullable<HttpRequestOptions['multipart']>,
  random: RandomStream,
): RequestBody {
  const parts: MultipartPart<string>[] = [];
  for (const name in multipart) {
    for (const value of listOf<MultipartValue>('multipart', name, multipart[name])) parts.push(partOf(name, value));
  }
  let boundary = 'bench-';
  for (let i = 0; i < BOUNDARY_LENGTH; i++) boundary += BOUNDARY_CHARACTERS[random.integer(BOUNDARY_CHARACTERS.length)];
  return {
    text: multipartPieces(parts, boundary).join(''),
    contentType: `multipart/form-data; boundary=${boundary}`,
    ownsContentType: true,
  };
}

function partOf(name: string, value: MultipartValue): MultipartPart<string> {
  const part = { name: byteString(dispositionValue(name)) };
  if (typeof value !== 'object') {
    return { ...part, filename: undefined, contentType: undefined, content: byteString(String(value)) };
  }
  const { content, filename, contentType } = value;
  if (typeof content !== 'string' && !(content instanceof Uint8Array)) {
    throw new RequestProblem(`multipart.${name}.content is neither text nor bytes (a Uint8Array)`);
  }
  if (contentType !== undefined && !CONTENT_TYPE.test(contentType)) {
    throw new RequestProblem(`multipart.${name}.contentType is no content type such as image/png`);
  }
  return {
    ...part,
    filename: filename === undefined ? undefined : byteString(dispositionValue(filename)),
    contentType: contentType ?? (filename === undefined ? undefined : 'application/octet-stream'),
    content: typeof content === 'string' ? byteString(content) : latin1(content),
  };
}

function listOf<T>(option: string, name: string, value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  if (value === null) throw new RequestProblem(`${option}.${name} is null: leave the field out`);
  return [value as T];
}

function latin1({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
}
