/** What another user has put beside a plan's modules, or above them, where runtimes and bundlers look for what imports mean. */

import { chmodSync, chownSync, lchownSync, mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import { bundleModule, endBundling } from '../../../core/cli/bundle/bundle-module.ts';
import { loadDriver, pluginFile } from '../../../plugins/loader/load.ts';

const STRANGER = 65534;
const AS_ROOT = { skip: process.getuid?.() !== 0 && 'only root can give files to another user' };
const DECISIVE = ['package.json', 'tsconfig.json', 'jsconfig.json', 'node_modules', '.pnp.data.json'];
/** Of a project without packages. */
const PNP = JSON.stringify({
  ...{ dependencyTreeRoots: [{ name: 'mine', reference: 'workspace:.' }], enableTopLevelFallback: true },
  ...{ ignorePatternData: null, fallbackExclusionList: [], fallbackPool: [] },
  packageRegistryData: [[null, [[null, { packageLocation: './', packageDependencies: [], linkType: 'SOFT' }]]]],
});
const DRIVER = `import { defineDriver, z } from '@bench/toolkit';
import { word } from './word.ts';
export default defineDriver<object>({ name: word, description: word, options: z.strictObject({}), operations: () => [],
  open: () => { throw new Error('never'); } });
`;

/** A folder like /tmp, with a plan in one of its folders. */
function stage(t: Test) {
  const mine = { 'driver.ts': DRIVER, 'word.ts': "export const word = 'mine';\n" };
  const decisive = { 'package.json': '{}', 'tsconfig.json': '{}', 'jsconfig.json': '{}', node_modules: {} };
  const yarn = { '.pnp.data.json': PNP };
  const folder = t.testdir({
    kept: { ...decisive, ...yarn, 'word.ts': "export const word = 'theirs';\n" },
    all: { mine },
  });
  const all = join(folder, 'all');
  chmodSync(all, 0o1777);
  const plan = join(all, 'mine');
  return {
    all,
    plan,
    kept: (name: string) => join(folder, 'kept', name),
    file: () => pluginFile('driver', './driver.ts', plan, []),
    bundle: () => bundleModule(join(plan, 'driver.ts'), plan),
  };
}
t.teardown(endBundling);

for (const name of DECISIVE) {
  t.test(`a ${name} of another user above a plan: no module is loaded, and none is sent`, AS_ROOT, async (t) => {
    const { all, plan, kept, file, bundle } = stage(t);
    const place = join(all, name);
    renameSync(kept(name), place);
    t.doesNotThrow(file, 'one of this user');
    await t.resolves(bundle());
    chownSync(place, STRANGER, STRANGER);
    const message = new RegExp(`${place} belongs to another user, who could make bench run code with it`);
    await t.rejects(loadDriver('./driver.ts', plan), { message });
    await t.rejects(bundle(), { message });
    chownSync(plan, STRANGER, STRANGER);
    t.doesNotThrow(file, 'it is that user whose plan is run');
  });
}

t.test('a link of another user counts, wherever it leads', AS_ROOT, async (t) => {
  const { all, kept, file } = stage(t);
  const place = join(all, 'node_modules');
  symlinkSync(kept('node_modules'), place);
  t.doesNotThrow(file);
  lchownSync(place, STRANGER, STRANGER);
  t.throws(file, { message: /all\/node_modules belongs to another user/ });
});

t.test('what everybody can write counts, but where everybody can write the plan too', async (t) => {
  const { all, plan, kept, file, bundle } = stage(t);
  const place = join(all, 'tsconfig.json');
  renameSync(kept('tsconfig.json'), place);
  chmodSync(place, 0o666);
  const message = /^driver "\.\/driver\.ts" cannot be loaded: other users can write to .+: `chmod -R go-w` it$/;
  t.throws(file, { message });
  await t.rejects(bundle(), { message: /^other users can write to/ });
  chmodSync(plan, 0o777);
  t.doesNotThrow(file);
});

t.test('a package in a folder of another user is not loaded', AS_ROOT, async (t) => {
  const { all, plan, kept } = stage(t);
  const folder = join(all, 'node_modules');
  renameSync(kept('node_modules'), folder);
  mkdirSync(join(folder, 'theirs'));
  renameSync(kept('package.json'), join(folder, 'theirs', 'package.json'));
  const file = () => pluginFile('driver', 'theirs', plan, []);
  t.equal(file(), join(folder, 'theirs', 'index.js'));
  chownSync(folder, STRANGER, STRANGER);
  t.throws(file, { message: /^driver "theirs" cannot be loaded: .+all\/node_modules belongs to another user/ });
});

t.test('a module that another user owns, somewhere else, is not sent', AS_ROOT, async (t) => {
  const { plan, kept, bundle } = stage(t);
  renameSync(join(plan, 'word.ts'), join(plan, 'own.ts'));
  symlinkSync(kept('word.ts'), join(plan, 'word.ts'));
  await t.resolves(bundle());
  chownSync(kept('word.ts'), STRANGER, STRANGER);
  await t.rejects(bundle(), { message: /kept\/word\.ts belongs to another user/ });
});
