import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { ApiError } from './api-error.ts';
import type { WebRequest, WebResponse } from './exchange.ts';
import type { PageFile } from './page-file.ts';
import { sendBody } from './send.ts';

interface Served {
  readonly type: string;
  readonly plain: Buffer;
  readonly packed: Buffer;
  readonly tag: string;
}

const NOTHING_HERE = 'there is no page here: the API is at /api/v1/openapi.json';

/** Sends the files of the page. Any path that is no file and no part of the API is a view of the page. */
export class Page {
  readonly #files: ReadonlyMap<string, Served>;
  readonly #headers: Readonly<Record<string, string>>;

  /** @param headers of every answer */
  constructor(files: readonly PageFile[], headers: Readonly<Record<string, string>>) {
    this.#files = new Map(files.map((file) => [file.path, served(file)]));
    this.#headers = headers;
  }

  /** @throws {ApiError} */
  serve(path: string, { method, headers }: WebRequest, response: WebResponse): void {
    if (method !== 'GET' && method !== 'HEAD') {
      throw new ApiError(405, 'files of the page are only read', { headers: { allow: 'GET, HEAD' } });
    }
    const isView = !path.startsWith('/assets/') && path.lastIndexOf('.') < path.lastIndexOf('/');
    const file = this.#files.get(path) ?? (isView ? this.#files.get('/') : undefined);
    if (file === undefined)
      throw new ApiError(404, this.#files.size === 0 ? NOTHING_HERE : `there is no file ${path} of the page`);
    const isPacked = /\bgzip\b/.test(String(headers['accept-encoding'] ?? ''));
    const body = isPacked ? file.packed : file.plain;
    // A new version of bench brings other files under the same names.
    const kept = { etag: file.tag, 'cache-control': 'no-cache', vary: 'Accept-Encoding' };
    if (headers['if-none-match'] === file.tag) {
      response.writeHead(304, { ...this.#headers, ...kept });
      response.end();
      return;
    }
    const packing = isPacked && { 'content-encoding': 'gzip' };
    sendBody(response, 200, { ...this.#headers, ...kept, 'content-type': file.type, ...packing }, body);
  }
}

function served({ type, content }: PageFile): Served {
  const plain = Buffer.from(content);
  const tag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
  return { type, plain, packed: gzipSync(plain, { level: 9 }), tag };
}
