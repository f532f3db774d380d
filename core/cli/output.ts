import type { Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import { printable, withoutCommands } from '../text/printable.ts';
import { reasonOf } from '../text/system-reason.ts';

/**
 * The only way of a command's words to the terminal. Whatever a target, a control, a database or an agent has put into
 * them: no character of it steers the terminal, and no line of it is a command to the CI service that reads the output.
 */
export interface Output {
  /** stdout is a terminal that can be redrawn. */
  readonly isTerminal: boolean;
  readonly paint: Paint;
  /** Columns of the terminal, of which a view takes 20 at least; 100 where there is none. */
  columns(): number;
  rows(): number;
  /** A line on stdout. A line break in the text is shown as a sign. */
  line(text: string): void;
  /** Lines on stdout that a view has made; the colours of {@link paint} stay in them. */
  screen(lines: readonly string[]): void;
  /** A message on stderr. Its first line stands out, the others are indented below it. */
  problem(text: string): void;
  /** Draws lines in place of as many that were drawn last, which are above the cursor. */
  redraw(previous: number, lines: readonly string[]): void;
  /** Text of this program alone on stdout, such as its help. */
  write(text: string): void;
}

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';
/** Colours a text, or leaves it as it is where colours are off. */
export type Paint = (style: Style, text: string) => string;

export const plain: Paint = (_style, text) => text;
export const colored: Paint = (style, text) => styleText(style, text, { validateStream: false });

const COLUMNS_WITHOUT_TERMINAL = 100;
/** In fewer, no sentence can be broken into lines. */
const MIN_COLUMNS = 20;
const ROWS_WITHOUT_TERMINAL = 24;

/** NO_COLOR with any value that is not empty switches colours off, see https://no-color.org. */
export function wantsColor(env: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  if ((env.NO_COLOR ?? '') !== '') return false;
  if ((env.FORCE_COLOR ?? '0') !== '0') return true;
  return isTerminal && env.TERM !== 'dumb';
}

export function createOutput(stdout: WriteStream, stderr: WriteStream, env: NodeJS.ProcessEnv): Output {
  const isTerminal = stdout.isTTY === true && env.TERM !== 'dumb';
  const hasColors = wantsColor(env, isTerminal);
  const defused = readsCommands(env) ? withoutCommands : (line: string) => line;
  const plainLine = (text: string) => `${defused(printable(text))}\n`;
  const viewLine = hasColors ? (text: string) => `${defused(printableParts(text))}\n` : plainLine;
  return {
    isTerminal,
    paint: hasColors ? colored : plain,
    columns: () => Math.max(MIN_COLUMNS, (isTerminal && stdout.columns) || COLUMNS_WITHOUT_TERMINAL),
    rows: () => (isTerminal ? stdout.rows || ROWS_WITHOUT_TERMINAL : ROWS_WITHOUT_TERMINAL),
    line: (text) => put(stdout, plainLine(text)),
    screen: (lines) => put(stdout, lines.map(viewLine).join('')),
    problem: (text) => put(stderr, text.split('\n').map(indented).map(plainLine).join('')),
    redraw: (previous, lines) =>
      put(stdout, `${previous === 0 ? '' : `\u001b[${previous}A\r\u001b[J`}${lines.map(viewLine).join('')}`),
    write: (text) => put(stdout, text),
  };
}

/** A later line cannot pass for a message of its own. */
function indented(line: string, i: number): string {
  return i === 0 || /^(\s|$)/.test(line) ? line : `  ${line}`;
}

/** The sequences of {@link colored}, and no others. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const COLORS = /(\u001b\[(?:1|2|22|31|32|33|36|39)m)/;

function printableParts(line: string): string {
  return line
    .split(COLORS)
    .map((part, i) => (i % 2 === 1 ? part : printable(part)))
    .join('');
}

/** GitHub Actions, Azure Pipelines and TeamCity carry out what stands in the output of a step. */
function readsCommands({ GITHUB_ACTIONS, TF_BUILD, TEAMCITY_VERSION }: NodeJS.ProcessEnv): boolean {
  return [GITHUB_ACTIONS, TF_BUILD, TEAMCITY_VERSION].some((value) => (value ?? '') !== '');
}

function put(stream: WriteStream, text: string): void {
  try {
    stream.write(text);
  } catch (error) {
    // Deno throws errors that the other runtimes report as events.
    stream.destroy(error as Error);
  }
}

/**
 * Keeps a command running whose stdout cannot be written any more, and reports that on stderr, because the output may be
 * all that the command was called for. A reader that has seen enough (`bench run plan.yaml | head`), or a terminal that was closed, is
 * not reported.
 * @returns whether output was lost so far
 */
export function watchOutput(
  stdout: Pick<Writable, 'on'> & { readonly isTTY?: boolean },
  stderr: Pick<Writable, 'on' | 'write'>,
): () => boolean {
  let first: NodeJS.ErrnoException | undefined;
  const isFault = () =>
    first !== undefined && first.code !== 'EPIPE' && !(first.code === 'EIO' && stdout.isTTY === true);
  stdout.on('error', (error: Error) => {
    // After the first error every write fails, because the stream has ended.
    if (first !== undefined) return;
    first = error;
    if (isFault()) stderr.write(`bench: The output of this command cannot be written to stdout: ${reasonOf(error)}.\n`);
  });
  stderr.on('error', () => {});
  return isFault;
}

/** Waits until everything written has left the process, also through a slow pipe, or is known to be lost. */
export async function flushed(stream: Writable): Promise<void> {
  await new Promise<void>((done) => {
    // Deno does not call back for such a stream.
    if (stream.destroyed || stream.errored) return done();
    stream.once('error', () => done());
    stream.write('', () => done());
  });
  // Bun calls back before it reports a failure.
  await new Promise((resolve) => setImmediate(resolve));
}
