import { type ChildProcessByStdio, spawn } from 'node:child_process';
import process from 'node:process';
import type { Readable, Writable } from 'node:stream';
import { BenchmarkError } from './benchmark-error.ts';

export interface Start {
  readonly command: string;
  readonly args: readonly string[];
  /** Cores it may run on, as taskset writes them; undefined: those of the benchmark itself. */
  readonly cores: string | undefined;
  readonly folder?: string;
  /** Is given what it has written on stdout so far, whenever that is more. */
  readonly heard?: ((stdout: string) => void) | undefined;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const END_WITHIN_MS = 5000;
const running = new Set<StartedProcess>();
process.on('exit', () => {
  for (const started of running) started.kill();
});

/** One process that the benchmark has started, and ends. */
export class StartedProcess {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** The first whole line on stdout; rejects when it ends without one. */
  readonly firstLine: Promise<string>;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;

  /** @throws {BenchmarkError} when there is no such program */
  static async start(start: Start): Promise<StartedProcess> {
    const words = start.cores === undefined ? [] : ['taskset', '--cpu-list', start.cores];
    const [command, ...args] = [...words, start.command, ...start.args] as [string, ...string[]];
    const child = spawn(command, args, {
      cwd: start.folder,
      env: environment(),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) =>
        reject(new BenchmarkError(`${start.command} cannot be started: ${error.message}`)),
      );
    });
    return new StartedProcess(child, start.heard);
  }

  private constructor(child: ChildProcessByStdio<Writable, Readable, Readable>, heard: Start['heard']) {
    this.#child = child;
    this.pid = child.pid as number;
    running.add(this);
    const line = Promise.withResolvers<string>();
    let stdout = '';
    let stderr = '';
    child.stdin.on('error', () => {});
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      const newline = stdout.indexOf('\n');
      if (newline >= 0) line.resolve(stdout.slice(0, newline));
      heard?.(stdout);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    this.ended = new Promise((resolve) => {
      child.once('close', (code) => {
        running.delete(this);
        line.reject(
          new BenchmarkError(`${child.spawnfile} ended with code ${code}: ${stderr.trim() || stdout.trim()}`),
        );
        resolve({ code, stdout, stderr });
      });
    });
    this.firstLine = line.promise;
    this.firstLine.catch(() => {});
  }

  /** Closes its input and asks it to end; kills it when it takes too long. */
  async end(): Promise<Ended> {
    this.#child.stdin.end();
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), END_WITHIN_MS);
    const ended = await this.ended;
    clearTimeout(timer);
    return ended;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

/** Flags of `bench` in the user's environment are not meant for the benchmark. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('BENCH_')));
}
