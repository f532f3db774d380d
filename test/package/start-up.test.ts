import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import t from 'tap';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What every command reads before it begins, in bytes: `bench --help` waits for it. */
const MAX_BYTES = 400_000;

t.test('a command line loads nothing but commander before a command is called', async (t) => {
  const { outputs } = (
    await build({
      absWorkingDir: ROOT,
      entryPoints: ['bench.ts'],
      outdir: 'dist',
      bundle: true,
      splitting: true,
      write: false,
      format: 'esm',
      platform: 'node',
      packages: 'bundle',
      external: ['*.node', 'libsql', 'esbuild', 'bun', 'bun:*', 'playwright-core'],
      minifySyntax: true,
      minifyWhitespace: true,
      metafile: true,
      logLevel: 'silent',
    })
  ).metafile;
  const loaded = new Set<string>();
  const load = (path: string) => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const { path: next, kind } of outputs[path]?.imports ?? []) {
      if (kind === 'import-statement' && next in outputs) load(next);
    }
  };
  load('dist/bench.js');
  const inputs = [...loaded].flatMap((path) => Object.entries(outputs[path]?.inputs ?? {}));
  const packages = inputs.flatMap(([path, { bytesInOutput }]) => {
    const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
    return name === undefined || bytesInOutput === 0 ? [] : [name];
  });
  t.strictSame([...new Set(packages)], ['commander']);
  const bytes = [...loaded].reduce((sum, path) => sum + (outputs[path]?.bytes ?? 0), 0);
  t.ok(bytes > 100_000 && bytes < MAX_BYTES, `${bytes} bytes`);
});

/** Built into the package, one in CommonJS has its exports as its default alone: a name that is taken from it is undefined. */
t.test('what is imported later from a package in CommonJS is its default', (t) => {
  const { dependencies, peerDependencies, devDependencies } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'));
  const builtIn = Object.keys(devDependencies).filter((name) => !(name in { ...dependencies, ...peerDependencies }));
  const sources = ['core', 'agents', 'plugins', 'reports', 'target', 'proto'].flatMap((room) =>
    globSync(`${room}/**/*.ts`, { cwd: ROOT }),
  );
  const imports = sources.flatMap((source) => {
    const text = readFileSync(ROOT + source, 'utf8');
    return [...text.matchAll(/(\w[\w\s]*|\{[^{}]*\}) = \(?await import\(\s*'([^'.][^']*)'/g)].map(
      ([, names = '', path = '']) => {
        return { source, names, name: /^(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? '' };
      },
    );
  });
  const late = imports.filter(({ name }) => builtIn.includes(name));
  t.ok(late.length > 1, `${late.length} of ${imports.length} imports`);
  for (const { source, names, name } of late) {
    const { type } = JSON.parse(readFileSync(`${ROOT}node_modules/${name}/package.json`, 'utf8'));
    const isDefault = /^\{ default: \w+ \}$/.test(names);
    t.ok(type === 'module' || isDefault, `${source}: ${names} of ${name}`);
  }
  t.end();
});
