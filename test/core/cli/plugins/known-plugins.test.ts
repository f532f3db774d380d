import t from 'tap';
import { knownPlugins } from '../../../../core/cli/plugins/known-plugins.ts';
import { loadAny } from '../../../../core/cli/plugins/load-plugin.ts';

const manifest = (fields: object) => JSON.stringify(fields);

t.test('built-in plugins, and those of packages whose keywords say so, here and above', async (t) => {
  const folder = t.testdir({
    node_modules: {
      'bench-tcp': { 'package.json': manifest({ version: '2.1.0', keywords: ['bench-driver'] }) },
      '@shop': { reports: { 'package.json': manifest({ version: '1.0.0', keywords: ['x', 'bench-report'] }) } },
      other: { 'package.json': manifest({ version: '9.0.0' }) },
      broken: { 'package.json': '{' },
    },
    inner: {
      node_modules: { 'bench-tcp': { 'package.json': manifest({ version: '3.0.0', keywords: ['bench-driver'] }) } },
    },
  });
  const all = knownPlugins(`${folder}/inner`);
  t.match(all[0], { name: 'null', kind: 'driver', from: 'bench' });
  t.strictSame(
    all.filter(({ from }) => from.startsWith(folder)),
    [
      { name: '@shop/reports', kind: 'report', version: '1.0.0', from: `${folder}/node_modules/@shop/reports` },
      { name: 'bench-tcp', kind: 'driver', version: '3.0.0', from: `${folder}/inner/node_modules/bench-tcp` },
    ],
    'the nearest one of a name counts',
  );
});

t.test('a plugin of which only the name is known', async (t) => {
  const folder = t.testdir({ 'none.mjs': 'export default {};\n', 'bad.mjs': 'export default (;\n' });
  for (const [name, kind] of [
    ['http', 'driver'],
    ['prometheus', 'monitor'],
    ['webhook', 'output'],
    ['html', 'report'],
  ] as const) {
    t.equal((await loadAny(name, folder)).kind, kind);
  }
  await t.rejects(loadAny('./none.mjs', folder), {
    message: /^"\.\/none\.mjs" is no driver, report, monitor or output/,
  });
  await t.rejects(loadAny('./bad.mjs', folder), { message: /cannot be loaded/ });
  await t.rejects(loadAny('nope', folder), { message: /`bench plugins` lists those there are/ });
});
