/**
 * Builds `bench` of this clone into few files, which `npm test` starts: to read and link hundreds of sources is most of what a
 * process does that lives for a second. Run by Bun, which keeps beside its own program what it has compiled of it:
 * https://bun.com/docs/bundler/bytecode. Files and native packages are read where they lie in the clone.
 *
 * Each start reads all that is compiled of a file: 20 MB if all were one, half of the processor time of a short command. Bun
 * splits ES modules alone, and compiles CommonJS alone, so that the parts of a first build are the sources of a second one.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../../../build/entries.ts';
import { CHANGED_MODULES, changedModule, isOwnSource, withLocatedFiles } from '../../../build/own-files.ts';
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
    onResolve(
      imports: { readonly filter: RegExp },
      resolve: (of: {
        readonly path: string;
        readonly kind: string;
      }) => { readonly path: string; readonly external: boolean } | undefined,
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
/** The parts before they are compiled. As deep as the folder above: some look for packages from where they lie. */
const PARTS = 'node_modules/.cache/bench-parts';
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
      onLoad({ filter: CHANGED_MODULES }, ({ path }) => {
        const contents = changedModule(path, readFileSync(path, 'utf8'), JSON.stringify(ROOT.replace(/\/$/, '')));
        return { contents, loader: 'js' };
      });
    },
  };
}

/** What each part imports of the others stays an import. */
const apart: BunPlugin = {
  name: 'apart',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\// }, ({ path, kind }) =>
      kind.startsWith('entry-point') ? undefined : { path, external: true },
    );
  },
};

/** An ES module of Bun's bundler, with what has another form in CommonJS: Bun leaves that as it is. */
function asCommonJs(part: string): string {
  return part
    .replace('var __require = import.meta.require;', 'var __require = require;')
    .replace(/\bimport\(("\.\/[^"]+")\)/g, '(async () => require($1))()');
}

const { Bun: bun } = globalThis as unknown as { readonly Bun: BunRuntime };
process.chdir(ROOT);
for (const folder of [FOLDER, PARTS]) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}
const external = EXTERNAL.flatMap((name) => [name, `${name}/*`]);
const split = { entrypoints: [ENTRY], external, format: 'esm', splitting: true } as const;
await bun.build({
  ...split,
  outdir: PARTS,
  target: 'bun',
  naming: { entry: BUILT.bun, chunk: '[name]-[hash].js' },
  plugins: [sources(BUILT.bun)],
});
const parts = readdirSync(PARTS).map((name) => join(PARTS, name));
for (const part of parts) writeFileSync(part, asCommonJs(readFileSync(part, 'utf8')));
await bun.build({
  entrypoints: parts,
  external,
  outdir: FOLDER,
  target: 'bun',
  format: 'cjs',
  bytecode: true,
  naming: { entry: '[name].[ext]' },
  plugins: [apart],
});
await bun.build({
  ...split,
  outdir: FOLDER,
  target: 'node',
  naming: { entry: BUILT.node, chunk: '[name]-[hash].mjs' },
  plugins: [sources(BUILT.node)],
});
process.stdout.write(join(ROOT, FOLDER));
