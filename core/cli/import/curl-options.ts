import { Command, CommanderError } from 'commander';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';
import { type FormPart, formPart } from './curl-form.ts';
import { percentEncoded } from './plan-text.ts';

/** What one command of curl says; its texts are texts of a plan. The options are those of curl 8.5, see curl(1). */
export interface CurlOptions {
  readonly urls: readonly string[];
  readonly method: string | undefined;
  /** A value that is undefined takes a header of curl's own away. */
  readonly headers: readonly (readonly [name: string, value: string | undefined])[];
  /** Parts of a body, each with what joins it to those before it. */
  readonly data: readonly { readonly text: string; readonly file?: string; readonly joint: '&' | '' }[];
  readonly form: readonly { readonly name: string; readonly part: FormPart }[];
  readonly upload: string | undefined;
  readonly json: boolean;
  readonly get: boolean;
  readonly head: boolean;
  readonly user: string | undefined;
  readonly userAgent: string | undefined;
  readonly referer: string | undefined;
  readonly cookies: readonly string[];
  /** In seconds. */
  readonly maxTime: number | undefined;
  readonly connectTimeout: number | undefined;
  readonly http2: boolean;
  readonly insecure: boolean;
  readonly followsRedirects: boolean;
  /** Ranges and lists in an address, such as `[1-3]`, make several addresses of it. */
  readonly globs: boolean;
  /** `.` and `..` in an address stay there. */
  readonly pathAsIs: boolean;
  /** What was left out of the plan and may matter. */
  readonly notes: readonly string[];
}

/** Options about curl's output and its tries, which make no other request. */
const WITHOUT_EFFECT = [
  '-#, --progress-bar',
  '-s, --silent',
  '-S, --show-error',
  '-i, --include',
  '--show-headers',
  '-v, --verbose',
  '-N, --no-buffer',
  '-f, --fail',
  '--fail-with-body',
  '-O, --remote-name',
  '-J, --remote-header-name',
  '--no-progress-meter',
  '--http1.1',
  '--http1.0',
  '-4, --ipv4',
  '-6, --ipv6',
  '-g, --globoff',
  '--no-keepalive',
  '--tcp-nodelay',
  '-q, --disable',
  '-o, --output <file>',
  '-w, --write-out <format>',
  '-D, --dump-header <file>',
  '-c, --cookie-jar <file>',
  '--stderr <file>',
  '--trace <file>',
  '--trace-ascii <file>',
  '--retry <number>',
  '--retry-delay <seconds>',
  '--retry-max-time <seconds>',
  '--retry-connrefused',
  '--retry-all-errors',
  '--keepalive-time <seconds>',
  '--tlsv1.2',
  '--tlsv1.3',
];

/** Options that change where a request goes or what it is, and have no place in the plan. */
const LEFT_OUT = [
  '--compressed',
  '--location-trusted',
  '--max-redirs <number>',
  '-x, --proxy <address>',
  '--noproxy <hosts>',
  '-U, --proxy-user <login>',
  '--resolve <entry>',
  '--connect-to <entry>',
  '--cacert <file>',
  '--capath <folder>',
  '-E, --cert <file>',
  '--key <file>',
  '--interface <name>',
  '--limit-rate <speed>',
  '--digest',
  '--ntlm',
  '--negotiate',
  '--anyauth',
  '--basic',
  '-r, --range <range>',
];

/** @throws {CommandError} for an option that curl does not have, or that makes another kind of request */
export function readCurlOptions(argv: readonly string[]): CurlOptions {
  const reader = new OptionReader();
  try {
    reader.command.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw new CommandError(error.message.replace(/^error: /, '').replaceAll(/\s+/g, ' '), EXIT.invalidInput);
  }
  return reader.options();
}

/** What commander keeps itself. */
interface Given {
  readonly request?: string;
  readonly uploadFile?: string;
  readonly get?: boolean;
  readonly head?: boolean;
  readonly user?: string;
  readonly userAgent?: string;
  readonly referer?: string;
  readonly maxTime?: number;
  readonly connectTimeout?: number;
  readonly http2?: boolean;
  readonly http2PriorKnowledge?: boolean;
  readonly insecure?: boolean;
  readonly location?: boolean;
  readonly globoff?: boolean;
  readonly pathAsIs?: boolean;
}

class OptionReader {
  readonly command: Command;
  readonly #headers: CurlOptions['headers'][number][] = [];
  readonly #data: CurlOptions['data'][number][] = [];
  readonly #form: CurlOptions['form'][number][] = [];
  readonly #urls: string[] = [];
  readonly #cookies: string[] = [];
  readonly #notes: string[] = [];
  #isJson = false;

