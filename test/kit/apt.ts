import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';

/** @throws when this is not root on a system with apt, or the package cannot be had */
export async function aptInstall(name: string): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('only root may install');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await promisify(execFile)('apt-get', ['update', '-q'], { env });
  await promisify(execFile)('apt-get', ['install', '-y', '-q', '--no-install-recommends', name], { env });
}
