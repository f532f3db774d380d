import { dirname, resolve } from 'node:path';
import { CommandError, messageOf } from './command-error.ts';
import { makeFolder } from './make-folder.ts';

/** Where runs are kept when no other place is given, in the working folder. */
export const DEFAULT_STORE = '.bench/runs.sqlite';

/** Makes the store's folder. @returns the store as control takes it */
export async function prepareStore(store: string): Promise<string> {
  if (store === ':memory:') return store;
  const file = resolve(store);
  try {
    await makeFolder(dirname(file));
  } catch (error) {
    throw new CommandError(`The store ${store} cannot be used: ${messageOf(error)}. Give another file with --store.`);
  }
  return file;
}
