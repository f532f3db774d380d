import { createHash } from 'node:crypto';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { ContentCache } from '../../../../core/bundle/content-cache.ts';
import { openBundle } from '../../../../core/bundle/open-bundle.ts';
import { bundleModule } from '../../../../core/cli/bundle/bundle-module.ts';
import type { DriverPlugin } from '../../../../core/plugin.ts';
import { keepSourceLines, sourcePlaceIn } from '../../../../core/script/source-lines.ts';
import { loadDriver } from '../../../../plugins/loader/load.ts';

const DRIVER = `import { defineDriver, PluginError, z } from '@bench/toolkit';
import greeting from 'greeting';
import { words } from './words.ts';
import data from './data.json' with { type: 'json' };

export default defineDriver<object>({
  name: greeting.greet(words) + data.mark,
  description: String(new PluginError('x') instanceof Error),
  options: z.strictObject({}),
  operations: () => [],
  open: () => { throw new Error('never'); },
});
`;

const files = () => ({
  'driver.ts': DRIVER,
  'words.ts': `const kind: string = 'words';\nexport const words = kind;\n`,
  'data.json': '{"mark":"!"}',
  node_modules: {
    greeting: {
      'package.json': '{"main":"main.js"}',
      'main.js': `const { inspect } = require('node:util');\nexports.greet = (name) => require('./hello.js') + inspect(name);\n`,
      'hello.js': `module.exports = 'hello ';\n`,
    },
  },
});

/** Loads it as an agent does that has nothing of it. */
async function loadSent(t: Test, content: Uint8Array): Promise<DriverPlugin> {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const cache = new ContentCache(join(t.testdirName, 'cache'));
  await cache.obtain({ sha256, bytes: content.length }, async function* () {
    yield content;
  });
  const entry = { kind: 'module', name: './driver.ts', sha256, bytes: content.length } as const;
  const { folder, close } = await openBundle([entry], '/nowhere', { cache, remoteCode: 'any' });
  t.teardown(close);
  return loadDriver('./driver.ts', folder);
}

t.test(
  'a driver with TypeScript, JSON and a CommonJS package becomes one module, the same in each folder',
  async (t) => {
    const folder = t.testdir({ here: files(), there: { deep: files() } });
    const module = await bundleModule(join(folder, 'here', 'driver.ts'), join(folder, 'here'));
    const again = await bundleModule(join(folder, 'there', 'deep', 'driver.ts'), join(folder, 'there', 'deep'));
    t.equal(Buffer.compare(module, again), 0);
    const driver = await loadSent(t, module);
    t.equal(driver.name, "hello 'words'!");
    t.equal(driver.description, 'true');
  },
);

t.test('the toolkit is that of whoever loads the module, also where it is imported by its path', async (t) => {
  const entry = join(import.meta.dirname, '..', '..', '..', '..', 'core', 'index.ts');
  const folder = t.testdir({ ...files(), 'driver.ts': DRIVER.replace("'@bench/toolkit'", `'${entry}'`) });
  const module = await bundleModule(join(folder, 'driver.ts'), folder);
  t.ok(module.length < 10_000, `${module.length} bytes`);
  t.equal((await loadSent(t, module)).description, 'true');
});

t.test('of what was thrown, the file and line of its author are known', async (t) => {
  const source = `import { defineDriver, z } from '@bench/toolkit';
import { broken } from 'greeting';
import { fail } from './lib/fail.ts';

const base = { name: 'd', description: 'd', options: z.strictObject({}), open: () => { throw new Error('never'); } };
export default defineDriver<object>({
  ...base,
  operations: () => {
    return broken(() => fail());
  },
});
`;
  const inPackage = `const { inspect } = require('node:util');\nexports.broken = (call) => { try { call(); } catch (error) {\n  error.inner = new Error(inspect(1)); throw error; } };\n`;
  const folder = t.testdir({
    'driver.ts': source,
    lib: {
      'fail.ts':
        'interface Thing {\n  readonly name: string;\n}\nexport function fail(thing?: Thing): never {\n  throw new Error(thing?.name);\n}\n',
    },
    node_modules: { greeting: { 'package.json': '{"main":"main.js"}', 'main.js': inPackage } },
  });
  const driver = await loadSent(t, await bundleModule(join(folder, 'driver.ts'), folder));
  try {
    driver.operations({});
    t.fail('it throws');
  } catch (error) {
    const { stack = '', inner } = error as Error & { readonly inner: Error };
    t.equal(sourcePlaceIn(stack), 'lib/fail.ts:5');
    t.equal(sourcePlaceIn(inner.stack ?? ''), 'driver.ts:9', 'of a package, the place that has called it');
  }
  t.equal(sourcePlaceIn('Error: x\n    at file:///tmp/other.mjs:3:1'), undefined);
});

t.test('a comment that only looks like ours says nothing', async (t) => {
  for (const comment of ['', '{', '{"files":7}', '{"files":[],"lines":"0:1"}', 'null']) {
    const sha256 = createHash('sha256').update(comment).digest('hex');
    keepSourceLines(sha256, `throw 1;\n//# bench-lines ${comment}\n`);
    t.equal(sourcePlaceIn(`at ${sha256}.mjs:1:1`), undefined, comment);
  }
});

t.test('a module for another version of the interface does not load', async (t) => {
  const folder = t.testdir(files());
  const module = Buffer.from(await bundleModule(join(folder, 'driver.ts'), folder)).toString();
  const later = module.replace('interface !== 1', 'interface !== 2').replace('version 1 of', 'version 2 of');
  t.not(later, module);
  await t.rejects(loadSent(t, Buffer.from(later)), {
    name: 'PluginError',
    message:
      'driver "./driver.ts" cannot be loaded: it was made for version 2 of bench\'s plugin interface, which this bench does not have: use the same bench everywhere',
  });
});

t.test('what cannot be sent is told with its place', async (t) => {
  const folder = t.testdir({
    'missing.ts': "import 'nothing-of-this-name';",
    'toolkit.ts': "import { nothing } from '@bench/toolkit'; export default nothing;",
    'entry.ts': "import '@bench/toolkit/nowhere';",
    'syntax.ts': 'export default {',
    'native.ts': "import './addon.node';",
    'addon.node': '',
    'require.cjs': 'module.exports = (name) => require(name);',
    'dynamic.ts': 'export const load = (name: string) => import(name);',
  });
  const cases: [file: string, message: RegExp][] = [
    ['missing.ts', /^missing\.ts:1: Could not resolve "nothing-of-this-name"$/],
    ['toolkit.ts', /^toolkit\.ts:1: No matching export in .* for import "nothing"$/],
    ['entry.ts', /@bench\/toolkit\/nowhere is not there where plugins run: leave it out$/],
    ['syntax.ts', /^syntax\.ts:1: /],
    ['native.ts', /addon\.node is a native module, which works only on the host on which it was built$/],
    ['require.cjs', /^require\.cjs:1: what it imports there is only known when it runs, so it cannot be sent along/],
    ['dynamic.ts', /^dynamic\.ts:1: what it imports there is only known when it runs/],
  ];
  for (const [file, message] of cases) {
    await t.rejects(bundleModule(join(folder, file), folder), { name: 'PluginError', message }, file);
  }
});
