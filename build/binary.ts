/**
 * `npm run build:binary`: makes one executable, for the system that it is made on, which holds all of bench and the runtime
 * it runs on. Run by Bun, whose `Bun.build` does it: https://bun.com/docs/bundler/executables.
 */
import { cpSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { ROOT } from './entries.ts';
import { CHANGED_MODULES, changedModule, isOwnSource, withLocatedFiles } from './own-files.ts';

interface Loaded {
  readonly contents: string;
  readonly loader: 'ts' | 'js';
}

interface BunPlugin {
  readonly name: string;
  setup(build: {
    onLoad(files: { readonly filter: RegExp }, load: (file: { readonly path: string }) => Loaded | undefined): void;
    onResolve(modules: { readonly filter: RegExp }, resolve: () => { readonly path: string }): void;
  }): void;
}

interface BunRuntime {
  build(options: {
    readonly entrypoints: readonly string[];
    readonly compile: Readonly<Record<AutoLoaded, false>> & {
      readonly outfile: string;
      readonly assets: readonly string[];
    };
    readonly minify: { readonly whitespace: boolean; readonly syntax: boolean };
    readonly plugins: readonly BunPlugin[];
  }): Promise<unknown>;
}

type AutoLoaded = 'autoloadBunfig' | 'autoloadDotenv' | 'autoloadPackageJson' | 'autoloadTsconfig';

/** What Bun would read in the folder that a program is started in: whoever can write there would run code as its user. */
const NOTHING_OF_THE_FOLDER: Readonly<Record<AutoLoaded, false>> = {
  autoloadBunfig: false,
  autoloadDotenv: false,
  autoloadPackageJson: false,
  autoloadTsconfig: false,
};
const OUTFILE = 'out/bench';
/** In it lies a copy of what the program reads while it runs. A folder is embedded under its own name alone. */
const STAGE = 'node_modules/.cache/executable';
const SHIPPED = 'shipped';
/** What the program reads while it runs; in the executable it lies under the same path in {@link SHIPPED}, beside the code. */
const ASSETS = [
  'core/control/store/migrations',
  'examples/start',
  'node_modules/@grpc/reflection/build/proto/grpc',
  'node_modules/grpc-health-check/proto',
  'node_modules/htm/dist/htm.mjs',
  'node_modules/preact/dist/preact.mjs',
  'node_modules/preact/hooks/dist/hooks.mjs',
  'node_modules/uplot/dist/uPlot.iife.min.js',
  'node_modules/uplot/dist/uPlot.min.css',
  'plans',
  'reports/web',
  'target/mysql/migrations',
];
/** It looks for reflect-metadata when it is loaded; Bun loads CommonJS packages, such as that one, after modules. */
const TSYRINGE = /node_modules\/tsyringe\/dist\/\w+\/index\.js$/;
const LIBSQL = /node_modules\/libsql\/index\.js$/;

const sources: BunPlugin = {
  name: 'sources',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^esbuild$/ }, () => ({ path: join(ROOT, 'build/executable-bundler.ts') }));
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      if (!isOwnSource(path)) return undefined;
      return { contents: withLocatedFiles(path, readFileSync(path, 'utf8'), locate), loader: 'ts' };
    });
    onLoad({ filter: CHANGED_MODULES }, ({ path }) => {
      return { contents: changedModule(path, readFileSync(path, 'utf8'), `Bun.main + '/../${SHIPPED}'`), loader: 'js' };
    });
    onLoad({ filter: TSYRINGE }, ({ path }) => {
      return { contents: `import 'reflect-metadata';\n${readFileSync(path, 'utf8')}`, loader: 'js' };
    });
    // It names its native part only when it runs, so that nobody could see that it has to be in the executable.
    onLoad({ filter: LIBSQL }, ({ path }) => {
      const contents = readFileSync(path, 'utf8').replace(
        /require\(`@libsql\/\$\{target\}`\)/,
        `require('${nativePart()}')`,
      );
      return { contents, loader: 'js' };
    });
  },
};

/** @throws {Error} when the source reads a file that would not be in the executable */
function locate(path: string): string {
  const isCode = path.endsWith('.ts');
  if (!isCode && !ASSETS.some((asset) => path === asset || path.replace(/\/$/, '').startsWith(asset))) {
    throw new Error(`${path} is read, but not among the assets of the executable`);
  }
  return `./${SHIPPED}/${path}`;
}

function nativePart(): string {
  const parts: Readonly<Record<string, string>> = { linux: '-gnu', win32: '-msvc', darwin: '' };
  return `@libsql/${process.platform}-${process.arch}${parts[process.platform] ?? ''}`;
}

const { Bun: bun } = globalThis as unknown as { readonly Bun: BunRuntime };
process.chdir(ROOT);
rmSync(STAGE, { recursive: true, force: true });
for (const asset of ASSETS) cpSync(asset, join(STAGE, SHIPPED, asset), { recursive: true });
await bun.build({
  entrypoints: ['bench.ts'],
  compile: { ...NOTHING_OF_THE_FOLDER, outfile: OUTFILE, assets: [join(STAGE, SHIPPED)] },
  minify: { whitespace: true, syntax: true },
  plugins: [sources],
});
process.stdout.write(`${OUTFILE}: ${Math.round(statSync(join(ROOT, OUTFILE)).size / 1e6)} MB\n`);
