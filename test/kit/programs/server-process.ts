import { type ChildProcess, spawn } from 'node:child_process';
import { WITH_THIS_PROCESS } from '../../e2e/bench-process.ts';

export interface ServerProcess {
  readonly child: ChildProcess;
  /** What it said when it took connections. */
  readonly said: RegExpExecArray;
}

/**
 * Starts a server that a test needs, which ends with the test's process.
 * @param ready what it says on stdout or stderr when it takes connections
 * @param env beside the environment of the test
 * @throws an Error with what it said, when it ends before that
 */
export async function startServer(
  command: readonly string[],
  ready: RegExp,
  env: NodeJS.ProcessEnv = {},
): Promise<ServerProcess> {
  const [program = '', ...args] = [...WITH_THIS_PROCESS, ...command];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  let text = '';
  const said = await new Promise<RegExpExecArray>((resolve, reject) => {
    const heard = (more: string) => {
      text += more;
      const found = ready.exec(text);
      if (found !== null) resolve(found);
    };
    child.stdout.setEncoding('utf8').on('data', heard);
    child.stderr.setEncoding('utf8').on('data', heard);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}: ${text}`)));
  });
  return { child, said };
}

export async function endServer({ child }: ServerProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}
