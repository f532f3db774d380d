import { existsSync, type Stats } from 'node:fs';
import { lstat, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import process from 'node:process';
import { processLookup } from '../../environment.ts';
import { BenchError, errorMessage } from '../../error.ts';
import { makeFolder } from '../../make-folder.ts';
import {
  formatDatabaseUrl,
  holdsPassword,
  isDatabaseUrl,
  parseDatabaseUrl,
  withoutPassword,
} from '../../secrets/database-url.ts';
import { reasonOf } from '../../text/system-reason.ts';
import { isTrustedOwner, othersCanWrite } from '../../trusted-owner.ts';
import { CommandError } from '../command-error.ts';
import { hidePassword } from '../command-line.ts';
import { EXIT } from '../exit-codes.ts';
import { reportPlace } from './report-path.ts';

/** Where runs are stored unless another place is given; relative to the working folder. */
export const DEFAULT_STORE = '.bench/runs.sqlite';
/** Nobody else may write to the folder of a store, whatever the umask is. */
const FOLDER_MODE = 0o755;
/** What SQLite reads beside its file: whoever wrote it has changed the store. */
const BESIDE = ['-journal', '-wal', '-shm'];

/** Whether there may be runs in this store. A database reports by itself that it does not exist. @throws {CommandError} */
export function mayHoldRuns(store: string): boolean {
  refuseOtherUrls(store);
  return isDatabaseUrl(store) || existsSync(store);
}

export function noSuchRun(runId: string, store: string): CommandError {
  return new CommandError(
    `There is no run ${runId} in ${storeText(store)}: \`bench runs\` lists the runs.`,
    EXIT.invalidInput,
  );
}

/** The store as messages show it: a URL without its password. */
export function storeText(store: string): string {
  return withoutPassword(store);
}

/**
 * How another `bench` process gets the store. A password goes into a variable, because others can see the arguments of a
 * process.
 * @returns flags and variables for that process
 * @throws {CommandError}
 */
export function storeArguments(store: string): { flags: readonly string[]; environment: NodeJS.ProcessEnv } {
  refuseOtherUrls(store);
  hidePassword('--store', store, 'bench');
  return holdsPassword(store)
    ? { flags: [], environment: { BENCH_STORE: store } }
    : { flags: ['--store', store], environment: {} };
}

/**
 * Makes the folder and the file of a SQLite store; in a MySQL URL, replaces references by their values.
 * @returns the store as control takes it
 * @throws {CommandError} also when somebody else can have put runs into the file: control goes on with them, and cleans up after
 *   them, with the code and the secrets that they name
 */
export async function prepareStore(store: string): Promise<string> {
  if (store === ':memory:') return store;
  refuseOtherUrls(store);
  if (isDatabaseUrl(store)) {
    hidePassword('--store', store, 'bench control');
    const filled = filledIn(store);
    refuseOtherUrls(filled);
    return filled;
  }
  try {
    const { file, isStream } = await reportPlace(store);
    if (isStream) throw refused('it is a device or a pipe, not a regular file');
    const folder = dirname(file);
    await makeFolder(folder, FOLDER_MODE);
    const found = await stat(folder);
    checkOwner(`the folder ${folder}`, found);
    // Nor a sticky one, such as /tmp: what SQLite reads beside the file could be put there after this look.
    checkWriters(`the folder ${folder}`, found, 'Put it into a folder of your own');
    await makePrivateFile(file);
    for (const end of BESIDE) {
      const beside = await lstat(file + end).catch(() => undefined);
      if (beside !== undefined) checkFile(file + end, beside);
    }
    return file;
  } catch (error) {
    throw new CommandError(
      `The store ${store} cannot be used: ${reasonOf(error)}. Give another file with --store.`,
      error instanceof BenchError ? EXIT.invalidInput : EXIT.error,
      { cause: error },
    );
  }
}

/** SQLite would make it readable for everybody. It gives the mode of this file to those that it makes beside it. */
async function makePrivateFile(file: string): Promise<void> {
  const handle = await open(file, 'a', 0o600);
  try {
    checkFile(file, await handle.stat());
  } finally {
    await handle.close();
  }
}

function checkFile(file: string, found: Stats): void {
  checkOwner(file, found);
  checkWriters(file, found);
}

function checkOwner(place: string, found: Stats): void {
  if (isTrustedOwner(found)) return;
  throw refused(`${place} belongs to another user, who could put runs there, and so run code as you`);
}

function checkWriters(place: string, found: Stats, mend = '`chmod go-w` makes it private'): void {
  if (!othersCanWrite(found)) return;
  throw refused(`other users can write to ${place}, put runs there, and so run code as you. ${mend}`);
}

function refused(why: string): BenchError {
  return new BenchError('store_refused', why);
}

/** @returns the URL with the values of its references */
function filledIn(store: string): string {
  try {
    return formatDatabaseUrl(parseDatabaseUrl(store, processLookup(process.cwd())));
  } catch (error) {
    throw new CommandError(`--store: ${errorMessage(error)}.`, EXIT.invalidInput);
  }
}

/** The message shows only the scheme of the URL, because there may be a password in the rest. */
function refuseOtherUrls(store: string): void {
  const scheme = /^\s*([a-z][a-z0-9+.-]*):\/\//i.exec(store)?.[1]?.toLowerCase();
  if (scheme === undefined || scheme === 'mysql') return;
  throw new CommandError(
    `--store: runs cannot be kept in "${scheme}://": give the path of a SQLite file, or mysql://user:password@host:port/database.`,
    EXIT.invalidInput,
  );
}
