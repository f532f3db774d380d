import type { RequestShape } from '../exchange.ts';
import { KeptTexts } from '../repeated/kept-texts.ts';
import type { RequestContent } from './request-content.ts';

/** The lines of a request's head after its path, and what they were made of. */
interface HeaderBlock {
  readonly names: readonly string[];
  readonly values: readonly unknown[];
  readonly cookie: string;
  readonly contentType: string | undefined;
  readonly text: string;
}

/**
 * The last header blocks of one virtual user, by the shapes of its requests: its headers and cookies mostly stay the same from
 * one request to the next, whose path and body are others.
 */
export class HeaderBlocks {
  readonly #ofShapes = new KeptTexts<RequestShape, HeaderBlock>();

  /** The block of the request before, where it is right for this one. */
  find({ shape, headers, body }: RequestContent, cookie: string): string | undefined {
    const last = this.#ofShapes.get(shape);
    const isSame =
      last !== undefined &&
      last.cookie === cookie &&
      last.contentType === body?.contentType &&
      hasHeaders(last, headers);
    return isSame ? last.text : undefined;
  }

  keep({ shape, headers = {}, body }: RequestContent, cookie: string, text: string): void {
    const values = Object.values(headers);
    // What is neither text nor a number may be another text the next time.
    if (values.some((value) => value !== undefined && typeof value !== 'string' && typeof value !== 'number')) return;
    this.#ofShapes.set(shape, { names: Object.keys(headers), values, cookie, contentType: body?.contentType, text });
  }

  forget(): void {
    this.#ofShapes.clear();
  }
}

function hasHeaders({ names, values }: HeaderBlock, headers: RequestContent['headers']): boolean {
  let count = 0;
  for (const name in headers) {
    if (names[count] !== name || values[count] !== headers[name]) return false;
    count++;
  }
  return count === names.length;
}
