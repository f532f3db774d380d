import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import process from 'node:process';

/** Only root installs packages, so the lock is in a folder that only root may write to. */
const LOCK = '/run/bench-test-install.lock';
/** How long to wait for dpkg's own lock, in seconds: other programs install packages too. */
const FOREIGN_INSTALL_S = 300;

/**
 * Finds a program that a test needs; as root on Debian, installs it with apt where it is missing.
 * @param find returns the installed program, or undefined
 * @param needed tells the reader what to do
 * @throws an Error with the text `needed` when the program is missing and cannot be installed
 */
export async function programByApt<Found>(
  packageName: string,
  find: () => Found | undefined,
  needed: string,
): Promise<Found> {
  const mayInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  if (!mayInstall) {
    const found = find();
    if (found === undefined) throw new Error(needed);
    return found;
  }
  const lock = openSync(LOCK, 'a');
  try {
    // The lock is needed for looking too: while another process installs the program, it exists before it is configured.
    await locked(lock);
    const found = find();
    if (found !== undefined) return found;
    await install(packageName, lock);
    const installed = find();
    if (installed === undefined) throw new Error(`${packageName} does not contain it`);
    return installed;
  } catch (error) {
    throw new Error(needed, { cause: error });
  } finally {
    closeSync(lock);
  }
}

/** Locks with flock(1), which every Debian has. The lock belongs to the open file, and ends with the last process that has it. */
async function locked(lock: number): Promise<void> {
  await run('flock', ['3'], lock);
}

async function install(packageName: string, lock: number): Promise<void> {
  await run('apt-get', ['update', '-q'], lock);
  const options = ['-y', '-q', '--no-install-recommends', '-o', `DPkg::Lock::Timeout=${FOREIGN_INSTALL_S}`];
  await run('apt-get', ['install', ...options, packageName], lock);
}

/** @param lock becomes the command's descriptor 3, so that a command that outlives this process keeps the lock */
async function run(command: string, args: readonly string[], lock: number): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'pipe', lock] });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${command} ${args[0]} ended with ${code}: ${said.trim()}`);
}
