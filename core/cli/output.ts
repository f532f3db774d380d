import type { Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import { reasonOf } from '../text/system-reason.ts';

/** Where a command's words go. */
export interface Output {
  /** stdout is a terminal that can be redrawn. */
  readonly isTerminal: boolean;
  readonly paint: Paint;
  /** Columns of the terminal; 100 where there is none. */
  columns(): number;
  rows(): number;
  /** A line on stdout. */
  line(text: string): void;
  /** A line on stderr. */
  problem(text: string): void;
  /** Raw text on stdout. */
  write(text: string): void;
}

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';
/** Colours a text, or leaves it as it is where there are to be no colours. */
export type Paint = (style: Style, text: string) => string;

export const plain: Paint = (_style, text) => text;
export const colored: Paint = (style, text) => styleText(style, text, { validateStream: false });

const COLUMNS_WITHOUT_TERMINAL = 100;
const ROWS_WITHOUT_TERMINAL = 24;

/** NO_COLOR as in https://no-color.org: any value that is not empty. */
export function wantsColor(env: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  if ((env.NO_COLOR ?? '') !== '') return false;
  if ((env.FORCE_COLOR ?? '0') !== '0') return true;
  return isTerminal && env.TERM !== 'dumb';
}

export function createOutput(stdout: WriteStream, stderr: WriteStream, env: NodeJS.ProcessEnv): Output {
  const isTerminal = stdout.isTTY === true && env.TERM !== 'dumb';
  return {
    isTerminal,
    paint: wantsColor(env, isTerminal) ? colored : plain,
    columns: () => (isTerminal ? stdout.columns || COLUMNS_WITHOUT_TERMINAL : COLUMNS_WITHOUT_TERMINAL),
    rows: () => (isTerminal ? stdout.rows || ROWS_WITHOUT_TERMINAL : ROWS_WITHOUT_TERMINAL),
    line: (text) => put(stdout, `${text}\n`),
    problem: (text) => put(stderr, `${text}\n`),
    write: (text) => put(stdout, text),
  };
}

function put(stream: WriteStream, text: string): void {
  try {
    stream.write(text);
  } catch (error) {
    // Deno throws what the others tell as an event.
    stream.destroy(error as Error);
  }
}

/**
 * Keeps a command going whose stdout takes no more, and says so on stderr: what it wrote may be all it was called for.
 * A reader that has seen enough (`bench run plan.yaml | head`) is no fault, and nothing is said.
 * @returns whether something was lost until now
 */
export function watchOutput(stdout: Pick<Writable, 'on'>, stderr: Pick<Writable, 'on' | 'write'>): () => boolean {
  let first: NodeJS.ErrnoException | undefined;
  const isFault = () => first !== undefined && first.code !== 'EPIPE';
  stdout.on('error', (error: Error) => {
    // After the first, every word fails because the stream has ended.
    if (first !== undefined) return;
    first = error;
    if (isFault())
      stderr.write(`bench: What this command has to say cannot be written to stdout: ${reasonOf(error)}.\n`);
  });
  stderr.on('error', () => {});
  return isFault;
}

/** Waits until what was written has left the process, also through a slow pipe, or until it is known to be lost. */
export async function flushed(stream: Writable): Promise<void> {
  await new Promise<void>((done) => {
    // Deno calls nobody back then.
    if (stream.destroyed || stream.errored) return done();
    stream.once('error', () => done());
    stream.write('', () => done());
  });
  // Bun calls back before it tells of a failure.
  await new Promise((resolve) => setImmediate(resolve));
}
