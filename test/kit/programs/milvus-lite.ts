import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { freePort } from '../../../core/cli/processes/free-port.ts';
import { pipInstall, pipLacks } from './pip-install.ts';
import { endServer, startServer } from './server-process.ts';

const VERSION = '3.2.2';
/** Of the messages that it speaks with. */
const PYMILVUS = '3.0.2';

/** Why there can be no milvus-lite here; undefined where there can. Installs it where it is missing. */
export function milvusLiteLacks(): Promise<string | undefined> {
  return pipLacks('milvus-lite', install);
}

/** A milvus-lite for one test file, on a port of loopback. @returns its URL */
export async function milvusLite(t: Pick<Test, 'teardown'>): Promise<string> {
  const installed = await install();
  const folder = await mkdtemp(join(tmpdir(), 'bench-milvus-lite-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const port = await freePort();
  const flags = ['--data-dir', folder, '--host', '127.0.0.1', '--port', `${port}`];
  const command = ['python3', '-u', join(installed, 'bin/milvus-lite'), 'server', ...flags];
  const server = await startServer(command, /listening on/, { PYTHONPATH: installed });
  t.teardown(() => endServer(server));
  return `http://127.0.0.1:${port}`;
}

function install(): Promise<string> {
  return pipInstall(`milvus-lite-${VERSION}`, [`milvus-lite==${VERSION}`, `pymilvus==${PYMILVUS}`]);
}
