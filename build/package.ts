/** `npm run build`: makes `dist/`, which the npm package runs and whose types its users see. */
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, extname, join, relative } from 'node:path';
import { decode, encode, type SourceMapSegment } from '@jridgewell/sourcemap-codec';
import { build, type Metafile, type Plugin, type TransformOptions, transform } from 'esbuild';
import { writeDeclarations } from './declarations.ts';
import { ENTRIES, ROOT } from './entries.ts';
import { licencesOf } from './licences.ts';
import { CHANGED_MODULES, changedModule, isOwnSource, withLocatedFiles } from './own-files.ts';

const DIST = join(ROOT, 'dist');
const TARGET = 'node22';

/** CommonJS packages that are built into a module call `require` for what Node brings. */
const REQUIRE =
  "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url), DIST = import.meta.dirname;";
/** Of packages that are never asked for anything here, what is imported or called all the same. */
const SWITCHED_OFF: Readonly<Record<string, string>> = {
  './channelz': `
class Trace { addTrace() {} }
class Children { refChild() {} unrefChild() {} }
class Calls { addCallStarted() {} addCallSucceeded() {} addCallFailed() {} }
const register = (name) => ({ id: 0, name });
module.exports = {
  ChannelzTrace: Trace, ChannelzTraceStub: Trace, ChannelzChildrenTracker: Children, ChannelzChildrenTrackerStub: Children,
  ChannelzCallTracker: Calls, ChannelzCallTrackerStub: Calls, registerChannelzChannel: register,
  registerChannelzSubchannel: register, registerChannelzServer: register, registerChannelzSocket: register,
  unregisterChannelzRef() {}, setup() {},
};`,
  './orca': 'exports.PerRequestMetricRecorder = class {};',
  '@sinclair/typebox/compiler': 'export const TypeCompiler = undefined, TypeCheck = undefined;',
  '@sinclair/typebox/value': 'export const Value = undefined; export class TransformDecodeError extends Error {}',
};
/**
 * What packages bring along for what is never asked of them here: OpenTelemetry's exemplars and quantiles in metrics, Prometheus's
 * metrics of a Node process, its gateway and its sums over a cluster, logs by a thread of their own, rows of a database as JSON,
 * guessing the type of files that an upload has, OpenAPI 3.2, a server for runtimes that compile nothing while they run, ways to
 * spread gRPC calls over many servers, which a service config would have to ask for, gRPC's knowledge of its own channels and load,
 * which is switched off, and checks of requests by schemas, which no route of the reference target has.
 */
const UNUSED = new RegExp(
  `^(?:${[
    ...['@opentelemetry/api', 'tdigest', 'file-type', './dynamic-handle.mjs', 'thread-stream', 'js-base64'],
    ...['./load-balancer-outlier-detection', './load-balancer-weighted-round-robin', './experimental'],
    ...Object.keys(SWITCHED_OFF),
    ...['./lib/defaultMetrics', './lib/pushgateway', './lib/cluster'],
    './3.1-to-3.2/upgrade-from-three-one-to-three-two.js',
  ].join('|')})$`,
);
/** The names that are imported from them. */
const UNUSED_ES = 'export const createDynamicHandler = undefined, createDynamicErrorHandler = undefined;';
const UNUSED_CJS = 'exports.setup = () => {};';
/** The reference target has no WebSockets: its server is the one that theirs wraps. */
const WITHOUT_WEBSOCKETS = { 'crossws/server': 'srvx/node' };
/** What packages read that are built in, beside the files that our own sources name. */
const PACKAGE_FOLDERS = ['grpc-health-check/proto', '@grpc/reflection/build/proto/grpc'];

/** What runs in browsers. It is read as text, file by file, when a page is made. */
const PAGES = 'reports/web/';

const { dependencies, peerDependencies } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
  dependencies: Readonly<Record<string, string>>;
  peerDependencies: Readonly<Record<string, string>>;
};
/** Files of packages that the code reads, by their paths in `node_modules`. */
const files = new Set(PACKAGE_FOLDERS);

/** Such packages look at how a function is written. */
const READS_FUNCTIONS = /node_modules\/(?:elysia|@elysiajs)\//;

