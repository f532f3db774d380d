import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { errorMessage } from '../../core/error.ts';
import type { LoadShape } from '../../core/plan/load/shape.ts';
import { locatePlanFile, sentFiles } from '../../core/plan-files.ts';
import { type DriverPlugin, type MonitorPlugin, type OutputPlugin, PluginError } from '../../core/plugin.ts';
import { readRegularFile, readTextFile } from '../../core/regular-file.ts';
import type { UserDefinition } from '../../core/script/define-user.ts';
import { nearest } from '../../core/text/nearest.ts';
import { type Builtins, builtinDrivers, builtinMonitors, builtinOutputs } from '../builtin.ts';
import { checkExport, type PluginKind } from './check-export.ts';
import { offerToolkit } from './offer-toolkit.ts';
import { namePlugin } from './plugin-modules.ts';
import { importContent, importSent } from './sent-module.ts';
import { Surroundings } from './surroundings.ts';

/** A plugin that is bundled with all its packages stays far below this. */
const MODULE_LIMIT_BYTES = 64 * 1024 * 1024;

/** How long a module may take until it is loaded. */
const IMPORT_LIMIT_MS = 10_000;

/** Hash of each imported file by its URL: a process keeps using what it imported first, for as long as it runs. */
const imported = new Map<string, string>();

/** Makes one module of a file and all that it imports. */
export type Bundler = (file: string, folder: string) => Promise<Uint8Array>;

let bundler: Bundler | undefined;
/** What was imported so, by the URL of its file. */
const bundled = new Map<string, Promise<{ readonly default?: unknown }>>();

/** From now on, files are bundled before they are imported: for a program that finds no packages beside them. */
export function bundleBeforeImport(by: Bundler): void {
  bundler = by;
}

/** @throws {PluginError} as {@link loadPlugin} */
export function loadDriver(reference: string, baseDirectory: string): Promise<DriverPlugin> {
  return loadPlugin('driver', reference, baseDirectory, builtinDrivers);
}

/** @throws {PluginError} as {@link loadPlugin} */
export function loadMonitor(reference: string, baseDirectory: string): Promise<MonitorPlugin> {
  return loadPlugin('monitor', reference, baseDirectory, builtinMonitors);
}

/** @throws {PluginError} as {@link loadPlugin} */
export function loadOutput(reference: string, baseDirectory: string): Promise<OutputPlugin> {
  return loadPlugin('output', reference, baseDirectory, builtinOutputs);
}

/** @throws {PluginError} as {@link loadPlugin} */
export function loadShape(reference: string, baseDirectory: string): Promise<LoadShape> {
  return loadPlugin('shape', reference, baseDirectory, {});
}

/** The script of a virtual user. @throws {PluginError} as {@link loadPlugin} */
export function loadUser(reference: string, baseDirectory: string): Promise<UserDefinition> {
  return loadPlugin('script', reference, baseDirectory, {});
}

/**
 * Finds a plugin and checks that it is one.
 *
 * @param reference a built-in name; or a path: `./my-driver.ts`, an absolute one, a `file:` URL, or any name that ends
 *   in .ts, .js or .mjs; or else the name of an npm package
 * @param baseDirectory folder that a path is relative to and where packages are looked for, such as the plan's folder
 * @throws {PluginError} when it is not found (with the nearest built-in name), fails to load, is not such a plugin, or
 *   has changed since this process imported it
 */
export async function loadPlugin<P>(
  kind: PluginKind,
  reference: string,
  baseDirectory: string,
  builtin: Builtins<P>,
): Promise<P> {
  const load = Object.hasOwn(builtin, reference) ? builtin[reference] : undefined;
  if (load) return (await load()).default;
  const files = sentFiles(baseDirectory);
  const importing =
    files === undefined
      ? importFile(kind, reference, pluginFile(kind, reference, baseDirectory, Object.keys(builtin)), baseDirectory)
      : importSent(kind, reference, files);
  const module = await loaded(kind, reference, importing);
  checkExport(kind, reference, module.default);
  return module.default as P;
}

/**
 * The file of a plugin that is not built in.
 * @param builtin names of those that are, for messages
 * @throws {PluginError} when there is none, or plans may not name it here
 */
export function pluginFile(
  kind: PluginKind,
  reference: string,
  baseDirectory: string,
  builtin: readonly string[],
): string {
  return isPath(reference)
    ? namedFile(kind, reference, baseDirectory)
    : packageFile(kind, reference, baseDirectory, builtin);
}

/** @throws {PluginError} when the file has changed since this process imported it, and whatever the module throws */
async function importFile(
  kind: PluginKind,
  reference: string,
  file: string,
  baseDirectory: string,
): Promise<{ readonly default?: unknown }> {
  const url = pathToFileURL(file).href;
  const plugin = `${kind} "${reference}"`;
  if (!hasChangedSinceImport(url)) {
    for (const place of [url, file]) namePlugin(place, plugin);
    if (bundler !== undefined) {
      const before = bundled.get(url) ?? bundler(file, baseDirectory).then((content) => importContent(content, plugin));
      bundled.set(url, before);
      return before;
    }
    offerToolkit();
    return import(url);
  }
  throw new ChangedFileError(`${plugin} has changed since this process (${process.pid}) loaded it: start it again`);
}

class ChangedFileError extends PluginError {}

