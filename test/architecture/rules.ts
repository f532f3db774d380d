/** The house rules that can be read off the source: who may import whom, and what a file may be. */
import { builtinModules } from 'node:module';
import { factsOf, type Import, targetOf } from './facts.ts';
import { circlesOf, graphOf, type ImportGraph } from './graph.ts';
import type { Sources } from './source-tree.ts';

const maximumLines = 400;
const maximumFiles = 22;

/** First match wins. */
const rooms: [RegExp, string][] = [
  [/^bench\.ts$/, 'bench.ts'],
  [
    /^core\/(plan|script|secrets|series|stats|text|verdict)\/|^core\/(agent-limits|driver-figures|error|log|options-schema|outcome|output|plugin|plugin-call|version)\.ts$/,
    'domain',
  ],
  [/^core\/(environment|secret-files)\.ts$/, 'core/environment.ts'],
  [/^core\/(clock|timeout)\.ts$/, 'core/clock.ts'],
  [/^core\/(make-folder|regular-file|open-files|plan-files|trusted-owner)\.ts$/, 'core/regular-file.ts'],
  [/^core\/bundle\//, 'core/bundle'],
  [/^core\/mysql\//, 'core/mysql'],
  [/^proto\/gen\/milvus\//, 'proto/gen/milvus'],
  [/^core\/index\.ts$/, 'core/index.ts'],
  [/^core\/control\//, 'core/control'],
  [/^core\/web\//, 'core/web'],
  [/^core\/cli\//, 'core/cli'],
  [/^(agents|plugins|reports|target|proto|plans|examples|build|testing|test)\//, '$1'],
];

/** What a room may import beside itself. A room that is not listed may import anything. */
const mayImport: Record<string, string[]> = {
  domain: [],
  'core/index.ts': ['domain'],
  plugins: ['domain', 'core/index.ts', 'core/mysql', 'core/regular-file.ts', 'proto/gen/milvus'],
  'proto/gen/milvus': [],
  'core/mysql': ['domain', 'core/regular-file.ts'],
  reports: ['domain'],
  'core/environment.ts': ['domain', 'core/regular-file.ts'],
  'core/regular-file.ts': ['domain'],
  'core/clock.ts': ['domain'],
  'core/bundle': ['domain', 'core/environment.ts', 'core/regular-file.ts'],
  agents: ['domain', 'core/bundle', 'core/clock.ts', 'core/environment.ts', 'core/regular-file.ts', 'proto'],
  'core/control': [
    'domain',
    'core/bundle',
    'core/clock.ts',
    'core/environment.ts',
    'core/mysql',
    'core/regular-file.ts',
    'proto',
  ],
  'core/web': ['domain', 'core/clock.ts', 'core/control', 'proto'],
  target: [],
  proto: ['domain'],
  plans: ['core/index.ts'],
  testing: ['domain', 'core/clock.ts'],
  'core/cli': [
    'domain',
    'core/bundle',
    'core/clock.ts',
    'core/environment.ts',
    'core/mysql',
    'core/index.ts',
    'core/regular-file.ts',
    'core/control',
    'core/web',
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

/**
 * The layers of control, from the top down: a file may import from its own layer and from those below it. What stands
 * in no list is a layer of its own folder's name.
 */
const controlLayers = [
  'server',
  'api',
  'orchestrator',
  'outputs',
  'results',
  'load',
  'ingest',
  'monitors',
  'agents',
  'security',
  'store',
  'run',
  'telemetry',
  'ground',
];
const controlFiles: Record<string, string> = {
  'server.ts': 'server',
  'control-plane.ts': 'server',
  'metrics-server.ts': 'server',
  'limits.ts': 'ground',
};

const vagueNames = ['common', 'helper', 'helpers', 'misc', 'shared', 'util', 'utils'];

function roomOf(path: string): string | undefined {
  for (const [pattern, room] of rooms) {
    const match = pattern.exec(path);
    if (match) return room.replace('$1', match[1] ?? '');
  }
  return undefined;
}

function importFaults(path: string, { specifier, line }: Import): string[] {
  const room = roomOf(path) ?? '';
  const at = `${path}:${line}`;
  const target = targetOf(path, specifier);
  if (target !== undefined && !/\.(ts|json)$/.test(target))
    return [`${at} imports ${specifier}: write the file's extension, .ts or .json`];

  if (target !== undefined) {
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

function layerOf(path: string): string | undefined {
  const [, folder, file = ''] =
    /^core\/control\/(?:([^/]+)\/)?([^/]+)$/.exec(path.replace(/\/(migrations)\/.*$/, '')) ?? [];
  return folder ?? controlFiles[file];
}

function layerFaults(graph: ImportGraph): string[] {
  const faults: string[] = [];
  for (const [path, targets] of graph) {
    const own = layerOf(path);
    if (own === undefined) continue;
    for (const target of targets) {
      const other = layerOf(target);
      if (other === undefined || controlLayers.indexOf(other) >= controlLayers.indexOf(own)) continue;
      faults.push(`${path} imports ${target}: in core/control, ${own} lies below ${other} and must not know it`);
    }
  }
  return faults;
}

function folderFaults(paths: readonly string[]): string[] {
  const files = paths.filter((path) => /\.(ts|js)$/.test(path));
  const folders = Map.groupBy(files, (path) => path.split('/').slice(0, -1).join('/'));
  return [...folders]
    .filter(([, held]) => held.length > maximumFiles)
    .map(([folder, held]) => `${folder} holds ${held.length} files: make rooms in it, ${maximumFiles} is the most`);
}

function circleFaults(graph: ImportGraph): string[] {
  return circlesOf(graph).map(
    (circle) => `${circle.join(', ')} import each other in a circle: move what they share below them`,
  );
}

/** What breaks a rule about all files together, a sentence each. */
export function faultsBetween(sources: Sources, facts = factsOf(sources)): string[] {
  const graph = graphOf(sources, facts);
  return [...circleFaults(graph), ...layerFaults(graph), ...folderFaults(Object.keys(sources))];
}

/** Everything that breaks a rule, a sentence each, in the order of the files. */
export function faultsIn(sources: Sources, facts = factsOf(sources)): string[] {
  return Object.entries(sources).flatMap(([path, text]) => {
    const faults = nameFaults(path);
    const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
    if (lines > maximumLines) faults.push(`${path} has ${lines} lines: split it, ${maximumLines} is the most`);
    const found = facts.get(path);
    if (found === undefined) return faults;
    if (roomOf(path) === undefined) faults.push(`${path} is in no room: add one to the rules or move the file`);
    faults.push(...found.faults);
    for (const imported of found.imports) faults.push(...importFaults(path, imported));
    if (path !== 'bench.ts' && !path.startsWith('test/')) {
      for (const line of found.exits) faults.push(`${path}:${line} exits the process: only bench.ts does`);
    }
    if (roomOf(path) === 'domain') {
      for (const { name, line } of found.ioGlobals) faults.push(`${path}:${line} uses ${name}: the domain does no I/O`);
    }
    return faults;
  });
}
