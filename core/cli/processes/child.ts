import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import type { Interface } from 'node:readline';
import { systemClock } from '../../clock.ts';
import { TOO_MANY_FILES } from '../../text/system-reason.ts';
import { withTimeout } from '../../timeout.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';
import { flagVariables } from '../flags/flags.ts';
import { abortOf, END_WORD, tokenLine } from './lifetime.ts';
import { ownProgram } from './own-program.ts';

export type ChildCommand = 'control' | 'agent' | 'target' | 'noop-target';

/**
 * The line of JSON that a child writes to stdout as soon as others can use it.
 * `at` is its address (control) or URL (target); an agent is ready when it has started and has none.
 */
export interface Readiness {
  readonly ready: ChildCommand;
  readonly at?: string;
  /** The URL of the page, where a control serves one. */
  readonly web?: string;
}

/** How a child ended; `code` is null after a signal. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ChildOptions {
  /** Variables in addition to those of this process, for values that a list of processes must not show. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Sent to it on stdin, for `--token-stdin`. */
  readonly token?: string;
  /** Called with each line that it writes to stderr. */
  readonly hear?: (line: string) => void;
}

const READY_WITHIN_US = 30e6;
const END_WITHIN_MS = 15_000;
const LAST_LINES = 20;

export function announce(readiness: Readiness): void {
  process.stdout.write(`${JSON.stringify(readiness)}\n`);
}

/** A `bench` process that this process has started and will end. */
export class Child {
  readonly label: string;
  readonly exited: Promise<ChildExit>;
  /** Resolves with its address; rejects when it ends, or has announced nothing after 30 s. */
  readonly ready: Promise<string>;
  #webUrl: string | undefined;
  readonly #process: ChildProcess;
  readonly #lastLines: string[] = [];
  #hasExited = false;
  #isEnding = false;

  /**
   * @param label its name in messages, such as `agent-1`
   */
  constructor(
    command: ChildCommand,
    label: string,
    flags: readonly string[],
    { environment = {}, token, hear = () => {} }: ChildOptions = {},
  ) {
    this.label = label;
    const [program, ...before] = ownProgram();
    // The child gets a process group of its own, so that Ctrl-C in the terminal reaches only the parent.
    const child = spawn(program, [...before, command, '--child', ...flags], {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...childEnvironment(process.env), ...environment },
    });
    this.#process = child;
    if ((child.stdin as unknown) === undefined) {
      // Node makes no pipes where no file can be opened, and says why later, where nobody waits for it.
      child.once('error', () => {});
      throw new CommandError(`${label} could not start: ${TOO_MANY_FILES}.`);
    }
    child.stdin.on('error', () => {});
    if (token !== undefined) child.stdin.write(tokenLine(token));
    linesOf(child.stderr).on('line', (line) => {
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

  /** The URL of the page, once a control that serves one is ready. */
  get webUrl(): string | undefined {
    return this.#webUrl;
  }

  /** Whether it ended without a request. */
  get endedByItself(): boolean {
    return this.#hasExited && !this.#isEnding;
  }

  /** The last lines that it wrote to stderr. If it ended by itself, they say why. */
  lastWords(): string {
    return this.#lastLines.join('\n');
  }

  /** Requests its end. It then has the time of its own `--grace`; a second request hurries it. */
  terminate(): void {
    this.#isEnding = true;
    this.#process.stdin?.write(END_WORD);
  }

  /** Lets it end in order, and kills it after 15 s or, if `atOnce`, immediately. Resolves when it has ended. */
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
      linesOf(stdout).on('line', (line) => {
        const readiness = readinessIn(line);
        if (readiness === undefined) return;
        this.#webUrl = readiness.web;
        resolve(readiness.at ?? '');
      });
    });
    const gone = this.exited.then(({ code, signal }) => {
      const words = this.lastWords().replace(/^bench: /, '') || `it ended with ${signal ?? `exit code ${code}`}.`;
      // The child reports a wrong flag of the user with this code.
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

/** Loaded where it is needed: of the processes that a run takes, one starts others. */
function linesOf(input: NodeJS.ReadableStream): Interface {
  return process.getBuiltinModule('node:readline').createInterface({ input });
}

/** Undefined for any other line: a module that the user's environment has each process load first may write some. */
function readinessIn(line: string): Readiness | undefined {
  if (!line.startsWith('{"ready":')) return undefined;
  try {
    return JSON.parse(line) as Readiness;
  } catch {
    return undefined;
  }
}

/** Flags in the user's environment are meant for the command that was called, and not for the processes that it starts. */
export function childEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ofFlags = flagVariables();
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ofFlags.has(name)));
}

/** @throws {CommandError} as soon as the start is given up, with the code for that */
export async function readyUnless<T>(signal: AbortSignal | undefined, ready: Promise<T>): Promise<T> {
  if (signal === undefined) return ready;
  const givenUp = abortOf(signal).then(() => {
    throw new CommandError('It was stopped before it had begun.', EXIT.aborted);
  });
  return Promise.race([ready, givenUp]);
}
