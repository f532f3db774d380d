import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { readTextFile } from '../../core/regular-file.ts';

const CONDITIONS: ReadonlySet<string> = new Set(['import', 'node', 'default']);
const MANIFEST_LIMIT_BYTES = 4 * 1024 * 1024;
const NAME = /^(@[\w.-]+\/)?[\w.-]+$/;

/**
 * The file that importing a package by name would load in a module in `directory`. It is searched in `node_modules` there
 * and in each parent folder. `createRequire` cannot find it for a package that has only ESM exports.
 * Follows https://nodejs.org/api/esm.html#resolution-algorithm-specification for a bare name without a subpath.
 * @returns an absolute path, or undefined when there is no such package
 */
export function packageEntry(name: string, directory: string): string | undefined {
  if (!NAME.test(name)) return undefined;
  for (let folder = resolve(directory), above = ''; folder !== above; above = folder, folder = dirname(folder)) {
    const root = join(folder, 'node_modules', name);
    const manifest = join(root, 'package.json');
    if (!existsSync(manifest)) continue;
    const { exports, main } = JSON.parse(readTextFile(manifest, MANIFEST_LIMIT_BYTES)) as {
      exports?: unknown;
      main?: string;
    };
    return join(root, entryOf(exports) ?? main ?? 'index.js');
  }
  return undefined;
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