  constructor() {
    this.command = new Command('curl')
      .exitOverride()
      .configureOutput({ writeOut: () => {}, writeErr: () => {}, outputError: () => {} })
      .helpOption(false)
      .argument('[urls...]')
      .option('-X, --request <method>')
      .option('-H, --header <line>', '', (line) => this.#header(line))
      .option('-d, --data <text>', '', (text) => this.#addLines(text))
      .option('--data-ascii <text>', '', (text) => this.#addLines(text))
      .option('--data-binary <text>', '', (text) => this.#addData(text, true))
      .option('--data-raw <text>', '', (text) => this.#addData(text, false))
      .option('--data-urlencode <text>', '', (text) => this.#addEncoded(text))
      .option('--json <text>', '', (text) => {
        this.#isJson = true;
        this.#addData(text, true, '');
      })
      .option('-F, --form <part>', '', (part) => this.#addForm(part, true))
      .option('--form-string <part>', '', (part) => this.#addForm(part, false))
      .option('-T, --upload-file <file>')
      .option('-G, --get')
      .option('-I, --head')
      .option('-u, --user <login>')
      .option('--oauth2-bearer <token>', '', (token) => void this.#headers.push(['Authorization', `Bearer ${token}`]))
      .option('-A, --user-agent <text>')
      .option('-e, --referer <url>')
      .option('-b, --cookie <text>', '', (text) => this.#cookie(text))
      .option('-m, --max-time <seconds>', '', seconds)
      .option('--connect-timeout <seconds>', '', seconds)
      .option('--http2')
      .option('--http2-prior-knowledge')
      .option('-k, --insecure')
      .option('-L, --location')
      .option('--path-as-is')
      .option('--url <url>', '', (url) => void this.#urls.push(url));
    for (const flags of WITHOUT_EFFECT) this.command.option(flags);
    for (const flags of LEFT_OUT) {
      this.command.option(flags);
      const [long = ''] = /--[\w.-]+/.exec(flags) ?? [];
      this.command.on(`option:${long.slice(2)}`, () => {
        this.#notes.push(`${long} of curl is left out.`);
      });
    }
  }

  options(): CurlOptions {
    const given = this.command.opts<Given>();
    return {
      urls: [...this.#urls, ...(this.command.processedArgs[0] as string[])],
      method: given.request?.toUpperCase(),
      headers: this.#headers,
      data: this.#data,
      form: this.#form,
      upload: given.uploadFile,
      json: this.#isJson,
      get: given.get ?? false,
      head: given.head ?? false,
      user: given.user,
      userAgent: given.userAgent,
      referer: given.referer,
      cookies: this.#cookies,
      maxTime: given.maxTime,
      connectTimeout: given.connectTimeout,
      http2: (given.http2 ?? false) || (given.http2PriorKnowledge ?? false),
      insecure: given.insecure ?? false,
      followsRedirects: given.location ?? false,
      globs: !(given.globoff ?? false),
      pathAsIs: given.pathAsIs ?? false,
      notes: this.#notes,
    };
  }

  #header(line: string): void {
    const [, name = '', separator, value = ''] = /^\s*([^:;\s]+)\s*([:;])\s*(.*?)\s*$/s.exec(line) ?? [];
    if (separator === undefined) throw refusal('-H is given something that is no header: write name: value');
    // `Name;` is a header without a value, and `Name:` takes one away.
    const isSame = ([other]: CurlOptions['headers'][number]) => other.toLowerCase() === name.toLowerCase();
    if (this.#headers.some(isSame)) {
      throw refusal(`the header ${name} is given twice, and a plan sends it once: write all of its values in one`);
    }
    if (name.toLowerCase() === 'accept-encoding') this.#notes.push(`The header ${name} is left out.`);
    this.#headers.push([name, value === '' && separator === ':' ? undefined : value]);
  }

  #addData(text: string, mayBeFile: boolean, joint: '&' | '' = '&'): void {
    this.#data.push(mayBeFile && text.startsWith('@') ? { text: '', file: fileName(text), joint } : { text, joint });
  }

  #addLines(text: string): void {
    this.#addData(text, true);
    if (text.startsWith('@')) this.#notes.push(`${text.slice(1)} is sent as it is; curl -d leaves out its line ends.`);
  }

  /** `content`, `=content`, `name=content`; with @ in place of =, a file. */
  #addEncoded(text: string): void {
    const [, name = '', separator, content = ''] = /^([^=@]*)([=@])(.*)$/s.exec(text) ?? [];
    if (separator === '@') throw refusal('--data-urlencode with a file cannot be imported: write its content');
    const value = separator === undefined ? text : content;
    this.#data.push({ text: `${name === '' ? '' : `${name}=`}${encodedText(value)}`, joint: '&' });
  }

  #addForm(text: string, mayBeFile: boolean): void {
    const [, name = '', value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (value === undefined) throw refusal('-F is given something that is no form field: write name=content');
    this.#form.push({ name, part: mayBeFile ? formPart(value) : value });
  }

  #cookie(text: string): void {
    if (text.includes('=')) this.#cookies.push(text);
    else this.#notes.push('The file of cookies (-b) is left out.');
  }
}

/** Percent-encoded, except for references. */
function encodedText(text: string): string {
  return text
    .split(/((?<!\$)\$\{env:\w+\})/)
    .map((part, i) => (i % 2 === 1 ? part : percentEncoded(part.replaceAll('$${', '${'))))
    .join('');
}

function fileName(text: string): string {
  const name = text.slice(1);
  if (name === '-') throw refusal('standard input (@-) cannot be imported: name a file');
  return name;
}

function seconds(text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw refusal(`${text} is not a number of seconds`);
}

function refusal(message: string): CommandError {
  return new CommandError(message, EXIT.invalidInput);
}
