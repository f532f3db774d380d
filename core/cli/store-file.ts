import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import process from 'node:process';
import { processLookup } from '../environment.ts';
import {
  formatDatabaseUrl,
  holdsPassword,
  isDatabaseUrl,
  parseDatabaseUrl,
  withoutPassword,
} from '../plan/database-url.ts';
import { CommandError, messageOf } from './command-error.ts';
import { EXIT } from './exit-codes.ts';
import { makeFolder } from './make-folder.ts';

/** Where runs are kept when no other place is given, in the working folder. */
export const DEFAULT_STORE = '.bench/runs.sqlite';

/** Runs in it can be looked for. A database says itself when it is not there. */
export function mayHoldRuns(store: string): boolean {
  return isDatabaseUrl(store) || existsSync(store);
}

/** The store for messages: a URL without its password. */
export function storeText(store: string): string {
  return withoutPassword(store);
}

/**
 * How another `bench` process is told of the store: a password is not to be seen in a list of processes.
 * @returns flags and variables
 */
export function storeArguments(store: string): { flags: readonly string[]; environment: NodeJS.ProcessEnv } {
  return holdsPassword(store)
    ? { flags: [], environment: { BENCH_STORE: store } }
    : { flags: ['--store', store], environment: {} };
}

/**
 * Makes the store's folder; of a MySQL URL, puts in what it refers to.
 * @returns the store as control takes it
 */
export async function prepareStore(store: string): Promise<string> {
  if (store === ':memory:') return store;
  if (isDatabaseUrl(store)) {
    // Until here the password was to be seen in the list of processes.
    if (holdsPassword(store)) process.title = 'bench';
    try {
      return formatDatabaseUrl(parseDatabaseUrl(store, processLookup(process.cwd())));
    } catch (error) {
      throw new CommandError(`--store: ${messageOf(error)}.`, EXIT.invalidInput);
    }
  }
  const file = resolve(store);
  try {
    await makeFolder(dirname(file));
  } catch (error) {
    throw new CommandError(`The store ${store} cannot be used: ${messageOf(error)}. Give another file with --store.`);
  }
  return file;
}
