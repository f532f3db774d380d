const HEAD_END = '\r\n\r\n';

/** Finds the requests in a connection's bytes, split at any byte: only what the generators here send (no chunked bodies). */
export class RequestScan {
  readonly #request: (path: string) => void;
  #head = '';
  #bodyLeft = 0;

  constructor(request: (path: string) => void) {
    this.#request = request;
  }

  read(bytes: Buffer): void {
    let at = Math.min(this.#bodyLeft, bytes.length);
    this.#bodyLeft -= at;
    while (at < bytes.length) {
      const before = this.#head.length;
      this.#head += bytes.toString('latin1', at);
      const end = this.#head.indexOf(HEAD_END, Math.max(0, before - HEAD_END.length));
      if (end < 0) return;
      const head = this.#head.slice(0, end);
      this.#head = '';
      at += end + HEAD_END.length - before;
      const bodyBytes = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
      const here = Math.min(bodyBytes, bytes.length - at);
      at += here;
      this.#bodyLeft = bodyBytes - here;
      this.#request(head.split(' ', 2)[1] ?? '');
    }
  }
}
