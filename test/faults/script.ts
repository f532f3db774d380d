import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { WITH_THIS_PROCESS } from '../e2e/bench-process.ts';

/**
 * A script of this folder as a process of its own, for as long as the test.
 * @param before the command that starts it, such as that of a host
 * @returns its lines
 */
export function startScript(
  t: Pick<Test, 'teardown'>,
  name: string,
  scriptArgs: readonly string[],
  before: readonly string[] = [],
): Interface {
  const script = fileURLToPath(new URL(name, import.meta.url));
  const line = [...WITH_THIS_PROCESS, ...before, process.execPath, '--no-warnings', script, ...scriptArgs];
  const [command = '', ...args] = line;
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  t.teardown(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return createInterface(child.stdout);
}
