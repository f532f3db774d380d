import process from 'node:process';
import { errorMessage } from '../../error.ts';
import { PluginError } from '../../plugin.ts';
import { type BundledCode, withoutSourceMap } from './source-map.ts';
import { TOOLKIT_NAME, toolkitStub } from './toolkit-stub.ts';

/** What is used of https://bun.com/docs/bundler. */
interface BunRuntime {
  build(options: {
    readonly entrypoints: readonly string[];
    readonly root: string;
    readonly target: 'node';
    readonly format: 'esm';
    readonly sourcemap: 'inline';
    readonly throw: false;
    readonly plugins: readonly BunPlugin[];
  }): Promise<BunOutput>;
}

interface BunPlugin {
  readonly name: string;
  setup(build: {
    onResolve(files: Filter, resolve: (file: { readonly path: string }) => ResolvedFile): void;
    onLoad(files: Filter, load: (file: { readonly path: string }) => Promise<LoadedFile>): void;
  }): void;
}

interface Filter {
  readonly filter: RegExp;
  readonly namespace?: string;
}

interface ResolvedFile {
  readonly path: string;
  readonly namespace: string;
}

interface LoadedFile {
  readonly contents: string;
  readonly loader: 'js';
}

interface BunOutput {
  readonly success: boolean;
  readonly logs: readonly {
    readonly message: string;
    readonly position: { readonly file: string; readonly line: number } | null;
  }[];
  readonly outputs: readonly { readonly kind: string; readonly path: string; text(): Promise<string> }[];
}

const { Bun: bun } = globalThis as { readonly Bun?: BunRuntime };
/** What the bundler leaves where a name is only known when it runs. */
const UNKNOWN_NAME = /\b(?:__require|import)\((?!["'`])/;

/** Bundles as {@link bundleModule} says, by the bundler that is a part of Bun, and so of the one executable. */
export async function bundleByBun(file: string, folder: string): Promise<BundledCode> {
  const { success, logs, outputs } = await (bun as BunRuntime)
    .build({
      ...{ entrypoints: [file], root: folder, target: 'node', format: 'esm', sourcemap: 'inline', throw: false },
      plugins: [toolkit],
    })
    .catch((error: unknown): never => {
      throw new PluginError(errorMessage(error), { cause: error });
    });
  const [first] = logs;
  if (!success)
    throw new PluginError(first === undefined ? 'Bun cannot bundle it' : `${placeOf(first)}${first.message}`);
  const asset = outputs.find(({ kind, path }) => kind === 'asset' && path.endsWith('.node'));
  if (asset !== undefined) {
    throw new PluginError(`${asset.path} is a native module, which works only on the host on which it was built`);
  }
  const text = (await outputs.find(({ kind }) => kind === 'entry-point')?.text()) ?? '';
  // In Bun's map they are relative to where the process runs.
  const bundled = withoutSourceMap(text, process.cwd(), folder);
  if (!UNKNOWN_NAME.test(bundled.code)) return bundled;
  throw new PluginError(
    'it imports something that is only known when it runs, so it cannot be sent along: import it by a fixed name',
  );
}

function placeOf({ position }: BunOutput['logs'][number]): string {
  return position === null ? '' : `${position.file}:${position.line}: `;
}

const toolkit: BunPlugin = {
  name: 'toolkit',
  setup(build) {
    const namespace = 'toolkit';
    build.onResolve({ filter: TOOLKIT_NAME }, ({ path }) => ({ path, namespace }));
    build.onLoad({ filter: /.*/, namespace }, async ({ path }) => ({
      contents: await toolkitStub(path),
      loader: 'js',
    }));
  },
};
