import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import process from 'node:process';

/** Only root may write there, and only root installs. */
const LOCK = '/run/bench-test-install.lock';
/** How long to wait for dpkg's own lock: others than these tests install too. */
const FOREIGN_INSTALL_S = 300;

/**
 * A program that a test needs; root on Debian gets it by apt.
 * @param find where it is, or undefined
 * @param needed says what to do
 * @throws an Error with the text `needed` when it is not there and cannot be installed
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
    // Also to look: what another process is installing is there before it is configured.
    await locked(lock);
    const found = find();
    if (found !== undefined) return found;
    await install(packageName, lock);
    const installed = find();
    if (installed === undefined) throw new Error(`${packageName} does not hold it`);
    return installed;
  } catch (error) {
    throw new Error(needed, { cause: error });
  } finally {
    closeSync(lock);
  }
}

/** By flock(1), which every Debian has. It is the open file that is locked: until all that have it are gone, however. */
async function locked(lock: number): Promise<void> {
  await run('flock', ['3'], lock);
}

async function install(packageName: string, lock: number): Promise<void> {
  await run('apt-get', ['update', '-q'], lock);
  const options = ['-y', '-q', '--no-install-recommends', '-o', `DPkg::Lock::Timeout=${FOREIGN_INSTALL_S}`];
  await run('apt-get', ['install', ...options, packageName], lock);
}

/** @param lock its descriptor 3: what goes on when this process is killed still has the lock */
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
