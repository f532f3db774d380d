import { type Outcome, type OutcomeDetail, PluginError } from '../../../core/plugin.ts';
import type { AnswerHeaders, AnswerTimings, HttpAnswer } from '../../../core/script/http.ts';
import { DeepJsonError, parseJsonWithBigints } from '../../../core/text/exact-json.ts';
import { MAX_KEPT_BYTES } from '../../../core/text/kept-body.ts';
import { DecompressionError, decompressed } from '../content-coding.ts';
import { MAX_DECOMPRESSED_BYTES } from '../decompressed-answer.ts';
import type { Answer } from '../exchange.ts';

const BYTE_ORDER_MARK = 0xfeff;
// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with the control characters
const ASCII = /^[\x00-\x7f]*$/;

/** One request of a script on its way, and then what came of it. */
export class ScriptAnswer implements HttpAnswer {
  ok = false;
  errorKind = '';
  message = '';
  status = 0;
  bytesSent = 0;
  bytesReceived = 0;
  detail: OutcomeDetail | undefined;
  url: string;
  /** On the clock of whoever counts it, in microseconds: when it was asked for, was sent, and ended. */
  askedUs = 0;
  startUs = 0;
  endUs = 0;

  readonly #label: string;
  #headText = '';
  #headers: HeadLines | undefined;
  /** With one character for each byte, which takes no object of its own. */
  #body = '';
  #bodyBytes = 0;
  #isComplete = false;
  /** The encoding of the body as it is kept: empty once it is decompressed. */
  #contentEncoding = '';
  #limitBytes = MAX_DECOMPRESSED_BYTES;
  #text: string | undefined;

  /** @param label begins every message about it, such as `GET /items` */
  constructor(label: string, url: string) {
    this.#label = label;
    this.url = url;
  }

  /** Takes a complete answer, which is valid during this call only. @param keptBytes the most of its body that was to be kept */
  takeAnswer(answer: Answer, keptBytes = MAX_KEPT_BYTES): void {
    this.#isComplete = true;
    this.#headText = answer.headText;
    this.#contentEncoding = answer.contentEncoding;
    this.#bodyBytes = answer.bodyBytes;
    this.#limitBytes = Math.max(keptBytes, MAX_DECOMPRESSED_BYTES);
    this.#body = answer.body.toString('latin1');
  }

  takeOutcome({ ok, errorKind, message, status, bytesSent, bytesReceived, detail }: Outcome): void {
    this.ok = ok;
    this.errorKind = errorKind;
    this.message = message;
    this.status = status;
    this.bytesSent = bytesSent;
    this.bytesReceived = bytesReceived;
    this.detail = detail;
  }

  get headers(): AnswerHeaders {
    this.#headers ??= new HeadLines(this.#headText);
    return this.#headers;
  }

  get timings(): AnswerTimings {
    return {
      durationMs: (this.endUs - this.startUs) / 1000,
      waitedMs: (this.startUs - this.askedUs) / 1000,
    };
  }

  text(): string {
    if (this.#text !== undefined) return this.#text;
    const body = this.#wholeBody();
    const text = ASCII.test(body) ? body : Buffer.from(body, 'latin1').toString('utf8');
    this.#text = text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
    return this.#text;
  }

  json<T = unknown>(): T {
    const text = this.text();
    try {
      return parseJsonWithBigints(text) as T;
    } catch (error) {
      const problem =
        error instanceof DeepJsonError ? `cannot be used: its ${error.message}` : `is not JSON: ${shownBody(text)}`;
      throw new PluginError(`${this.#label}: the body ${problem}`, { cause: error });
    }
  }

  bytes(): Uint8Array {
    return Buffer.from(this.#wholeBody(), 'latin1');
  }

  orThrow(): this {
    if (!this.ok) throw new PluginError(this.message);
    return this;
  }

  #wholeBody(): string {
    if (!this.#isComplete)
      throw new PluginError(`there is no body to read, because no whole answer came: ${this.message}`);
    if (this.#body.length < this.#bodyBytes) {
      throw new PluginError(
        `${this.#label}: the body has ${this.#bodyBytes} bytes, of which only the first ${this.#body.length} were kept: raise maxBodyBytes of the request`,
      );
    }
    if (this.#contentEncoding !== '') this.#decompress();
    return this.#body;
  }

  #decompress(): void {
    try {
      const bytes = decompressed(Buffer.from(this.#body, 'latin1'), this.#contentEncoding, this.#limitBytes);
      this.#body = bytes.toString('latin1');
      this.#bodyBytes = bytes.length;
      this.#contentEncoding = '';
    } catch (error) {
      if (!(error instanceof DecompressionError)) throw error;
      throw new PluginError(`${this.#label}: the body cannot be decompressed: ${error.message}`, { cause: error });
    }
  }
}

/** What stands in place of JSON is mostly an error page, and its first words say which. */
function shownBody(text: string): string {
  if (text === '') return 'it is empty';
  const line = text.slice(0, 200).replaceAll(/\s+/g, ' ').trim();
  return `it begins with ${JSON.stringify(line.length > 60 ? `${line.slice(0, 60)}…` : line)}`;
}

/** Reads the lines of a head when a script first asks for one of them. */
class HeadLines implements AnswerHeaders {
  readonly #headText: string;
  #entries: (readonly [name: string, value: string])[] | undefined;

  /** @param headText status line and header lines, each header in one line; empty where no answer came */
  constructor(headText: string) {
    this.#headText = headText;
  }

  get(name: string): string | undefined {
    const values = this.getAll(name);
    return values.length === 0 ? undefined : values.join(', ');
  }

  getAll(name: string): readonly string[] {
    const wanted = name.toLowerCase();
    const values: string[] = [];
    for (const [own, value] of this.entries()) if (own === wanted) values.push(value);
    return values;
  }

  entries(): readonly (readonly [name: string, value: string])[] {
    this.#entries ??= this.#read();
    return this.#entries;
  }

  #read(): (readonly [string, string])[] {
    const entries: (readonly [string, string])[] = [];
    const text = this.#headText;
    let start = text.indexOf('\r\n') + 2;
    for (;;) {
      const end = text.indexOf('\r\n', start);
      if (start < 2 || end <= start) return entries;
      const colon = text.indexOf(':', start);
      entries.push([text.slice(start, colon).toLowerCase(), text.slice(colon + 1, end).trim()]);
      start = end + 2;
    }
  }
}
