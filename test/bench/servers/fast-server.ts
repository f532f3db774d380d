import { findProgram } from '../machine.ts';
import { startNginx } from './nginx.ts';
import { startPlainServer } from './plain.ts';
import type { LoadedServer } from './server.ts';

/**
 * The fastest server there is here.
 * @param folder for its files; the caller removes it
 */
export async function startFastServer(folder: string): Promise<LoadedServer> {
  const nginx = findProgram('nginx');
  return nginx === undefined ? startPlainServer() : startNginx(nginx, folder);
}
