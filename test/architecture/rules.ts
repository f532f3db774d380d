/** The house rules that can be read off the source: who may import whom, and what a file may be. */
import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import ts from 'typescript';

/** Text of each file by its path from the repository's root. */
export type Sources = Record<string, string>;

const packageName = '@bench/toolkit';
const maximumLines = 400;

/** First match wins. */
const rooms: [RegExp, string][] = [
  [/^bench\.ts$/, 'bench.ts'],
  [/^core\/(plan|secrets|stats|text|verdict)\/|^core\/(error|log|plugin|version)\.ts$/, 'domain'],
  [/^core\/environment\.ts$/, 'core/environment.ts'],
  [/^core\/(clock|timeout)\.ts$/, 'core/clock.ts'],
  [/^core\/index\.ts$/, 'core/index.ts'],
  [/^core\/control\//, 'core/control'],
  [/^core\/cli\//, 'core/cli'],
  [/^(agents|plugins|reports|target|proto|plans|examples|test)\//, '$1'],
];

/** What a room may import beside itself. A room that is not listed may import anything. */
const mayImport: Record<string, string[]> = {
  domain: [],
  'core/index.ts': ['domain'],
  plugins: ['domain'],
  reports: ['domain'],
  'core/environment.ts': ['domain'],
  'core/clock.ts': ['domain'],
  agents: ['domain', 'core/clock.ts', 'core/environment.ts', 'proto'],
  'core/control': ['domain', 'core/clock.ts', 'core/environment.ts', 'proto'],
  target: [],
  proto: ['domain'],
  plans: ['core/index.ts'],
  'core/cli': [
    'domain',
    'core/clock.ts',
    'core/environment.ts',
    'core/index.ts',
    'core/control',
    'agents',
    'plugins',
    'reports',
    'target',
    'proto',
  ],
  'bench.ts': [
    'domain',
    'core/index.ts',
    'core/control',
    'core/cli',
    'agents',
    'plugins',
    'reports',
    'target',
    'proto',
  ],
};

/** Modules that reach nothing outside the process: all of Node's that the domain may use. */
const pureBuiltins = ['assert', 'buffer', 'crypto', 'events', 'path', 'string_decoder', 'url', 'util'];
const ioPackages = [
  '@elysiajs/node',
  '@grpc/grpc-js',
  '@libsql/client',
  'drizzle-orm',
  'elysia',
  'grpc-health-check',
  'mysql2',
  'pino',
  'prom-client',
];
const ioGlobals = ['Bun', 'Deno', 'WebSocket', 'fetch'];

const vagueNames = ['common', 'helper', 'helpers', 'misc', 'shared', 'util', 'utils'];

function roomOf(path: string): string | undefined {
  for (const [pattern, room] of rooms) {
    const match = pattern.exec(path);
    if (match) return room.replace('$1', match[1] ?? '');
  }
  return undefined;
}

interface Import {
  specifier: string;
  line: number;
}

interface Facts {
  imports: Import[];
  /** Findings that need no knowledge of the file's room. */
  faults: string[];
  /** Lines that end the process. */
  exits: number[];
  /** Lines that use a global which does I/O. */
  ioGlobals: { name: string; line: number }[];
}

function readFacts(path: string, text: string): Facts {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const facts: Facts = { imports: [], faults: [], exits: [], ioGlobals: [] };
  const lineOf = (node: ts.Node): number => file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
  const addImport = (specifier: ts.Node | undefined): void => {
    if (specifier && ts.isStringLiteralLike(specifier)) {
      facts.imports.push({ specifier: specifier.text, line: lineOf(specifier) });
    }
  };

  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) addImport(node.moduleSpecifier);
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) addImport(node.argument.literal);
    if (ts.isCallExpression(node)) {
      if (node.expression.kind === ts.SyntaxKind.ImportKeyword) addImport(node.arguments[0]);
      if (ts.isIdentifier(node.expression) && ioGlobals.includes(node.expression.text)) {
        facts.ioGlobals.push({ name: node.expression.text, line: lineOf(node) });
      }
    }
    if (ts.isNewExpression(node) && ts.isIdentifier(node.expression) && ioGlobals.includes(node.expression.text)) {
      facts.ioGlobals.push({ name: node.expression.text, line: lineOf(node) });
    }
    if (ts.isPropertyAccessExpression(node)) {
      if (/^(globalThis\.)?(process|Deno)\.exit$/.test(node.getText())) facts.exits.push(lineOf(node));
      if (ts.isIdentifier(node.expression) && ioGlobals.includes(node.expression.text)) {
        facts.ioGlobals.push({ name: node.expression.text, line: lineOf(node) });
      }
    }
    if (ts.isEnumDeclaration(node))
      facts.faults.push(`${path}:${lineOf(node)} declares an enum: use a union of strings`);
    if (ts.isModuleDeclaration(node) && node.flags & ts.NodeFlags.Namespace) {
      facts.faults.push(`${path}:${lineOf(node)} declares a namespace: use a module`);
    }
    if (ts.isVariableDeclarationList(node) && node.flags & ts.NodeFlags.Using) {
      facts.faults.push(`${path}:${lineOf(node)} declares with using: Node 22 does not know it, use try and finally`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return facts;
}

function importFaults(path: string, { specifier, line }: Import): string[] {
  const room = roomOf(path) ?? '';
  const at = `${path}:${line}`;
  const relative = /^\.{1,2}(\/|$)/.test(specifier);
  if (relative && !/\.(ts|json)$/.test(specifier))
    return [`${at} imports ${specifier}: write the file's extension, .ts or .json`];

  if (relative || specifier === packageName) {
    const target = relative ? posix.join(posix.dirname(path), specifier) : 'core/index.ts';
    if (target.endsWith('.json')) return [];
    const targetRoom = roomOf(target) ?? 'a place that is no room';
    const allowed = mayImport[room];
    if (!allowed || targetRoom === room || allowed.includes(targetRoom)) return [];
    const choice = allowed.length > 0 ? `may import only ${allowed.join(', ')}` : 'may import nothing else of ours';
    return [`${at} imports ${target} (${targetRoom}): ${room} ${choice}`];
  }

  if (room !== 'domain') return [];
  const [name = ''] = specifier.replace(/^node:/, '').split('/');
  const builtin = specifier.startsWith('node:') || specifier.startsWith('bun:') || builtinModules.includes(name);
  const io = builtin
    ? !pureBuiltins.includes(name)
    : ioPackages.some((p) => specifier === p || specifier.startsWith(`${p}/`));
  return io ? [`${at} imports ${specifier}: the domain does no I/O`] : [];
}

function nameFaults(path: string): string[] {
  const vague = path.split(/[/._-]/).find((word) => vagueNames.includes(word.toLowerCase()));
  return vague ? [`${path} is named "${vague}": name it after the one concept it holds`] : [];
}

/** Everything that breaks a rule, a sentence each, in the order of the files. */
export function faultsIn(sources: Sources): string[] {
  return Object.entries(sources).flatMap(([path, text]) => {
    const faults = nameFaults(path);
    const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
    if (lines > maximumLines && !path.startsWith('test/')) {
      faults.push(`${path} has ${lines} lines: split it, ${maximumLines} is the most`);
    }
    if (!path.endsWith('.ts')) return faults;
    if (roomOf(path) === undefined) faults.push(`${path} is in no room: add one to the rules or move the file`);
    const facts = readFacts(path, text);
    faults.push(...facts.faults);
    for (const found of facts.imports) faults.push(...importFaults(path, found));
    if (path !== 'bench.ts' && !path.startsWith('test/')) {
      for (const line of facts.exits) faults.push(`${path}:${line} exits the process: only bench.ts does`);
    }
    if (roomOf(path) === 'domain') {
      for (const { name, line } of facts.ioGlobals) faults.push(`${path}:${line} uses ${name}: the domain does no I/O`);
    }
    return faults;
  });
}
