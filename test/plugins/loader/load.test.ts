import { execFileSync } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { builtinDrivers, builtinMonitors, builtinOutputs } from '../../../plugins/builtin.ts';
import { loadDriver, loadMonitor, loadOutput, loadPlugin, packageEntry } from '../../../plugins/loader/load.ts';

const DRIVER = `export default {
  name: 'mine', description: 'Of my own.', options: { '~standard': { version: 1, vendor: 'me', validate: (value) => ({ value }) } },
  operations: () => [{ name: 'ping', type: 'PING' }], open: () => {},
};`;

t.test('every built-in plugin is there, under its own name', async (t) => {
  for (const name of Object.keys(builtinDrivers)) t.equal((await loadDriver(name, '/')).name, name);
  for (const name of Object.keys(builtinMonitors)) t.equal((await loadMonitor(name, '/')).name, name);
  for (const name of Object.keys(builtinOutputs)) t.equal((await loadOutput(name, '/')).name, name);
});

t.test('a monitor is no output, and an output is no monitor, though they have the same methods', async (t) => {
  const folder = t.testdir({
    'monitor.mjs': DRIVER,
    'output.mjs': DRIVER.replace('export default {', "export default { kind: 'output',"),
  });
  t.equal((await loadOutput('./output.mjs', folder)).name, 'mine');
  await t.rejects(loadMonitor('./output.mjs', folder), { message: /is not a monitor: it is an output/ });
  await t.rejects(loadOutput('./monitor.mjs', folder), {
    message: /is not an output: it was not made with defineOutput/,
  });
});

t.test('by path: relative to the folder, absolute, or a file URL', async (t) => {
  const folder = t.testdir({ 'my driver.ts': `const kind: string = 'x';\n${DRIVER}`, 'plain.mjs': DRIVER });
  for (const reference of [
    './my driver.ts',
    'plain.mjs',
    `${folder}/plain.mjs`,
    pathToFileURL(`${folder}/plain.mjs`).href,
  ]) {
    t.equal((await loadDriver(reference, folder)).name, 'mine', reference);
  }
});

t.test('a file that was edited since it was loaded is refused: a process cannot load it anew', async (t) => {
  const folder = t.testdir({ 'mine.mjs': DRIVER });
  await loadDriver('./mine.mjs', folder);
  writeFileSync(`${folder}/mine.mjs`, DRIVER);
  t.equal((await loadDriver('./mine.mjs', folder)).name, 'mine', 'it is as it was');
  writeFileSync(`${folder}/mine.mjs`, DRIVER.replace('mine', 'other'));
  await t.rejects(loadDriver('./mine.mjs', folder), {
    name: 'PluginError',
    message: /^driver ".\/mine.mjs" has changed since this process \(\d+\) loaded it: start it again$/,
  });
});

t.test('by package name, as the folder has it installed', async (t) => {
  const folder = t.testdir({
    node_modules: {
      'bench-mine': {
        'package.json': '{"type":"module","exports":{"types":"./x.d.ts","import":"./in.js"}}',
        'in.js': DRIVER,
      },
      '@me': { old: { 'package.json': '{"main":"lib.mjs"}', 'lib.mjs': DRIVER } },
      bare: { 'package.json': '{}', 'index.js': DRIVER.replace('export default', 'module.exports =') },
    },
    plans: { deep: {} },
  });
  for (const name of ['bench-mine', '@me/old', 'bare']) {
    t.equal((await loadDriver(name, `${folder}/plans/deep`)).name, 'mine', name);
  }
  t.equal(packageEntry('../bench-mine', folder), undefined);
});

t.test('what is wrong is told in a sentence', async (t) => {
  const folder = t.testdir({
    'empty.ts': '',
    'broken.ts': 'export default {',
    'throws.ts': 'throw new Error("no luck\\nat all");',
    'report.ts': DRIVER.replace('operations', 'render'),
    'number.ts': 'export default 7;',
    'next.ts': DRIVER.replace('name:', 'interface: 2, name:'),
    'stamped.ts': DRIVER.replace('name:', 'interface: 1, name:'),
    'folder.ts': {},
    'huge.ts': '',
  });
  execFileSync('mkfifo', [join(folder, 'pipe.ts')]);
  truncateSync(join(folder, 'huge.ts'), 1024 ** 4);
  const cases: [reference: string, message: RegExp][] = [
    ['http-uplod', /^unknown driver "http-uplod"; did you mean "http-upload"\?$/],
    [
      'xyzzy',
      /^unknown driver "xyzzy"; use a built-in one \(null, http, .*\), a path such as \.\/my-driver\.ts, or install/,
    ],
    ['fs', /^unknown driver "fs"; /],
    ['constructor', /^unknown driver "constructor"; /],
    ['./none.ts', /^the driver "\.\/none\.ts" was not found: there is no file .*none\.ts$/],
    ['./broken.ts', /^driver "\.\/broken\.ts" cannot be loaded: [^\n]+$/],
    ['./throws.ts', /^driver "\.\/throws\.ts" cannot be loaded: no luck$/],
    ['./empty.ts', /^"\.\/empty\.ts" is not a driver: it has no default export; write `export default defineDriver\(/],
    ['./report.ts', /^"\.\/report\.ts" is not a driver: it lacks operations; /],
    ['/dev/zero', /^driver "\/dev\/zero" cannot be loaded: it is a device or a pipe, not a regular file$/],
    ['./pipe.ts', /^driver "\.\/pipe\.ts" cannot be loaded: it is a device or a pipe, not a regular file$/],
    ['./folder.ts', /^driver "\.\/folder\.ts" cannot be loaded: it is a folder$/],
    ['./huge.ts', /^driver "\.\/huge\.ts" cannot be loaded: it is larger than 64 MiB$/],
    ['./next.ts', /^"\.\/next\.ts" was made for version 2 of the plugin interface, and this bench has version 1: /],
    ['./number.ts', /^"\.\/number\.ts" is not a driver: it lacks name, options, operations, open; /],
  ];
  for (const [reference, message] of cases) {
    await t.rejects(loadDriver(reference, folder), { name: 'PluginError', message }, reference);
  }
  t.equal((await loadDriver('./stamped.ts', folder)).name, 'mine');
  await t.rejects(loadMonitor('prometeus', folder), { message: /did you mean "prometheus"\?/ });
  await t.rejects(loadPlugin('report', './number.ts', folder, {}), { message: /is not a report: .*defineReport/ });
});

t.test('a module that awaits what never comes is not waited for', async (t) => {
  const folder = t.testdir({ 'waits.ts': `${DRIVER}\nawait new Promise(() => {});` });
  await t.rejects(loadDriver('./waits.ts', folder), {
    name: 'PluginError',
    message:
      /^driver "\.\/waits\.ts" cannot be loaded: it is not loaded after 10 s, perhaps because of what it awaits or does at its top level/,
  });
});
