/**
 * Stands in for esbuild in the executable, where there is no other program that it could start: what bench asks of esbuild is
 * done by the bundler of Bun. Plugins have nearly the same shape there: https://bun.com/docs/bundler/plugins.
 */
import { dirname, relative } from 'node:path';
import type { BuildOptions, Message, OnLoadResult, OnResolveResult, Plugin, PluginBuild } from 'esbuild';

interface BunOutput {
  readonly path: string;
  text(): Promise<string>;
}

interface BunMessage {
  readonly message: string;
  readonly position?: { readonly file: string; readonly line: number } | null;
}

interface BunRuntime {
  build(options: {
    readonly entrypoints: readonly string[];
    readonly root: string;
    readonly format: 'esm';
    readonly target: 'node';
    readonly plugins: readonly unknown[];
  }): Promise<{ readonly outputs: readonly BunOutput[] }>;
}

const { Bun: bun } = globalThis as unknown as { readonly Bun: BunRuntime };

/** As esbuild's function of that name, for one file. @throws {Error} with `errors`, as esbuild's */
export async function build({ entryPoints, absWorkingDir = '', plugins = [] }: BuildOptions) {
  const [file] = entryPoints as readonly string[];
  const { outputs } = await bun
    .build({
      entrypoints: [file as string],
      root: absWorkingDir,
      format: 'esm',
      target: 'node',
      plugins: plugins.map(adapted),
    })
    .catch((error: { errors?: readonly BunMessage[] }) => {
      throw error.errors === undefined ? error : failure(error.errors, absWorkingDir);
    });
  const native = outputs.find(({ path }) => path.endsWith('.node'));
  if (native) throw failure([{ message: `No loader is configured for ".node" files: ${native.path}` }], absWorkingDir);
  return { outputFiles: [{ text: withOneRequire(await (outputs[0] as BunOutput).text()) }] };
}

/** There is no process to stop. */
export async function stop(): Promise<void> {}

function failure(messages: readonly BunMessage[], folder: string): Error {
  const errors = messages.map(({ message, position }): Pick<Message, 'text' | 'location'> => {
    const location = position ? { file: relative(folder, position.file), line: position.line } : null;
    return { text: message, location: location as Message['location'] };
  });
  return Object.assign(new Error('The bundle cannot be made'), { errors });
}

/** The name under which both bundlers' modules ask for what Node brings. */
function withOneRequire(text: string): string {
  const before =
    /^import \{ createRequire \} from "node:module";\nvar __require = (?:\/\* @__PURE__ \*\/ )?createRequire\(import\.meta\.url\);$/m;
  return text.replace(
    before,
    'import { createRequire as requireOf } from "node:module";\nvar require = requireOf(import.meta.url), __require = require;',
  );
}

/** Bun tells neither where an import stands, nor takes errors as values. */
function adapted({ name, setup }: Plugin): unknown {
  return {
    name,
    setup: ({ onResolve, onLoad }: PluginBuild) =>
      setup({
        onResolve: (filter: never, resolve: (path: object) => OnResolveResult | undefined) =>
          onResolve(filter, (given) => resolve({ ...given, resolveDir: dirname(given.importer) })),
        onLoad: (filter: never, load: (path: object) => Promise<OnLoadResult | undefined>) =>
          onLoad(filter, async (given) => {
            const { errors: [error] = [], ...loaded } = (await load(given)) ?? {};
            if (error) throw new Error(error.text);
            return { loader: 'js', ...loaded };
          }),
      } as unknown as PluginBuild),
  };
}
