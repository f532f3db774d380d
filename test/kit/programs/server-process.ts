import { type ChildProcess, spawn } from 'node:child_process';
import { WITH_THIS_PROCESS } from '../../e2e/bench-process.ts';

/**
 * Starts a server that a test needs, which ends with the test's process.
 * @param ready what it says on stdout or stderr when it takes connections
 * @throws an Error with what it said, when it ends before that
 */
export async function startServer(command: readonly string[], ready: RegExp): Promise<ChildProcess> {
  const [program = '', ...args] = [...WITH_THIS_PROCESS, ...command];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    const heard = (text: string) => {
      said += text;
      if (ready.test(said)) resolve();
    };
    child.stdout.setEncoding('utf8').on('data', heard);
    child.stderr.setEncoding('utf8').on('data', heard);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}: ${said}`)));
  });
  return child;
}

export async function endServer(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}
