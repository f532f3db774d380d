import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { makeTemporaryFolder } from '../../core/make-folder.ts';
import type { SentFiles, SentModule } from '../../core/plan-files.ts';
import { PluginError } from '../../core/plugin.ts';
import { keepSourceLines } from '../../core/script/source-lines.ts';
import { PLUGIN_INTERFACE } from '../../core/version.ts';
import { toolkitModules } from './offer-toolkit.ts';
import { namePlugin } from './plugin-modules.ts';

/**
 * Under this symbol, modules that were sent with a run find what `@bench/toolkit` and its other entries export: so they need no
 * package beside them, on any runtime, and meet the version that runs them.
 */
export const TOOLKIT = Symbol.for('@bench/toolkit');

/** What modules find there. */
interface Toolkit {
  /** Which version of the interface this program has: a module that was made for another one refuses to load. */
  readonly interface: number;
  /** By the names of the entries. */
  readonly entries: Readonly<Record<string, object>>;
}

/** By hash. A module that was edited has another hash, and is another module; one that was not is imported once. */
const imported = new Map<string, Promise<{ readonly default?: unknown }>>();

/**
 * Imports a plugin, a shape or a script that was sent with a run.
 * @param what `driver`, for example
 * @throws {PluginError} when it was not sent; and whatever the module throws
 */
export function importSent(
  what: string,
  reference: string,
  { modules }: SentFiles,
): Promise<{ readonly default?: unknown }> {
  const module = modules.get(reference);
  if (module === undefined) throw new PluginError(`the ${what} "${reference}" was not sent with the run`);
  const before = imported.get(module.sha256);
  if (before !== undefined) return before;
  namePlugin(`/${module.sha256}.mjs`, `${what} "${reference}"`);
  const importing = importModule(module);
  imported.set(module.sha256, importing);
  // What could not be loaded may be loaded the next time, such as where the disk was full.
  importing.catch(() => imported.delete(module.sha256));
  return importing;
}

/**
 * Imports a module that is in memory, and lies nowhere as such.
 * @param plugin whose code it is, such as `driver "./x.ts"`
 * @throws whatever it throws
 */
export async function importContent(content: Uint8Array, plugin: string): Promise<{ readonly default?: unknown }> {
  const folder = await makeTemporaryFolder('bench-');
  try {
    const sha256 = createHash('sha256').update(content).digest('hex');
    namePlugin(`/${sha256}.mjs`, plugin);
    const file = join(folder, `${sha256}.mjs`);
    await writeFile(file, content, { mode: 0o600 });
    return await importModule({ file, sha256 });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function importModule({ file, sha256 }: SentModule): Promise<{ readonly default?: unknown }> {
  const holder = globalThis as { [TOOLKIT]?: Toolkit };
  holder[TOOLKIT] ??= { interface: PLUGIN_INTERFACE, entries: await toolkitModules() };
  keepSourceLines(sha256, await readFile(file, 'utf8'));
  return import(pathToFileURL(file).href);
}
