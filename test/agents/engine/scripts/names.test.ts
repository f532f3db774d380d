/** Names that scripts make up. */
import t from 'tap';
import { defineUser } from '../../../../core/script/define-user.ts';
import { checkOf, PER_VU, rowOf, runScript } from './run-script.ts';

t.test('names without end are counted as one, in spans and checks too', async (t) => {
  let n = 0;
  const definition = defineUser({
    iterate: async ({ driver, check, measure }) => {
      n += 1;
      check(`check ${n}`, n % 2 === 0);
      await measure(`span ${n}`, () => driver('shop').send('list', { name: `list ${n}` }));
    },
  });
  const ended = await runScript(
    definition,
    { executor: 'per-vu-iterations', vus: 4, iterations: 100 },
    { seconds: 10 },
  );
  const names = new Set<string>();
  for (const { script } of ended.windows) {
    for (const { row } of script?.rows ?? []) names.add(`${row.kind} ${row.name}`);
    for (const { name } of script?.checks ?? []) names.add(name);
  }
  t.equal(names.size, 1000 + 3, '(other) requests, spans and checks');
  const other = rowOf(ended, '(other)');
  t.equal(other.count, 800 - (1000 - 334), 'the sums are exact');
  t.strictSame(
    ended.finalTotals.map(({ count, errors }) => [count, errors]),
    [
      [400, 0],
      [400, 0],
      [400, 0],
      [400, 200],
    ],
  );
});

t.test('long names that travel as the same one are one row, and none of them is kept', async (t) => {
  let n = 0;
  const set = Map.prototype.set;
  const long = 'x'.repeat(200);
  const kept: unknown[] = [];
  Map.prototype.set = function (key, value) {
    if (typeof key === 'string' && key.length > 200 && key.startsWith(long)) kept.push(key);
    return set.call(this, key, value);
  };
  t.teardown(() => {
    Map.prototype.set = set;
  });
  const definition = defineUser({
    iterate: async ({ driver, check, measure }) => {
      n += 1;
      check(`${long}${n}`, true);
      await measure(`${long}${n}`, () => driver('shop').send('list', { name: `${long}${n}` }));
    },
  });
  const ended = await runScript(definition, { ...PER_VU, vus: 1, iterations: 5 }, { seconds: 5 });
  t.equal(rowOf(ended, long).count, 10, 'requests and spans');
  t.equal(checkOf(ended, long).passes, 5);
  t.strictSame(kept, []);
});

t.test('requests whose tags do not count are told once for each row', async (t) => {
  const definition = defineUser({
    iterate: async ({ driver, iteration }) => {
      await driver('shop').send('list', { name: 'same', tags: { kind: 'a' } });
      await driver('shop').send('list', { name: 'same' });
      await driver('shop').send('list', { name: 'other', tags: { kind: iteration % 2 ? 'a' : 'b' } });
      await driver('shop').send('list', { name: 'more', tags: iteration % 2 ? { kind: 'a' } : {} });
    },
  });
  const { warnings } = await runScript(definition, { ...PER_VU, iterations: 4 }, { seconds: 5 });
  t.strictSame(warnings, [
    'requests named other have tags (kind=a) that do not count: the first one of them had kind=b; give requests with other tags another name',
    'requests named more have tags (kind=a) that do not count: the first one of them had none; give requests with other tags another name',
  ]);
});