/** The same with short names for what is local to a function: what a stack trace shows of a package keeps its name. */
async function withShortNames(text: string, options: TransformOptions = { loader: 'js' }): Promise<string> {
  const { code } = await transform(text, { ...options, target: TARGET, charset: 'utf8', minifyIdentifiers: true });
  return code;
}

/** For our own sources: stack traces name files and lines of the repository, by a source map. */
function ownSource(path: string): TransformOptions {
  return { loader: 'ts', sourcemap: 'inline', sourcefile: path, sourcesContent: false };
}

/** All files come to lie in `dist/` itself, so that the package's root is always one folder up. */
function buildCode(): Promise<{ metafile: Metafile }> {
  return build({
    absWorkingDir: ROOT,
    entryPoints: Object.entries(ENTRIES).map(([name, source]) => ({ out: name, in: source })),
    outdir: DIST,
    bundle: true,
    splitting: true,
    format: 'esm',
    // Chinese texts take half of the place that they take as `\\u…`.
    charset: 'utf8',
    platform: 'node',
    target: TARGET,
    alias: WITHOUT_WEBSOCKETS,
    external: Object.keys({ ...dependencies, ...peerDependencies }).flatMap((name) => [name, `${name}/*`]),
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
  setup({ onLoad, onResolve }) {
    onResolve({ filter: UNUSED }, ({ path }) => ({ path, namespace: 'unused' }));
    onLoad({ filter: /./, namespace: 'unused' }, ({ path }) => ({
      contents: SWITCHED_OFF[path] ?? (path.endsWith('.mjs') ? UNUSED_ES : UNUSED_CJS),
    }));
    onLoad({ filter: /\.[cm]?[jt]s$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      if (isOwnSource(path)) {
        const contents = await withShortNames(withLocatedFiles(path, text, locate), ownSource(path));
        return { contents, loader: 'js' };
      }
      if (READS_FUNCTIONS.test(path)) return undefined;
      const changed = CHANGED_MODULES.test(path) ? changedModule(path, text, 'DIST') : text;
      return { contents: await withShortNames(changed), loader: 'js' };
    });
  },
};

/** What is an entry has been built; packages' files are copied; everything else lies in the package as in the repository. */
function locate(path: string): string {
  const entry = Object.entries(ENTRIES).find(([, source]) => source === path);
  if (entry !== undefined) return `./${entry[0]}.js`;
  if (path.startsWith(PAGES)) return `./${path}`;
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

interface SourceMap {
  readonly version: 3;
  readonly sources: readonly string[];
  readonly names: readonly string[];
  readonly mappings: string;
}

/** A line without such a thing stands in no stack trace: it calls nothing, reads nothing of an object, and throws nothing. */
const CAN_THROW = /[.([`]|\}\s*=|\b(?:throw|await|yield|new|in|of|instanceof)\b/;

/** The lines of our sources, by their paths in source maps. */
const sourceLines = new Map<string, readonly string[]>();

async function readLines(sources: readonly string[]): Promise<void> {
  for (const source of sources) {
    if (!sourceLines.has(source)) sourceLines.set(source, (await readFile(join(DIST, source), 'utf8')).split('\n'));
  }
}

/**
 * The source map of a file, for stack traces: which line of which of our sources a place comes from. What it says of packages'
 * code, of each word of a line, of where in its line a place is, and of lines that no trace has, is left out: nine tenths of it.
 * @param text a source map, see https://tc39.es/ecma426
 */
async function withoutPackages(text: string): Promise<SourceMap> {
  const { sources, mappings } = JSON.parse(text) as SourceMap;
  const own = sources.filter((source) => !/node_modules\/|^unused:/.test(source));
  await readLines(own);
  const placeOf = new Map(own.map((source, place) => [source, place]));
  const lines = decode(mappings).map((segments) => {
    const kept: SourceMapSegment[] = [];
    for (const [column, source, line] of segments) {
      const place = source === undefined ? undefined : placeOf.get(sources[source] as string);
      const last = kept.at(-1);
      if (place !== undefined) {
        if (!CAN_THROW.test(sourceLines.get(own[place] as string)?.[line as number] ?? '')) continue;
        if (last?.[1] !== place || last[2] !== line) kept.push([column, place, line as number, 0]);
      }
      // One segment without a source ends what stands before it.
      else if (last?.length === 4) kept.push([column]);
    }
    return kept;
  });
  return { version: 3, sources: own, names: [], mappings: encode(lines) };
}

/** Removes a source map that tells of none of our sources, and the line by which its file names it. */
async function withoutMap(map: string): Promise<void> {
  const file = map.slice(0, -'.map'.length);
  const code = await readFile(file, 'utf8');
  await writeFile(file, code.replace(/\n\/\/# sourceMappingURL=.*\n?$/, '\n'));
  await rm(map);
}

const PART = /(?<![\w-])[a-z][\w-]*-[A-Z0-9]{8}(?=\.js)/g;

/**
 * Parts get numbers in place of hashes, which do not compress: thousands of imports name them. They are numbered by the source that
 * most of each is from, because npm packs files by their names, and what is alike compresses where it stands side by side. Those
 * that need nothing of the line that stands before all of them go without it; it stays empty, because source maps count lines.
 */
async function trimParts({ outputs }: Metafile): Promise<void> {
  const names = (await readdir(DIST)).filter((name) => /\.js(?:\.map)?$/.test(name)).sort();
  const parts = [...new Set(names.flatMap((name) => name.match(PART) ?? []))];
  const sourceOf = (part: string) => {
    const inputs = Object.entries(outputs[`dist/${part}.js`]?.inputs ?? {});
    return inputs.toSorted(([, one], [, other]) => other.bytesInOutput - one.bytesInOutput)[0]?.[0] ?? '';
  };
  const sorted = parts
    .map((part) => ({ part, source: sourceOf(part) }))
    .sort((a, b) => Number(a.source > b.source) - Number(a.source < b.source));
  const numbered = new Map(sorted.map(({ part }, i) => [part, `chunk-${String(i).padStart(3, '0')}`]));
  const renamed = (text: string) => text.replace(PART, (part) => numbered.get(part) ?? part);
  for (const name of names) {
    const text = renamed(await readFile(join(DIST, name), 'utf8'));
    const bare = text.replace(REQUIRE, '');
    await rm(join(DIST, name));
    await writeFile(join(DIST, renamed(name)), /\b(?:require|DIST)\b/.test(bare) ? text : bare);
  }
}

/** Scripts keep their lines, by which they are put together into one; comments and long names are for those who change them. */
async function buildPages(): Promise<void> {
  for (const file of await readdir(join(ROOT, PAGES), { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const path = join(file.parentPath, file.name);
    const built = join(DIST, relative(ROOT, path));
    await mkdir(dirname(built), { recursive: true });
    const kind = extname(file.name);
    if (kind !== '.js' && kind !== '.css') {
      await cp(path, built);
      continue;
    }
    const text = await readFile(path, 'utf8');
    const options: TransformOptions =
      kind === '.css'
        ? { loader: 'css', minifyWhitespace: true }
        : { loader: 'js', target: 'es2023', charset: 'utf8', minifyIdentifiers: true };
    const { code } = await transform(text, options);
    // A page is made without indentation.
    await writeFile(built, kind === '.js' ? code.replaceAll(/^\s+/gm, '') : code);
  }
}

await rm(DIST, { recursive: true, force: true });
const [{ metafile }] = await Promise.all([buildCode(), writeDeclarations(join(DIST, 'types')), buildPages()]);
for (const file of files) {
  await cp(join(ROOT, 'node_modules', file), join(DIST, 'node_modules', file), { recursive: true });
}
for (const path of Object.keys(metafile.outputs).filter((output) => output.endsWith('.map'))) {
  const file = join(ROOT, path);
  const map = await withoutPackages(await readFile(file, 'utf8'));
  if (map.sources.length > 0) await writeFile(file, JSON.stringify(map));
  else await withoutMap(file);
}
await trimParts(metafile);
await writeFile(join(DIST, 'licences.txt'), await licencesOf([...inputsOf(metafile), ...files].map(packageOf)));
