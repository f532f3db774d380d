/** `npm run build`: makes `dist/`, which the npm package runs and whose types its users see. */
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import { writeDeclarations } from './declarations.ts';
import { ENTRIES, ROOT } from './entries.ts';
import { licencesOf } from './licences.ts';
import { isOwnSource, READS_BESIDE_ITSELF, withLocatedFiles, withLocatedFolder } from './own-files.ts';
import { withoutPackages } from './source-map.ts';

const DIST = join(ROOT, 'dist');

/** CommonJS packages that are built into a module call `require` for what Node brings. */
const REQUIRE =
  "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url), DIST = import.meta.dirname;";
/** What packages read that are built in, beside the files that our own sources name. */
const PACKAGE_FOLDERS = ['grpc-health-check/proto', '@grpc/reflection/build/proto/grpc'];

const { dependencies } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
  dependencies: Readonly<Record<string, string>>;
};
/** Files of packages that the code reads, by their paths in `node_modules`. */
const files = new Set(PACKAGE_FOLDERS);

/** All files come to lie in `dist/` itself, so that the package's root is always one folder up. */
function buildCode(): Promise<{ metafile: Metafile }> {
  return build({
    absWorkingDir: ROOT,
    entryPoints: Object.entries(ENTRIES).map(([name, source]) => ({ out: name, in: source })),
    outdir: DIST,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    external: Object.keys(dependencies).flatMap((name) => [name, `${name}/*`]),
    banner: { js: REQUIRE },
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    plugins: [sources],
  });
}

const sources: Plugin = {
  name: 'sources',
  setup({ onLoad }) {
    onLoad({ filter: /\.[cm]?[jt]s$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      if (isOwnSource(path)) return { contents: withLocatedFiles(path, text, locate), loader: 'ts' };
      if (READS_BESIDE_ITSELF.test(path)) return { contents: withLocatedFolder(path, text, 'DIST'), loader: 'js' };
      return undefined;
    });
  },
};

/** What is an entry has been built; packages' files are copied; everything else lies in the package as in the repository. */
function locate(path: string): string {
  const entry = Object.entries(ENTRIES).find(([, source]) => source === path);
  if (entry !== undefined) return `./${entry[0]}.js`;
  if (!path.startsWith('node_modules/')) return `../${path}`;
  files.add(path.slice('node_modules/'.length));
  return `./${path}`;
}

function inputsOf({ inputs }: Metafile): readonly string[] {
  return Object.keys(inputs).filter((path) => path.startsWith('node_modules/'));
}

/** The folder of a package in `node_modules`, of any file in it. */
function packageOf(path: string): string {
  const inside = path.replace(/^node_modules\//, '');
  return /^(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+/.exec(inside)?.[0] ?? inside;
}

await rm(DIST, { recursive: true, force: true });
const [{ metafile }] = await Promise.all([buildCode(), writeDeclarations(join(DIST, 'types'))]);
for (const file of files) {
  await cp(join(ROOT, 'node_modules', file), join(DIST, 'node_modules', file), { recursive: true });
}
for (const path of Object.keys(metafile.outputs).filter((output) => output.endsWith('.map'))) {
  const file = join(ROOT, path);
  await writeFile(file, withoutPackages(await readFile(file, 'utf8')));
}
await writeFile(join(DIST, 'licences.txt'), await licencesOf([...inputsOf(metafile), ...files].map(packageOf)));
