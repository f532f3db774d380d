import { copyFile, link, rm } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { BenchError } from '../error.ts';
import { makeFolder } from '../make-folder.ts';
import { type BundleEntry, bundleProblem } from '../plan/bundle.ts';
import { addSentFiles, type SentModule } from '../plan-files.ts';
import { type ContentCache, unusable } from './content-cache.ts';
import { makeOwnFolder } from './own-folder.ts';
import { newRunFolder } from './run-folder.ts';

/** Whose code a process loads, beside the built-in plugins: everybody's who may start runs, or modules with these hashes. */
export type RemoteCode = 'any' | ReadonlySet<string>;

/** Where a process keeps what is sent with runs, and whose code it loads. */
export interface BundleStore {
  readonly cache: ContentCache;
  readonly remoteCode: RemoteCode;
}

/** What was sent with one run, ready to be used in this process. */
export interface OpenBundle {
  readonly entries: readonly BundleEntry[];
  /** Stands for the plan's folder: what the plan names is found from here, by the functions of plan-files.ts. */
  readonly folder: string;
  /** Where the content with this hash lies; undefined when the run has none. */
  contentPath(sha256: string): string | undefined;
  /** Removes the run's files; what is in memory stays. Never rejects, and may be called again. */
  close(): Promise<void>;
}

/** What is wrong with a bundle that somebody has sent, in a sentence; undefined when this process takes it. */
export function refusal(entries: readonly BundleEntry[], { remoteCode }: BundleStore): string | undefined {
  const problem = bundleProblem(entries);
  if (problem !== undefined || remoteCode === 'any') return problem;
  const refused = entries.find(({ kind, sha256 }) => kind === 'module' && !remoteCode.has(sha256));
  if (refused === undefined) return undefined;
  return `it may not run ${refused.name}, which the plan brings along: start it without --no-remote-code, or add --allow-plugin ${refused.sha256}`;
}

/**
 * Gives a run its own links to the contents that were sent with it, so that nothing that happens to the cache later concerns it.
 * @param origin the plan's folder where the run was started
 * @throws {BenchError} `content_missing` for a content that the cache does not have, `bundle_refused` for what a plan may not
 *   name, `cache_unusable` when the disk is full
 */
export async function openBundle(
  entries: readonly BundleEntry[],
  origin: string,
  store: BundleStore,
): Promise<OpenBundle> {
  const problem = refusal(entries, store);
  if (problem !== undefined) throw new BenchError('bundle_refused', problem);
  const { cache } = store;
  const run = newRunFolder(cache.folder);
  const root = join(run, 'files');
  // The whole path of the plan's folder is kept, so that names with `..` lead to their files too.
  const folder = join(root, mirrored(origin));
  const absolute = new Map<string, string>();
  const modules = new Map<string, SentModule>();
  const contents = new Map<string, string>();
  const placed = new Map<string, string>();
  try {
    if (entries.length > 0) await makeRunsFolder(run, cache.folder);
    for (const { kind, name, sha256 } of entries) {
      const file = kind === 'module' ? join(run, 'modules', `${sha256}.mjs`) : placeOf(name, root, folder);
      if (placed.get(file) !== sha256) await place(cache.pathOf(sha256), file, name, cache.folder);
      placed.set(file, sha256);
      contents.set(sha256, file);
      if (kind === 'module') modules.set(name, { file, sha256 });
      else if (isAbsolute(name)) absolute.set(resolve(name), file);
    }
  } catch (error) {
    await removed(run);
    throw error;
  }
  const forget = addSentFiles({ root, folder, origin, absolute, modules });
  return {
    entries,
    folder,
    contentPath: (sha256) => contents.get(sha256),
    close: async () => {
      forget();
      if (entries.length > 0) await removed(run);
    },
  };
}

/**
 * As {@link openBundle}, for contents that came earlier: each is compared with its hash first.
 * @throws {BenchError} as {@link openBundle} does
 */
export async function openKeptBundle(
  entries: readonly BundleEntry[],
  origin: string,
  store: BundleStore,
): Promise<OpenBundle> {
  if (refusal(entries, store) === undefined) {
    for (const entry of entries) if (!(await store.cache.has(entry))) throw missing(entry.name);
  }
  return openBundle(entries, origin, store);
}

/** A folder of another host, as the end of a path of this one. */
function mirrored(origin: string): string {
  return origin
    .split(/[\\/]+/)
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .map((part) => part.replaceAll(/[:\0]/g, '_'))
    .join(sep);
}

/** @throws {BenchError} for a name that would lead out of the run's files */
function placeOf(name: string, root: string, folder: string): string {
  const place = isAbsolute(name) ? join(root, name) : resolve(folder, name);
  if (place.startsWith(root + sep)) return place;
  throw new BenchError('bundle_refused', `${name} is no path that a plan can name from its folder`);
}

async function makeRunsFolder(run: string, cache: string): Promise<void> {
  try {
    await makeOwnFolder(dirname(run));
  } catch (error) {
    throw unusable(cache, error);
  }
}

async function place(content: string, file: string, name: string, folder: string): Promise<void> {
  try {
    await makeFolder(dirname(file), 0o700);
    // Not all file systems have links.
    await link(content, file).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'EEXIST') throw error;
      await copyFile(content, file);
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw missing(name);
    if (code === 'EEXIST') throw new BenchError('bundle_refused', `${name} was sent twice, with different contents`);
    throw unusable(folder, error);
  }
}

function missing(name: string): BenchError {
  return new BenchError(
    'content_missing',
    `the content of ${name} was not sent, or is no longer kept: start the run again`,
  );
}

async function removed(run: string): Promise<void> {
  await rm(run, { recursive: true, force: true }).catch(() => {});
}
