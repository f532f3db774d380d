import type { RandomStream } from '../../../core/plan/random.ts';
import type { HttpRequestOptions } from '../../../core/script/http.ts';
import { nearest } from '../../../core/text/nearest.ts';
import { lowerName } from './own-headers.ts';
import { formBody, jsonBody, multipartBody, plainBody, type RequestBody } from './request-body.ts';
import { RequestProblem } from './request-problem.ts';

const OPTIONS: readonly (keyof HttpRequestOptions)[] = [
  'query',
  'headers',
  'json',
  'form',
  'multipart',
  'body',
  'name',
  'tags',
  'timeout',
  'checks',
  'maxBodyBytes',
  'signal',
];

/** @throws {RequestProblem} for an option that there is not, and for two bodies */
export function checkOptions(options: HttpRequestOptions): void {
  let body: string | undefined;
  for (const key in options) {
    switch (key) {
      case 'json':
      case 'form':
      case 'multipart':
      case 'body':
        if (options[key] === undefined) break;
        if (body !== undefined) throw new RequestProblem(`it has both ${body} and ${key}: give one of them`);
        body = key;
        break;
      case 'query':
      case 'headers':
      case 'name':
      case 'tags':
      case 'timeout':
      case 'checks':
      case 'maxBodyBytes':
      case 'signal':
        break;
      default:
        throw new RequestProblem(unknownOption(key));
    }
  }
}

/** @throws {RequestProblem} when the body cannot be written */
export function bodyOf(options: HttpRequestOptions, random: RandomStream): RequestBody | undefined {
  if (options.json !== undefined) return jsonBody(options.json);
  if (options.body !== undefined) return plainBody(options.body);
  if (options.form !== undefined) return formBody(options.form);
  if (options.multipart === undefined) return undefined;
  refuseContentType(options.headers);
  return multipartBody(options.multipart, random);
}

/** The content type of a multipart body holds the boundary of its parts, which nobody else knows. */
function refuseContentType(headers: HttpRequestOptions['headers']): void {
  for (const name in headers) {
    if (headers[name] !== undefined && lowerName(name) === 'content-type') {
      throw new RequestProblem(`the header ${name} is set by multipart, with the boundary of its parts: leave it out`);
    }
  }
}

function unknownOption(key: string): string {
  const guess = nearest(key, OPTIONS);
  return `there is no option ${key}; ${guess ? `did you mean ${guess}?` : `there are ${OPTIONS.join(', ')}`}`;
}
