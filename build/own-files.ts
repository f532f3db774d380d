import { existsSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from './entries.ts';

/** Where code that was built finds a file: as text that is relative to the built file, `./toolkit.js` or `../plans/`. */
export type Locate = (path: string) => string;

/** `new URL('./migrations', import.meta.url)`; of a template, what stands before its first placeholder. */
const OWN_URL = /new URL\(\s*(['"`])(\.{1,2}\/[^'"`$]*)([^'"`]*)\1,\s*import\.meta\.url\s*,?\s*\)/g;
/** `import.meta.resolve('uplot/dist/uPlot.min.css')`, or `import.meta.resolve('preact')` for the module that a package is. */
const PACKAGE_FILE = /import\.meta\.resolve\('([^']+)'\)/g;

/** The module of gRPC that needs HTTP where a proxy stands in between, and loads it always: 4 ms of each start. */
const LOADS_HTTP = /node_modules\/@grpc\/grpc-js\/build\/src\/http_proxy\.js$/;
/** Modules of packages that every build changes: that one, and those that read files that lie beside them. */
export const CHANGED_MODULES = new RegExp(
  `${LOADS_HTTP.source}|node_modules\\/(?:grpc-health-check|@grpc\\/reflection)\\/build\\/src\\/.*\\.js$`,
);

/**
 * One of {@link CHANGED_MODULES}, which are CommonJS, as it is built.
 * @param file its absolute path
 * @param root an expression: the path of a folder in which files of packages lie under the same path as in the repository
 * @throws {Error} when the module is not as it was when this was written
 */
export function changedModule(file: string, source: string, root: string): string {
  return LOADS_HTTP.test(file) ? withLateHttp(source) : withLocatedFolder(file, source, root);
}

function withLateHttp(source: string): string {
  const [early, late] = ['const http = require("http");', 'http.request('];
  if (!source.includes(early) || !source.includes(late)) throw new Error('gRPC loads HTTP in another way than before');
  return source.replace(early, '').replaceAll(late, `require("http").request(`);
}

/** Lets a module that is built into another place find the files beside it. */
function withLocatedFolder(file: string, source: string, root: string): string {
  const folder = dirname(relative(ROOT, file)).replaceAll('\\', '/');
  return source.replaceAll('__dirname', `(${root} + '/${folder}')`);
}

/**
 * Lets a source that is built into another place find its files again: each `new URL('…', import.meta.url)` and each
 * `import.meta.resolve('package/file')` is pointed at where `locate` says that the file is.
 * @param file absolute path of the source
 * @param locate is given the path from the repository's root; that of a package's file begins with `node_modules/`
 * @throws {Error} when the source names a file that does not exist
 */
export function withLocatedFiles(file: string, source: string, locate: Locate): string {
  const folder = dirname(relative(ROOT, file)).replaceAll('\\', '/');
  const located = (path: string) => {
    if (!existsSync(join(ROOT, path))) throw new Error(`${relative(ROOT, file)} names ${path}, which does not exist`);
    return locate(path);
  };
  return source
    .replaceAll(OWN_URL, (_, quote: string, path: string, rest: string) => {
      return `new URL(${quote}${located(posix.join(folder, path))}${rest}${quote}, import.meta.url)`;
    })
    .replaceAll(PACKAGE_FILE, (_, name: string) => {
      const path = relative(ROOT, fileURLToPath(import.meta.resolve(name))).replaceAll('\\', '/');
      return `new URL('${located(path)}', import.meta.url).href`;
    });
}

export function isOwnSource(file: string): boolean {
  return file.endsWith('.ts') && !file.includes('node_modules');
}
