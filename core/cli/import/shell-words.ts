/** One word of a command line, with everything that its quotes said already carried out. */
export interface ShellWord {
  /** Texts, and names of shell variables. */
  readonly parts: readonly (string | { readonly variable: string })[];
  readonly line: number;
}

/** A command line cannot be split into words; the message is one sentence with its line. */
export class ShellSyntaxError extends Error {
  override readonly name = 'ShellSyntaxError';
  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`);
  }
}

const BLANK = /[ \t\r]/;
const OPERATOR = /[;&|\n]/;
const NAME = /[A-Za-z_]\w*/y;
/** After a backslash within double quotes, only these lose their meaning (POSIX shell, 2.2.3). */
const ESCAPABLE = '$`"\\\n';
const ANSI_C: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  e: '\u001b',
  E: '\u001b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/**
 * Splits text into commands, and those into words, as a shell does: POSIX.1-2017, Shell Command Language, 2.2 (quoting) and
 * 2.3 (tokens), and the quotes `$'…'` of Bash 5.2, 3.1.2.4, in which browsers copy requests. What would run another program
 * (`$(…)`, backticks) and redirections are refused.
 * @throws {ShellSyntaxError}
 */
export function shellCommands(text: string): ShellWord[][] {
  return new ShellReader(text).commands();
}

class ShellReader {
  readonly #text: string;
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  commands(): ShellWord[][] {
    const commands: ShellWord[][] = [];
    let words: ShellWord[] = [];
    while (this.#at < this.#text.length) {
      const character = this.#peek();
      if (BLANK.test(character)) this.#take();
      else if (character === '\\' && /^\\\r?\n/.test(this.#text.slice(this.#at, this.#at + 3))) this.#continuation();
      else if (character === '#') this.#comment();
      else if (OPERATOR.test(character)) {
        this.#take();
        if (words.length > 0) commands.push(words);
        words = [];
      } else words.push(this.#word());
    }
    return words.length > 0 ? [...commands, words] : commands;
  }

  #word(): ShellWord {
    const line = this.#line;
    const parts: ShellWord['parts'][number][] = [];
    while (this.#at < this.#text.length) {
      const character = this.#peek();
      if (BLANK.test(character) || OPERATOR.test(character)) break;
      if (character === '<' || character === '>') {
        throw new ShellSyntaxError(this.#line, `${character} redirects a file, which cannot be imported: leave it out`);
      }
      if (character === "'") parts.push(this.#quoted());
      else if (character === '"') for (const part of this.#doubleQuoted()) parts.push(part);
      else if (this.#text.startsWith("$'", this.#at)) parts.push(this.#ansiQuoted());
      else if (character === '$' || character === '`') parts.push(this.#expansion());
      else if (character === '\\') {
        if (/^\\\r?\n/.test(this.#text.slice(this.#at, this.#at + 3))) this.#continuation();
        else parts.push(this.#escaped());
      } else parts.push(this.#take());
    }
    return { parts: joined(parts), line };
  }

  #quoted(): string {
    const line = this.#line;
    this.#take();
    const end = this.#text.indexOf("'", this.#at);
    if (end < 0) throw new ShellSyntaxError(line, "the quote ' that begins here has no end");
    const inner = this.#takeUntil(end);
    this.#take();
    return inner;
  }

  #doubleQuoted(): ShellWord['parts'] {
    const line = this.#line;
    const parts: ShellWord['parts'][number][] = [''];
    this.#take();
    while (this.#at < this.#text.length) {
      const character = this.#peek();
      if (character === '"') {
        this.#take();
        return parts;
      }
      if (character === '$' || character === '`') parts.push(this.#expansion());
      else if (character === '\\') {
        this.#take();
        const next = this.#take();
        parts.push(next === '\n' ? '' : ESCAPABLE.includes(next) ? next : `\\${next}`);
      } else parts.push(this.#take());
    }
    throw new ShellSyntaxError(line, 'the quote " that begins here has no end');
  }

  #ansiQuoted(): string {
    const line = this.#line;
    this.#take();
    this.#take();
    let text = '';
    while (this.#at < this.#text.length) {
      const character = this.#take();
      if (character === "'") return text;
      text += character === '\\' ? this.#ansiEscape() : character;
    }
    throw new ShellSyntaxError(line, "the quote $' that begins here has no end");
  }

  #ansiEscape(): string {
    const [, hex] = this.#match(/x([0-9A-Fa-f]{1,2})/y) ?? [];
    const [, short, long] = this.#match(/u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})/y) ?? [];
    const [, octal] = this.#match(/([0-7]{1,3})/y) ?? [];
    const code = hex ?? short ?? long;
    if (code !== undefined) return String.fromCodePoint(Math.min(Number.parseInt(code, 16), 0x10_ff_ff));
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
    const character = this.#take();
    return ANSI_C[character] ?? character;
  }

  /** A variable. A dollar sign that begins none stands for itself. */
  #expansion(): ShellWord['parts'][number] {
    const start = this.#take();
    if (start === '`' || this.#peek() === '(') {
      throw new ShellSyntaxError(this.#line, `${start === '`' ? '`' : '$('} runs a program, which cannot be imported`);
    }
    if (this.#peek() !== '{') {
      const [name] = this.#match(NAME) ?? [];
      return name === undefined ? '$' : { variable: name };
    }
    const [, name] = this.#match(/\{([A-Za-z_]\w*)\}/y) ?? [];
    if (name !== undefined) return { variable: name };
    throw new ShellSyntaxError(this.#line, `\${ must be followed by the name of a variable and }`);
  }

  #escaped(): string {
    this.#take();
    return this.#at < this.#text.length ? this.#take() : '\\';
  }

  #continuation(): void {
    while (this.#take() !== '\n');
  }

  #comment(): void {
    const end = this.#text.indexOf('\n', this.#at);
    this.#takeUntil(end < 0 ? this.#text.length : end);
  }

  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  #take(): string {
    const character = this.#text.charAt(this.#at++);
    if (character === '\n') this.#line += 1;
    return character;
  }

  #takeUntil(end: number): string {
    const taken = this.#text.slice(this.#at, end);
    this.#at = end;
    this.#line += taken.split('\n').length - 1;
    return taken;
  }

  /** @param pattern sticky */
  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found !== null) this.#at += found[0].length;
    return found;
  }
}

function joined(parts: ShellWord['parts']): ShellWord['parts'] {
  const all: ShellWord['parts'][number][] = [];
  for (const part of parts) {
    const last = all.at(-1);
    if (typeof part === 'string' && typeof last === 'string') all[all.length - 1] = last + part;
    else all.push(part);
  }
  return all;
}
