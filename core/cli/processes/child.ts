import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../clock.ts';
import { withTimeout } from '../../timeout.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';
import { END_WORD, tokenLine } from './lifetime.ts';

export type ChildCommand = 'control' | 'agent' | 'target' | 'noop-target';

/**
 * The one line of JSON that a child writes on stdout as soon as others can use it.
 * `at` is its address (control) or URL (target); an agent is ready when it has started and has none.
 */
export interface Readiness {
  readonly ready: ChildCommand;
  readonly at?: string;
}

/** How a child ended; `code` is null after a signal. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ChildOptions {
  /** Beside this process's own: for what is not to be seen in a list of processes. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Sent to it on stdin, for `--token-stdin`. */
  readonly token?: string;
  /** Told each line that it writes on stderr. */
  readonly hear?: (line: string) => void;
}

const BENCH_FILE = fileURLToPath(new URL('../../../bench.ts', import.meta.url));
/** Flags of the commands that run as children: what stands in the user's environment is not meant for these. */
export const CHILD_FLAG_VARIABLES = [
  ...['HOST', 'PORT', 'STORE', 'CONTROL', 'NAME', 'LABEL', 'PROCESSES', 'SIMULATE', 'DB', 'DROP'],
  ...['DB_TLS', 'DB_TLS_CA', 'DB_TLS_CERT', 'DB_TLS_KEY', 'DB_TLS_INSECURE'],
  ...['POOL_SIZE', 'POOL_OVERFLOW', 'POOL_CHECK_AFTER', 'ECHO_SQL'],
  ...['SECURITY', 'CREDENTIALS', 'JOIN', 'TOKEN', 'TOKEN_FILE', 'CA_HASH'],
  ...['GRACE', 'METRICS', 'LOG_FORMAT', 'LOG_LEVEL'],
].map((name) => `BENCH_${name}`);
const READY_WITHIN_US = 30e6;
const END_WITHIN_MS = 15_000;
const LAST_LINES = 20;

export function announce(readiness: Readiness): void {
  process.stdout.write(`${JSON.stringify(readiness)}\n`);
}

/** One `bench` process that this one has started, and ends. */
export class Child {
  readonly label: string;
  readonly exited: Promise<ChildExit>;
  /** Resolves with its address; rejects when it ends, or has announced nothing after 30 s. */
  readonly ready: Promise<string>;
  readonly #process: ChildProcess;
  readonly #lastLines: string[] = [];
  #hasExited = false;
  #isEnding = false;

  /**
   * @param label how it is called in messages, such as `agent-1`
   */
  constructor(
    command: ChildCommand,
    label: string,
    flags: readonly string[],
    { environment = {}, token, hear = () => {} }: ChildOptions = {},
  ) {
    this.label = label;
    const args = [...runtimeArguments(), BENCH_FILE, command, '--child', ...flags];
    // A process group of its own: Ctrl-C in the terminal reaches only the parent, which ends its children in order.
    const child = spawn(process.execPath, args, {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...childEnvironment(process.env), ...environment },
    });
    this.#process = child;
    child.stdin.on('error', () => {});
    if (token !== undefined) child.stdin.write(tokenLine(token));
    createInterface({ input: child.stderr }).on('line', (line) => {
      this.#keep(line);
      hear(line);
    });
    this.exited = new Promise((resolve) => {
      child.once('error', (error) => {
        this.#keep(error.message);
        this.#hasExited = true;
        resolve({ code: 1, signal: null });
      });
      child.once('close', (code, signal) => {
        this.#hasExited = true;
        resolve({ code, signal });
      });
    });
    this.ready = this.#awaitReady(child.stdout);
    this.ready.catch(() => {});
  }

  /** It ended without being asked to. */
  get endedByItself(): boolean {
    return this.#hasExited && !this.#isEnding;
  }

  /** The last that it wrote on stderr: why it ended, when it ended by itself. */
  lastWords(): string {
    return this.#lastLines.join('\n');
  }

  /** Passes on a call to end: its own `--grace` holds, and the second call hurries it. */
  terminate(): void {
    this.#isEnding = true;
    this.#process.stdin?.write(END_WORD);
  }

  /** Lets it drain; after a while, or at once when told so, kills it. Resolves when it is gone. */
  async end(atOnce = false): Promise<void> {
    this.#isEnding = true;
    if (this.#hasExited) return;
    this.#process.stdin?.end();
    if (atOnce) this.#process.kill('SIGKILL');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), END_WITHIN_MS);
    await this.exited;
    clearTimeout(timer);
  }

  async #awaitReady(stdout: NodeJS.ReadableStream): Promise<string> {
    const announced = new Promise<string>((resolve) => {
      const lines = createInterface({ input: stdout });
      lines.once('line', (line) => {
        resolve((JSON.parse(line) as Readiness).at ?? '');
        lines.on('line', () => {});
      });
    });
    const gone = this.exited.then(({ code, signal }) => {
      const words = this.lastWords().replace(/^bench: /, '') || `it ended with ${signal ?? `exit code ${code}`}.`;
      // A flag that was passed on to it is the user's.
      throw new CommandError(
        `${this.label} could not start: ${words}`,
        code === EXIT.invalidInput ? EXIT.invalidInput : EXIT.error,
      );
    });
    const message = `${this.label} did not start within ${READY_WITHIN_US / 1e6} seconds.`;
    return withTimeout(systemClock, READY_WITHIN_US, message, () => Promise.race([announced, gone]));
  }

  #keep(line: string): void {
    if (line.trim() === '') return;
    this.#lastLines.push(line);
    if (this.#lastLines.length > LAST_LINES) this.#lastLines.shift();
  }
}

/** What stands before the file in the command that runs it: the same runtime with the same rights. */
function runtimeArguments(): readonly string[] {
  if ('Deno' in globalThis) return ['run', '--allow-all'];
  return process.execArgv;
}

export function childEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !CHILD_FLAG_VARIABLES.includes(name)));
}
