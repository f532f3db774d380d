import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';

interface Entry {
  readonly url: string;
  readonly load: () => Promise<object>;
}

/** The names under which modules of users import what this program offers them: see `exports` in package.json. */
const ENTRIES: ReadonlyMap<string, Entry> = new Map([
  [
    '@bench/toolkit',
    { url: new URL('../../core/index.ts', import.meta.url).href, load: () => import('../../core/index.ts') },
  ],
  [
    '@bench/toolkit/http',
    {
      url: new URL('../http/script/open-http.ts', import.meta.url).href,
      load: () => import('../http/script/open-http.ts'),
    },
  ],
]);

interface BunRuntime {
  plugin(plugin: { readonly name: string; setup(build: BunPluginBuilder): void }): void;
}

interface BunPluginBuilder {
  module(name: string, load: () => Promise<{ readonly exports: object; readonly loader: 'object' }>): void;
}

const { Bun: bun } = globalThis as { readonly Bun?: BunRuntime };
let isOffered = false;

/** What each entry exports, by its name. */
export async function toolkitModules(): Promise<Readonly<Record<string, object>>> {
  const modules = [...ENTRIES].map(async ([name, { load }]) => [name, await load()] as const);
  return Object.fromEntries(await Promise.all(modules));
}

/** The name of the entry that a file of this program is; undefined when it is none. @param path absolute */
export function toolkitEntryOf(path: string): string | undefined {
  return [...ENTRIES].find(([, { url }]) => fileURLToPath(url) === path)?.[0];
}

/**
 * From now on, `@bench/toolkit` and `@bench/toolkit/http` are this program in every module of this process, wherever the module lies: a plugin in a
 * folder without packages works, and never meets another version than the one that runs it. On Node, TypeScript is always
 * read as modules, as the other runtimes read it, whatever the type of the package that it lies in. Deno looks for packages
 * before it asks anybody, so there the folder must have this one, or an import map.
 */
export function offerToolkit(): void {
  if (isOffered) return;
  isOffered = true;
  if (bun !== undefined) {
    bun.plugin({
      name: '@bench/toolkit',
      setup: (build) => {
        for (const [name, { load }] of ENTRIES) {
          build.module(name, async () => ({ exports: await load(), loader: 'object' }));
        }
      },
    });
    return;
  }
  nodeModule.registerHooks({
    resolve(specifier, context, next) {
      const url = ENTRIES.get(specifier)?.url;
      if (url !== undefined) return { url, shortCircuit: true };
      const resolved = next(specifier, context);
      return resolved.url.endsWith('.ts') ? { ...resolved, format: 'module-typescript' } : resolved;
    },
  });
}
