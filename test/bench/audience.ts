import { get } from 'node:http';

/** What one viewer was sent. */
export interface ToldViewer {
  readonly bytes: number;
  readonly seconds: number;
  readonly sawTheEnd: boolean;
}

/** Clients that read the stream of a run, as browsers do. They are in this process, so that control's own use is seen apart. */
export class Audience {
  readonly #url: string;
  readonly #viewers: number;
  readonly #told = Promise.withResolvers<readonly ToldViewer[]>();

  /** @param url of the server, with a slash at its end */
  constructor(url: string, viewers: number) {
    this.#url = url;
    this.#viewers = viewers;
    if (viewers === 0) this.#told.resolve([]);
  }

  /** Settles when all streams have ended. */
  get told(): Promise<readonly ToldViewer[]> {
    return this.#told.promise;
  }

  come(runId: string): void {
    if (this.#viewers === 0) return;
    const reading = Array.from({ length: this.#viewers }, () => read(`${this.#url}api/v1/runs/${runId}/events`));
    Promise.all(reading).then(this.#told.resolve, this.#told.reject);
  }
}

function read(url: string): Promise<ToldViewer> {
  return new Promise((resolve, reject) => {
    get(url, (answer) => {
      let [bytes, seconds, sawTheEnd, rest] = [0, 0, false, ''];
      answer.on('data', (piece: Buffer) => {
        bytes += piece.length;
        const lines = (rest + piece.toString('latin1')).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          if (line === 'event: second') seconds++;
          if (line === 'event: end') sawTheEnd = true;
        }
      });
      answer.on('close', () => resolve({ bytes, seconds, sawTheEnd }));
    }).on('error', reject);
  });
}
