import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';

/** In the package, quotes are double ones, and names are short: `import { say as b } from "./words.js";`. */
const IMPORT = /^import \{([^}]*)\} from ['"](\.{1,2}\/[^'"]+\.js)['"];$/gm;

/**
 * A module of reports/web, and all that it imports, as one classic script with each of them in a function of its own. They keep to
 * what this can do: named imports from each other, and named exports of functions and constants.
 * @param entry path in reports/web, such as `page.js`
 */
export function joined(entry: string): string {
  const sources = new Map<string, string>();
  collect(entry, sources);
  const modules = [...sources].map(([path, source]) => {
    const names = exportsOf(path, source);
    const body = source
      .replaceAll(
        IMPORT,
        (_, names: string, from: string) =>
          `const {${names.replaceAll(' as ', ': ')}} = modules['${found(path, from)}'];`,
      )
      .replaceAll(/^export /gm, '');
    return `modules['${path}'] = (() => {\n${body}\nreturn { ${names.join(', ')} };\n})();`;
  });
  return `(() => {\n'use strict';\nconst modules = {};\n${modules.join('\n')}\n})();`;
}

/** @throws for an export of another kind, which nobody could import */
function exportsOf(path: string, source: string): string[] {
  return [...source.matchAll(/^export .*$/gm)].map(([line]) => {
    const name = /^export (?:async )?(?:function|const) (\w+)/.exec(line)?.[1];
    if (name === undefined) throw new Error(`reports/web/${path} exports what cannot be joined: ${line}`);
    return name;
  });
}

/** What a module imports comes before it. */
function collect(path: string, sources: Map<string, string>): void {
  if (sources.has(path)) return;
  const source = lean(webFile(path));
  for (const [, , from = ''] of source.matchAll(IMPORT)) collect(found(path, from), sources);
  sources.set(path, source);
}

/** Comments and indentation are for those who change the source: without them, browsers load a fifth less. */
function lean(source: string): string {
  return source.replaceAll(/^\s*(?:\/\/|\/?\*).*\n/gm, '').replaceAll(/^\s+/gm, '');
}

function found(path: string, from: string): string {
  return posix.join(posix.dirname(path), from);
}

/** @param path in reports/web */
export function webFile(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../web/${path}`, import.meta.url)), 'utf8');
}
