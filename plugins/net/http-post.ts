import { PluginError } from '../../core/plugin.ts';
import { oneLine } from '../../core/text/printable.ts';
import { VERSION } from '../../core/version.ts';
import { boundedBytes } from './bounded-text.ts';
import { withoutAccount } from './url-account.ts';

/** More of an answer than this is not read. */
const MAX_ANSWER_BYTES = 64 * 1024;
const EMPTY = new Uint8Array();

/** The receiver would not take what was posted if it came again. */
export class RefusedError extends PluginError {}

/** Posts to one URL. Messages name its origin alone, because path and account may be what makes the URL a secret. */
export class HttpPost {
  readonly #url: string;
  readonly #headers: Headers;
  readonly #mayComeAgain: (status: number) => boolean;
  readonly #reasonIn: (answer: Uint8Array) => string;

  /**
   * @param mayComeAgain whether the same may be posted again after an answer with this status, which is no 2xx
   * @param reasonIn why a request was bad, as the answer to it says. Default: the answer is the text
   * @throws {PluginError} when the URL is none, or a header cannot be sent
   */
  constructor(
    url: string,
    headers: Readonly<Record<string, string>>,
    mayComeAgain: (status: number) => boolean,
    reasonIn = (answer: Uint8Array): string => Buffer.from(answer).toString('utf8'),
  ) {
    const { plainUrl, headers: account } = withoutAccount(url);
    this.#url = plainUrl;
    this.#headers = replaced(replaced(new Headers({ 'user-agent': `bench/${VERSION}` }), account), headers);
    this.#mayComeAgain = mayComeAgain;
    this.#reasonIn = reasonIn;
  }

  get place(): string {
    return new URL(this.#url).origin;
  }

  /**
   * @returns a 2xx answer, empty when it is too long
   * @throws {RefusedError} for an answer after which it may not come again
   * @throws {PluginError} for every other one but a 2xx, a redirect too, and when there is none
   */
  async send(
    body: string | Uint8Array<ArrayBuffer>,
    signal: AbortSignal,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Uint8Array> {
    const { status, answer } = await this.#answer(body, signal, headers);
    if (status >= 200 && status < 300) return answer;
    // Other answers may repeat the path, which may be a secret.
    const reason = status === 400 ? oneLine(this.#reasonIn(answer)) : '';
    const message = `${this.place} answered ${status}${reason === '' ? '' : `: ${reason}`}`;
    throw this.#mayComeAgain(status) ? new PluginError(message) : new RefusedError(message);
  }

  async #answer(
    body: string | Uint8Array<ArrayBuffer>,
    signal: AbortSignal,
    headers: Readonly<Record<string, string>>,
  ) {
    const request = { method: 'POST', headers: replaced(this.#headers, headers), body, signal } as const;
    try {
      const response = await fetch(this.#url, { ...request, redirect: 'manual' });
      const answer = response.body === null ? EMPTY : await boundedBytes(response.body, MAX_ANSWER_BYTES);
      return { status: response.status, answer: answer ?? EMPTY };
    } catch (error) {
      if (signal.aborted) throw error;
      throw new PluginError(`${this.place} cannot be reached`, { cause: error });
    }
  }
}

/** A copy in which these have taken the place of those with the same name, however it is written: `fetch` would join them. */
function replaced(before: Headers, headers: Readonly<Record<string, string>>): Headers {
  const all = new Headers(before);
  for (const [name, value] of Object.entries(headers)) {
    try {
      all.set(name, value);
    } catch {
      // What was caught says the value, which may be a secret.
      throw new PluginError(`the header ${name} has a value that cannot be sent`);
    }
  }
  return all;
}
