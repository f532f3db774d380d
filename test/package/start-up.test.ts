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
