/**
 * Builds `bench` of this clone into few files, which `npm test` starts: to read and link hundreds of sources is most of what a
 * process does that lives for a second. Run by Bun, which keeps beside its own program what it has compiled of it:
 * https://bun.com/docs/bundler/bytecode. Files and native packages are read where they lie in the clone.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../../../build/entries.ts';
import { isOwnSource, READS_BESIDE_ITSELF, withLocatedFiles, withLocatedFolder } from '../../../build/own-files.ts';
import { BUILT } from '../../e2e/bench-process.ts';

interface BunPlugin {
  readonly name: string;
  setup(build: {
    onLoad(
      files: { readonly filter: RegExp },
      load: (file: {
        readonly path: string;
      }) => { readonly contents: string; readonly loader: 'ts' | 'js' } | undefined,
    ): void;
  }): void;
}

interface BunRuntime {
  build(options: {
    readonly entrypoints: readonly string[];
    readonly outdir: string;
    readonly naming: { readonly entry: string; readonly chunk?: string };
    readonly target: 'bun' | 'node';
    readonly format: 'cjs' | 'esm';
    readonly bytecode?: boolean;
    readonly splitting?: boolean;
    readonly external: readonly string[];
    readonly plugins: readonly BunPlugin[];
  }): Promise<unknown>;
}

const FOLDER = 'node_modules/.cache/bench';
const ENTRY = 'bench.ts';
/** What has native parts or programs of its own, what needs to be loaded in an order, and what few runs load. */
const EXTERNAL = ['esbuild', 'libsql', 'pg', 'mysql2', '@peculiar/x509', 'reflect-metadata'];
/** A module that awaits at its top level cannot be CommonJS, which Bun's compiled programs have to be. */
const AWAITS = /^const exitCode = await .*/ms;

function sources(program: string): BunPlugin {
  const locate = (path: string) => pathToFileURL(join(ROOT, path === ENTRY ? join(FOLDER, program) : path)).href;
  return {
    name: 'sources',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (!isOwnSource(path)) return undefined;
        const contents = withLocatedFiles(path, readFileSync(path, 'utf8'), locate);
        const isEntry = path === join(ROOT, ENTRY);
        if (isEntry && !AWAITS.test(contents)) throw new Error(`${ENTRY} does not end as this build expects it`);
        return {
          contents: isEntry ? contents.replace(AWAITS, (end) => `void (async () => {\n${end}})();\n`) : contents,
          loader: 'ts',
        };
      });
      onLoad({ filter: READS_BESIDE_ITSELF }, ({ path }) => {
        const contents = withLocatedFolder(path, readFileSync(path, 'utf8'), JSON.stringify(ROOT.replace(/\/$/, '')));
        return { contents, loader: 'js' };
      });
    },
  };
}

const { Bun: bun } = globalThis as unknown as { readonly Bun: BunRuntime };
process.chdir(ROOT);
rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
const common = {
  entrypoints: [ENTRY],
  outdir: FOLDER,
  external: EXTERNAL.flatMap((name) => [name, `${name}/*`]),
};
await bun.build({
  ...common,
  target: 'bun',
  format: 'cjs',
  bytecode: true,
  naming: { entry: BUILT.bun },
  plugins: [sources(BUILT.bun)],
});
await bun.build({
  ...common,
  target: 'node',
  format: 'esm',
  splitting: true,
  naming: { entry: BUILT.node, chunk: '[name]-[hash].mjs' },
  plugins: [sources(BUILT.node)],
});
process.stdout.write(join(ROOT, FOLDER));