/** @throws {PluginError} for whatever prevents it, in one line, also when the module awaits something that never comes */
async function loaded<Module>(kind: PluginKind, reference: string, importing: Promise<Module>): Promise<Module> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = `it is not loaded after ${IMPORT_LIMIT_MS / 1000} s, perhaps because of what it awaits or does at its top level`;
    timer = setTimeout(() => reject(new PluginError(message)), IMPORT_LIMIT_MS);
  });
  try {
    return await Promise.race([importing, late]);
  } catch (error) {
    if (error instanceof ChangedFileError) throw error;
    throw new PluginError(`${kind} "${reference}" cannot be loaded: ${firstLine(errorMessage(error))}`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}

function isPath(reference: string): boolean {
  return /^(\.|\/|file:)|\.(ts|js|mjs)$/i.test(reference) || isAbsolute(reference);
}

/**
 * Where a plugin that is not built in is looked for. Plans may be forbidden to name it, and a path need not lead to a file.
 * @returns undefined when there is no such package
 * @throws when it is a URL of no file of this host, or a package with a manifest that cannot be read
 */
export function pluginPlace(reference: string, baseDirectory: string): string | undefined {
  if (isPath(reference)) return pathOf(reference, baseDirectory);
  return packageEntry(reference, baseDirectory) ?? packageEntry(reference, import.meta.dirname);
}

function pathOf(reference: string, baseDirectory: string): string {
  return /^file:/i.test(reference) ? fileURLToPath(reference) : resolve(baseDirectory, reference);
}

function namedFile(kind: PluginKind, reference: string, baseDirectory: string): string {
  const path = pathOf(reference, baseDirectory);
  checkNamed(kind, reference, path);
  if (!existsSync(path)) throw new PluginError(`the ${kind} "${reference}" was not found: there is no file ${path}`);
  checkSurroundings(kind, reference, path, new Surroundings(baseDirectory, path));
  return path;
}

function packageFile(kind: PluginKind, reference: string, baseDirectory: string, known: readonly string[]): string {
  const beside = packageEntry(reference, baseDirectory);
  if (beside !== undefined) {
    checkNamed(kind, reference, beside);
    checkSurroundings(kind, reference, beside, new Surroundings(baseDirectory));
  }
  const path = beside ?? packageEntry(reference, import.meta.dirname);
  if (path !== undefined) return path;
  const guess = nearest(reference, known);
  const hint = guess
    ? `did you mean "${guess}"?`
    : `use ${known.length > 0 ? `a built-in one (${known.join(', ')}), ` : ''}a path such as ./my-${kind}.ts, or install an npm package of that name`;
  throw new PluginError(`unknown ${kind} "${reference}"; ${hint}`);
}

/** @throws {PluginError} when plans may not name this file here */
function checkNamed(kind: PluginKind, reference: string, path: string): void {
  try {
    locatePlanFile(path);
  } catch (error) {
    throw new PluginError(`${kind} "${reference}" cannot be loaded: ${path}: ${errorMessage(error)}`, { cause: error });
  }
}

/** @throws {PluginError} when other users decide what it imports */
function checkSurroundings(kind: PluginKind, reference: string, path: string, surroundings: Surroundings): void {
  const problem = surroundings.problemOf(path);
  if (problem !== undefined) throw new PluginError(`${kind} "${reference}" cannot be loaded: ${problem}`);
}

/** Remembers the file's hash when it is imported for the first time. */
function hasChangedSinceImport(url: string): boolean {
  const hash = createHash('sha256')
    .update(readRegularFile(fileURLToPath(url), MODULE_LIMIT_BYTES))
    .digest('hex');
  const before = imported.get(url) ?? hash;
  imported.set(url, before);
  return before !== hash;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] as string;
}

const CONDITIONS: ReadonlySet<string> = new Set(['import', 'node', 'default']);
const MANIFEST_LIMIT_BYTES = 4 * 1024 * 1024;
const NAME = /^(@[\w.-]+\/)?[\w.-]+$/;

/**
 * The file that importing a package by name would load in a module in `directory`. It is searched in `node_modules` there
 * and in each parent folder. `createRequire` cannot find it for a package that has only ESM exports.
 * Follows https://nodejs.org/api/esm.html#resolution-algorithm-specification for a bare name without a subpath.
 * @returns an absolute path, or undefined when there is no such package
 * @throws {PluginError} when its manifest cannot be read
 */
export function packageEntry(name: string, directory: string): string | undefined {
  if (!NAME.test(name)) return undefined;
  for (let folder = resolve(directory), above = ''; folder !== above; above = folder, folder = dirname(folder)) {
    const root = join(folder, 'node_modules', name);
    const manifest = join(root, 'package.json');
    if (!existsSync(manifest)) continue;
    return join(root, entryIn(manifest));
  }
  return undefined;
}

/** @throws {PluginError} when it is no manifest */
function entryIn(file: string): string {
  try {
    const manifest: unknown = JSON.parse(readTextFile(file, MANIFEST_LIMIT_BYTES));
    const { exports, main } = Object(manifest) as Readonly<Record<string, unknown>>;
    return entryOf(exports) ?? (typeof main === 'string' ? main : 'index.js');
  } catch (error) {
    throw new PluginError(`${file} cannot be read as the manifest of a package: ${firstLine(errorMessage(error))}`, {
      cause: error,
    });
  }
}

/** The target of `.` in a package's `exports`; conditions may be nested, and the first that applies wins. */
function entryOf(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports;
  if (Array.isArray(exports)) return exports.map(entryOf).find((entry) => entry !== undefined);
  if (typeof exports !== 'object' || exports === null) return undefined;
  for (const [key, value] of Object.entries(exports)) {
    const entry = key === '.' || CONDITIONS.has(key) ? entryOf(value) : undefined;
    if (entry !== undefined) return entry;
  }
  return undefined;
}
