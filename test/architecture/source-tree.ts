import { readdirSync, readFileSync } from 'node:fs';

/** Text of each file by its path from the repository's root. */
export type Sources = Record<string, string>;

/** Too large to be listed only to be left out. */
const SKIPPED_FOLDERS = ['node_modules', 'dist', 'out'];
const SKIPPED = /^(node_modules|bench-reports|proto\/gen|test\/golden)\/|(^|\/)\./;

/** All that was written by hand: no packages, nothing generated, no golden files. */
export function readSourceTree(root = new URL('../../', import.meta.url)): Sources {
  const paths = readdirSync(root, { withFileTypes: true })
    .filter((entry) => !SKIPPED_FOLDERS.includes(entry.name))
    .flatMap((entry) =>
      entry.isDirectory()
        ? readdirSync(new URL(`${entry.name}/`, root), { recursive: true, encoding: 'utf8' }).map(
            (name) => `${entry.name}/${name}`,
          )
        : [entry.name],
    )
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /\.(ts|js|mjs|css|proto)$/.test(path) && !SKIPPED.test(path))
    .sort();
  return Object.fromEntries(paths.map((path) => [path, readFileSync(new URL(path, root), 'utf8')]));
}
