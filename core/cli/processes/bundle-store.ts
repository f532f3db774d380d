import { resolve } from 'node:path';
import { ContentCache } from '../../bundle/content-cache.ts';
import type { BundleStore } from '../../bundle/open-bundle.ts';
import type { OwnFiles } from '../../plan-files.ts';
import { cacheFolder } from '../files/folders.ts';
import type { ProcessFlags } from '../flags/process-flags.ts';

/** Where control and agents keep what is sent with runs, and whose code they load. */
export function bundleStore({
  cache,
  remoteCode,
  allowPlugin = [],
}: Pick<ProcessFlags, 'cache' | 'remoteCode' | 'allowPlugin'>): BundleStore {
  const contents = new ContentCache(resolve(cache ?? cacheFolder()));
  // Nothing waits for it: what is left takes only room.
  void contents.removeLeftovers();
  return {
    cache: contents,
    remoteCode: remoteCode ? 'any' : new Set(allowPlugin),
  };
}

/** The files of this host that plans may name, beside those that are sent with a run: those in the folders that were given. */
export function ownFiles(folders: readonly (string | undefined)[]): OwnFiles['which'] {
  return { folders: folders.filter((folder) => folder !== undefined).map((folder) => resolve(folder)) };
}
