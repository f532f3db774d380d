import t from 'tap';
import { loadUser } from '../../../plugins/loader/load.ts';

t.test('a script is found as other plugins are', async (t) => {
  const folder = t.testdir({
    'shopper.ts': 'export default { tasks: { browse: { weight: 2 as number, run: async () => {} } }, drivers: [] };',
    'plain.mjs': 'export default { iterate() {}, onStart() {} };',
  });
  t.strictSame(Object.keys((await loadUser('./shopper.ts', folder)).tasks ?? {}), ['browse']);
  t.type((await loadUser('plain.mjs', folder)).iterate, 'function');
});

t.test('what is wrong with a script is said in a sentence', async (t) => {
  const cases: [source: string, problem: RegExp][] = [
    [
      'export const user = {};',
      /is not a user: it has no default export; write `export default defineUser\(\{ … \}\)`$/,
    ],
    ['export default () => {};', /its default export is no object/],
    ['export default {};', /it has neither tasks nor iterate; write/],
    ['export default { iterate() {}, tasks: { a: { run() {} } } };', /it has tasks and iterate: keep one of them$/],
    ['export default { iterate: 1 };', /its iterate is no function$/],
    ['export default { tasks: {} };', /it has no task in tasks$/],
    ['export default { tasks: { a() {} } };', /its task "a" has no function run$/],
    ['export default { tasks: { a: { run() {}, weight: -1 } } };', /the weight of its task "a" must be a number of at/],
    ['export default { tasks: { a: { run() {}, weight: 0 } } };', /the weights of its tasks add up to 0/],
    ['export default { iterate() {}, drivers: "http" };', /its drivers are no list of names$/],
    ['export default { iterate() {}, onStart: 1 };', /its onStart is no function$/],
    ['export default {', /^script ".\/11.mjs" cannot be loaded: /],
  ];
  const folder = t.testdir(Object.fromEntries(cases.map(([source], i) => [`${i}.mjs`, source])));
  for (const [i, [, message]] of cases.entries()) {
    await t.rejects(loadUser(`./${i}.mjs`, folder), { name: 'PluginError', message });
  }
  await t.rejects(loadUser('./nowhere.ts', folder), {
    message: /^the script ".\/nowhere.ts" was not found: there is no file/,
  });
});
