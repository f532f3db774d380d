/**
 * Figures of the source's structure, as `npm run figures` prints them. The first argument names another checkout of the
 * repository to be measured in place of this one, so that two states can be compared.
 */
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { circlesOf, graphOf, type ImportGraph } from './graph.ts';
import { readSourceTree, type Sources } from './source-tree.ts';

const SMALL_LINES = 45;
const MAX_OPTION_FIELDS = 10;
const MIN_ROOM_FILES = 8;

const [folder] = process.argv.slice(2);
const all = folder === undefined ? readSourceTree() : readSourceTree(pathToFileURL(`${folder}/`));
const sources = Object.fromEntries(
  Object.entries(all).filter(([path]) => path.endsWith('.ts') && !/^(test|examples|plans)\//.test(path)),
);
const graph = graphOf(sources);

const circles = circlesOf(graph);
console.log(`import circles, types included: ${circles.length}`);
for (const circle of circles) console.log(`  ${circle.join(' ')}`);

const folders = byFolder(Object.keys(all).filter((path) => /\.(ts|js)$/.test(path)));
const [largest = ['', []]] = [...folders].sort((a, b) => b[1].length - a[1].length);
console.log(`largest folder: ${largest[0]}, ${largest[1].length} files`);

const lone = smallWithOneImporter(sources, graph);
console.log(`files of at most ${SMALL_LINES} lines with one importer: ${lone.length}`);
for (const path of lone) console.log(`  ${path} (${linesOf(sources[path] as string)})`);

// A room is a folder with all that is beneath it; of a few files no median says anything.
const medians = [...byRoom(Object.keys(sources))]
  .filter(([, paths]) => paths.length >= MIN_ROOM_FILES)
  .map(([name, paths]) => ({ name, median: median(paths.map((path) => linesOf(sources[path] as string))) }))
  .sort((a, b) => b.median - a.median);
console.log(`greatest median of lines a file: ${medians[0]?.name}, ${medians[0]?.median}`);

const wide = wideObjects(sources);
console.log(`option objects of more than ${MAX_OPTION_FIELDS} fields in core/control: ${wide.length}`);
for (const line of wide) console.log(`  ${line}`);

const lengths = Object.values(sources).map(linesOf);
console.log(`files: ${lengths.length}, lines: ${lengths.reduce((a, b) => a + b, 0)}, longest: ${Math.max(...lengths)}`);

function linesOf(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low = 0, high = 0] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return (low + high) / 2;
}

function byFolder(paths: readonly string[]): Map<string, string[]> {
  return Map.groupBy(paths, (path) => path.split('/').slice(0, -1).join('/') || '.');
}

function byRoom(paths: readonly string[]): Map<string, string[]> {
  const rooms = new Map<string, string[]>();
  for (const path of paths) {
    const folders = path.split('/').slice(0, -1);
    for (let depth = 1; depth <= folders.length; depth++) {
      const room = folders.slice(0, depth).join('/');
      rooms.set(room, [...(rooms.get(room) ?? []), path]);
    }
  }
  return rooms;
}

function smallWithOneImporter(texts: Sources, imports: ImportGraph): string[] {
  const importers = new Map<string, number>();
  for (const targets of imports.values()) {
    for (const target of targets) importers.set(target, (importers.get(target) ?? 0) + 1);
  }
  return Object.keys(texts).filter(
    (path) => importers.get(path) === 1 && linesOf(texts[path] as string) <= SMALL_LINES,
  );
}

/** Interfaces that are handed to constructors and functions as their options or context, with the fields they inherit. */
function wideObjects(texts: Sources): string[] {
  const fields = new Map<string, { own: number; bases: string[]; path: string }>();
  for (const [path, text] of Object.entries(texts)) {
    if (!path.startsWith('core/control/')) continue;
    const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
    for (const node of file.statements) {
      if (!ts.isInterfaceDeclaration(node)) continue;
      const bases = (node.heritageClauses ?? []).flatMap(({ types }) =>
        types.map(({ expression }) => expression.getText()),
      );
      fields.set(node.name.text, { own: node.members.length, bases, path });
    }
  }
  const total = (name: string): number => {
    const found = fields.get(name);
    return found === undefined ? 0 : found.own + found.bases.reduce((sum, base) => sum + total(base), 0);
  };
  return [...fields]
    .filter(([name]) => /(Options|Context|Surroundings|Order)$/.test(name) && total(name) > MAX_OPTION_FIELDS)
    .map(([name, { path }]) => `${name}: ${total(name)} (${path})`);
}
