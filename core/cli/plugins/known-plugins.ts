import { readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { builtinDrivers, builtinMonitors, builtinOutputs } from '../../../plugins/builtin.ts';
import { builtinReports } from '../../../reports/builtin.ts';
import { readTextFile } from '../../regular-file.ts';
import { VERSION } from '../../version.ts';

export type ListedKind = 'driver' | 'monitor' | 'output' | 'report';

export interface KnownPlugin {
  /** As plans and flags name it. */
  readonly name: string;
  readonly kind: ListedKind;
  /** The version of the package that it comes with. */
  readonly version: string;
  /** `bench` itself, or the folder of its package. */
  readonly from: string;
}

const BUILT_IN: Readonly<Record<ListedKind, object>> = {
  driver: builtinDrivers,
  monitor: builtinMonitors,
  output: builtinOutputs,
  report: builtinReports,
};

export function isBuiltIn(kind: ListedKind, use: string): boolean {
  return Object.hasOwn(BUILT_IN[kind], use);
}

/** A package says by these keywords in its manifest what its default export is. */
const KEYWORDS: ReadonlyMap<string, ListedKind> = new Map([
  ['bench-driver', 'driver'],
  ['bench-monitor', 'monitor'],
  ['bench-output', 'output'],
  ['bench-report', 'report'],
]);
const MANIFEST_LIMIT_BYTES = 4 * 1024 * 1024;

/**
 * All plugins that plans in a folder can name: the built-in ones, and those of packages that are installed there or in a
 * folder above. No code of a package is run: its keywords tell its kind.
 */
export function knownPlugins(folder: string): readonly KnownPlugin[] {
  const builtIn = Object.entries(BUILT_IN).flatMap(([kind, plugins]) =>
    Object.keys(plugins).map((name): KnownPlugin => {
      return { name, kind: kind as ListedKind, version: VERSION, from: 'bench' };
    }),
  );
  const seen = new Set<string>();
  const installed: KnownPlugin[] = [];
  for (let at = resolve(folder), above = ''; at !== above; above = at, at = dirname(at)) {
    const modules = join(at, 'node_modules');
    for (const name of packagesIn(modules)) {
      if (seen.has(name)) continue;
      seen.add(name);
      const from = join(modules, name);
      const { version, kinds } = manifestOf(from);
      installed.push(...kinds.map((kind): KnownPlugin => ({ name, kind, version, from })));
    }
  }
  return [...builtIn, ...installed.sort((a, b) => a.name.localeCompare(b.name))];
}

function packagesIn(modules: string): readonly string[] {
  return entriesOf(modules).flatMap((entry) => {
    if (entry.startsWith('.')) return [];
    return entry.startsWith('@') ? entriesOf(join(modules, entry)).map((name) => `${entry}/${name}`) : [entry];
  });
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function manifestOf(folder: string): { readonly version: string; readonly kinds: readonly ListedKind[] } {
  try {
    const text = readTextFile(join(folder, 'package.json'), MANIFEST_LIMIT_BYTES);
    const { version, keywords } = JSON.parse(text) as { version?: unknown; keywords?: unknown };
    const words: readonly unknown[] = Array.isArray(keywords) ? keywords : [];
    const kinds = words.flatMap((word) => KEYWORDS.get(String(word)) ?? []);
    return { version: typeof version === 'string' ? version : '', kinds };
  } catch {
    // A folder without a manifest that can be read is no package.
    return { version: '', kinds: [] };
  }
}
