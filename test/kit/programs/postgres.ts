import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import type { Test } from 'tap';
import { freePort } from '../../../core/cli/processes/free-port.ts';
import { programByApt } from './apt.ts';
import { endServer, startServer } from './server-process.ts';

/** Where Debian has the programs of each version. */
const VERSIONS = '/usr/lib/postgresql';
const NEEDED =
  'This test needs PostgreSQL: install postgresql, or run the tests as root on Debian (apt then installs it).';

/**
 * A server for one test, with its own data folder.
 * @returns the URL of a user who may do anything, without a password
 */
export async function privatePostgres(t: Pick<Test, 'teardown'>): Promise<string> {
  const programs = await programByApt('postgresql', findPrograms, NEEDED);
  const folder = await mkdtemp(join(tmpdir(), 'bench-postgres-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const asUser = await unprivileged(folder);
  const data = join(folder, 'data');
  const [setUp = '', ...flags] = [
    ...asUser,
    join(programs, 'initdb'),
    '-D',
    data,
    '-U',
    'postgres',
    '-A',
    'trust',
    '-N',
  ];
  await promisify(execFile)(setUp, flags);
  const port = await freePort();
  const listening = ['-h', '127.0.0.1', '-p', `${port}`, '-k', '', '-F'];
  const server = await startServer(
    [...asUser, join(programs, 'postgres'), '-D', data, ...listening],
    /ready to accept connections/,
  );
  t.teardown(() => endServer(server));
  return `postgres://postgres@127.0.0.1:${port}/postgres`;
}

/** The folder with the programs of a version that is there. */
function findPrograms(): string | undefined {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS) : [];
  return versions.map((version) => join(VERSIONS, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb')));
}

/**
 * PostgreSQL refuses to work as root.
 * @param folder is given to the user that it works as instead
 * @returns what stands before a command
 */
async function unprivileged(folder: string): Promise<readonly string[]> {
  if (process.getuid?.() !== 0) return [];
  const [uid = 0, gid = 0] = ['-u', '-g'].map((flag) =>
    Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout),
  );
  await chown(folder, uid, gid);
  return ['/usr/bin/setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
}
