import { PluginError } from '../../core/plugin.ts';
import { oneLine } from '../../core/text/printable.ts';
import { VERSION } from '../../core/version.ts';
import { boundedText } from './bounded-text.ts';
import { isHttpUrl } from './http-url.ts';
import { withoutAccount } from './url-account.ts';

/** More of an answer than this is not read. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** The receiver will not take what was posted, however often it comes. */
export class RefusedError extends PluginError {}

/** Posts to one URL. Messages name its origin alone, because path and account may be what makes the URL a secret. */
export class HttpPost {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  /** @throws {PluginError} when the URL is none */
  constructor(url: string, headers: Readonly<Record<string, string>>) {
    if (!isHttpUrl(url)) throw new PluginError('the url is no http URL');
    const { plainUrl, headers: account } = withoutAccount(url);
    this.#url = plainUrl;
    this.#headers = { 'user-agent': `bench/${VERSION}`, ...account, ...headers };
  }

  get place(): string {
    return new URL(this.#url).origin;
  }

  /**
   * @returns the text of a 2xx answer, empty when it is too long
   * @throws {RefusedError} for a 400 @throws {PluginError} for every other answer, a redirect too, and when there is none
   */
  async send(
    body: string | Uint8Array<ArrayBuffer>,
    signal: AbortSignal,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const { status, text } = await this.#answer(body, signal, headers);
    if (status >= 200 && status < 300) return text;
    const said = `${this.place} answered ${status}`;
    if (status === 400) throw new RefusedError(text === '' ? said : `${said}: ${oneLine(text)}`);
    throw new PluginError(said);
  }

  async #answer(
    body: string | Uint8Array<ArrayBuffer>,
    signal: AbortSignal,
    headers: Readonly<Record<string, string>>,
  ) {
    const request = { method: 'POST', headers: { ...this.#headers, ...headers }, body, signal } as const;
    try {
      const response = await fetch(this.#url, { ...request, redirect: 'manual' });
      const text = response.body === null ? '' : await boundedText(response.body, MAX_ANSWER_BYTES);
      return { status: response.status, text: text ?? '' };
    } catch (error) {
      if (signal.aborted) throw error;
      throw new PluginError(`${this.place} cannot be reached`, { cause: error });
    }
  }
}
