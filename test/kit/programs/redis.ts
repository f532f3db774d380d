import { existsSync } from 'node:fs';
import type { Test } from 'tap';
import { freePort } from '../../../core/cli/processes/free-port.ts';
import { programByApt } from './apt.ts';
import { endServer, startServer } from './server-process.ts';

const PLACES = ['/usr/bin/redis-server', '/usr/local/bin/redis-server'];
const NEEDED =
  'This test needs Redis: install redis-server, or run the tests as root on Debian (apt then installs it).';

/** A server for one test, which keeps nothing on the disk. @returns its port on 127.0.0.1 */
export async function privateRedis(t: Pick<Test, 'teardown' | 'testdir'>): Promise<number> {
  const program = await programByApt('redis-server', () => PLACES.find((path) => existsSync(path)), NEEDED);
  const port = await freePort();
  const flags = ['--bind', '127.0.0.1', '--port', `${port}`, '--dir', t.testdir(), '--save', '', '--appendonly', 'no'];
  const server = await startServer([program, ...flags], /Ready to accept connections/);
  t.teardown(() => endServer(server));
  return port;
}
