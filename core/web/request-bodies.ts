import type { Clock } from '../clock.ts';
import { KeptBody } from '../text/kept-body.ts';
import { isJsonNestedDeeper } from '../text/nesting.ts';
import { ApiError } from './api-error.ts';
import type { WebRequest } from './exchange.ts';

/** What a body may have, in bytes, and how people say it. */
export interface BodyLimit {
  readonly bytes: number;
  readonly shown: string;
}

/** A plan as text is the longest. */
const USUAL: BodyLimit = { bytes: 1024 * 1024, shown: '1 MiB' };
/** Of a caller who has not logged in: a token has a hundred characters at most. */
export const ANONYMOUS: BodyLimit = { bytes: 4096, shown: '4 KiB' };
/** Of all bodies that are on their way. There may be a thousand connections, each with a hundred requests. */
const MAX_ALL_BYTES = 32 * 1024 * 1024;
/** How long a body may take. Node holds requests over HTTP/1.1 alone to that. */
const TIME_LIMIT_US = 60e6;
/** How deep lists and maps may lie in each other; the routes take at most four levels. */
const MAX_LEVELS = 16;

const NO_JSON = 'the body is no JSON';

/** The bodies of requests while they come: whoever sends them decides how long they are, how many, and how slowly. */
export class RequestBodies {
  readonly #clock: Pick<Clock, 'after'>;
  #bytes = 0;

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock;
  }

  /** @throws {ApiError} when it is too large, not sent as JSON, or none */
  async json(request: WebRequest, limit = USUAL): Promise<unknown> {
    const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
    if (type !== 'application/json')
      throw new ApiError(415, 'the body must be JSON: send Content-Type: application/json');
    const text = decoded(await this.#whole(request, limit));
    if (isJsonNestedDeeper(text, MAX_LEVELS)) {
      throw new ApiError(400, `the body is nested more than ${MAX_LEVELS} levels deep`);
    }
    try {
      return JSON.parse(text);
    } catch {
      throw new ApiError(400, NO_JSON);
    }
  }

  async #whole(request: WebRequest, { bytes: most, shown }: BodyLimit): Promise<Buffer> {
    const tooLarge = () => new ApiError(413, `the body is too large: at most ${shown} is taken`);
    if (Number(request.headers['content-length'] ?? 0) > most) throw tooLarge();
    const kept = new KeptBody();
    let bytes = 0;
    const cancel = this.#clock.after(TIME_LIMIT_US, () => request.destroy());
    try {
      for await (const piece of request) {
        const { length } = piece as Buffer;
        if (this.#bytes + length > MAX_ALL_BYTES) {
          const headers = { 'retry-after': '1' };
          throw new ApiError(503, 'too many bodies are on their way: try again later', { headers });
        }
        this.#bytes += length;
        bytes += length;
        if (!kept.take(piece as Buffer, most)) throw tooLarge();
      }
    } finally {
      cancel();
      this.#bytes -= bytes;
    }
    return kept.bytes;
  }
}

function decoded(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new ApiError(400, NO_JSON);
  }
}
