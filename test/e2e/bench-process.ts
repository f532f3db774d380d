import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';

/** The variable in which `npm test` names the folder of what it has built; without it, the sources run. */
export const BUILT_FOLDER = 'BENCH_E2E_BUILT';
/** The programs there, by what runs them. */
export const BUILT = { bun: 'bench.js', node: 'bench.mjs' } as const;
const SOURCES = fileURLToPath(new URL('../../bench.ts', import.meta.url));
/**
 * What runs `bench` where a test names no runtime: Bun needs three fifths of the processor time that Node needs to start, and
 * starting is most of what these processes do. test/runtime tries each role on each runtime.
 */
const USUAL_RUNTIME: readonly string[] = [fileURLToPath(new URL('../../node_modules/.bin/bun', import.meta.url))];
/**
 * A process that lasts seconds gets back little of what Bun compiles, and nothing of collecting garbage each second. Without the
 * optimising compiler, with the other one for what is called very often, and with a collection where memory asks for one,
 * it takes a third less processor time. To find out the name of the machine's time zone takes 3 ms of each start. test/runtime
 * has Bun as it comes.
 */
const USUAL_SETTINGS = {
  BUN_JSC_useDFGJIT: '0',
  BUN_JSC_thresholdForJITAfterWarmUp: '20000',
  BUN_GC_TIMER_DISABLE: '1',
  TZ: Intl.DateTimeFormat().resolvedOptions().timeZone,
};
/** Where the runtimes keep what they have compiled. Bun's would lie in the home of the user, which is the folder of the test. */
const CACHES: NodeJS.ProcessEnv = {
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
  DENO_DIR: process.env.DENO_DIR,
  BUN_RUNTIME_TRANSPILER_CACHE_PATH: fileURLToPath(new URL('../../node_modules/.cache/bun', import.meta.url)),
};
const USUAL_PROGRAM = programOn(USUAL_RUNTIME);
/** For a shell in which `bench` is this program on the usual runtime: the command, and what stands in its environment. */
export const USUAL_BENCH = {
  command: [...USUAL_RUNTIME, USUAL_PROGRAM],
  env: { ...CACHES, ...USUAL_SETTINGS },
} as const;
/** For what a user's Node is to show, and for what Bun refuses, such as a password on the command line. */
export const ON_NODE: Partial<StartOptions> = { runtime: [process.execPath] };
const WAIT_LIMIT_MS = 60_000;
const MARK = 'BENCH_E2E_MARK';
/**
 * To stand before a command. A test that is killed runs no teardown: the kernel then ends what it has started, where it
 * can (setpriv of util-linux). tap has each Node beneath it load its own modules, by NODE_OPTIONS, which takes as long as
 * the start of `bench`: what a user starts has none of them.
 */
export const WITH_THIS_PROCESS: readonly string[] = [
  ...(existsSync('/usr/bin/setpriv') ? ['/usr/bin/setpriv', '--pdeathsig', 'KILL'] : []),
  ...['/usr/bin/env', '-u', 'NODE_OPTIONS'],
];

export interface StartOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** What runs the program; Bun without it. */
  readonly runtime?: readonly string[];
  /** The program's file; without it that of this clone. */
  readonly program?: string;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One `bench` process, as a user starts it, and what it has said so far. */
export class BenchProcess {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  readonly #process: ChildProcess;
  readonly #mark = randomUUID();
  #stdout = '';
  #stderr = '';
  #hasEnded = false;
  #heard: () => void = () => {};

  constructor(args: readonly string[], { cwd, env = {}, runtime = USUAL_RUNTIME, ...options }: StartOptions) {
    const { program = programOn(runtime) } = options;
    const [command, ...before] = [...WITH_THIS_PROCESS, ...runtime, program, ...args] as [string, ...string[]];
    this.#process = spawn(command, before, {
      cwd,
      env: {
        PATH: process.env.PATH,
        HOME: cwd,
        ...CACHES,
        ...(runtime === USUAL_RUNTIME && USUAL_SETTINGS),
        [MARK]: this.#mark,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.pid = this.#process.pid ?? 0;
    const { stdout, stderr } = this.#process;
    stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      this.#heard();
    });
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
      this.#heard();
    });
    this.ended = new Promise((resolve, reject) => {
      this.#process.once('error', reject);
      this.#process.once('close', (code, signal) => {
        this.#hasEnded = true;
        this.#heard();
        resolve({ code, signal, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
  }

  /** Waits until it has written this, on stdout or stderr. */
  async said(pattern: RegExp): Promise<RegExpExecArray> {
    const deadline = Promise.withResolvers<never>();
    const timer = setTimeout(() => deadline.reject(new Error(this.#unheard(pattern))), WAIT_LIMIT_MS);
    try {
      for (;;) {
        const found = pattern.exec(this.#stdout) ?? pattern.exec(this.#stderr);
        if (found) return found;
        if (this.#hasEnded) throw new Error(this.#unheard(pattern));
        const heard = new Promise<void>((resolve) => {
          this.#heard = resolve;
        });
        await Promise.race([heard, deadline.promise]);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** The ids of all processes that come from this one, itself included; from Linux's /proc. */
  family(): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && environmentOf(name).includes(`${MARK}=${this.#mark}`))
      .map(Number);
  }

  /** Whether all that comes from it is gone: soon, or not at all. */
  async leavesNothing(limitMs = 20_000): Promise<boolean> {
    const endMs = Date.now() + limitMs;
    while (this.family().length > 0) {
      if (Date.now() > endMs) return false;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return true;
  }

  /** For the end of a test, however it went. */
  async end(): Promise<void> {
    if (this.#hasEnded) return;
    this.kill('SIGKILL');
    await this.ended;
  }

  #unheard(pattern: RegExp): string {
    return `bench did not say ${pattern}; stdout:\n${this.#stdout}\nstderr:\n${this.#stderr}`;
  }
}

/** What `bench` of this clone is for a runtime. Deno runs the sources, which its import map lies beside. */
function programOn([command]: readonly string[]): string {
  const folder = process.env[BUILT_FOLDER];
  const built = { [USUAL_RUNTIME[0] as string]: BUILT.bun, [process.execPath]: BUILT.node }[command as string];
  return folder === undefined || built === undefined ? SOURCES : `${folder}/${built}`;
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}

export const canSeeProcesses = existsSync('/proc/self/environ');

/**
 * A working folder with these files, and a way to start `bench` in it.
 * @param usual options of each start that names no others
 */
export function workbench(
  t: Pick<Test, 'testdir' | 'teardown'>,
  files: Record<string, string> = {},
  usual: Partial<StartOptions> = {},
) {
  const cwd = t.testdir({ 'a folder': files });
  const folder = `${cwd}/a folder`;
  const start = (args: readonly string[], options: Partial<StartOptions> = {}) => {
    const started = new BenchProcess(args, { cwd: folder, ...usual, ...options });
    t.teardown(() => started.end());
    return started;
  };
  return {
    folder,
    start,
    run: (args: readonly string[], options?: Partial<StartOptions>) => start(args, options).ended,
  };
}

/** The arguments of the command that `bench control invite` prints, with its token, which stands in the environment there. */
export function invitedArguments(line: string): string[] {
  const [variable = '', , ...given] = line.trim().split(' ');
  return [...given, '--token', variable.replace('BENCH_INVITATION_TOKEN=', '')];
}
