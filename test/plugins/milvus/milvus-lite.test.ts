// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of plans
/**
 * The driver on milvus-lite, which speaks the newer protocol, without a login and without TLS. What else it lacks is in docs/milvus.md.
 */
import t from 'tap';
import milvus from '../../../plugins/milvus.ts';
import { runDriver } from '../../../testing/run-driver.ts';
import { workbench } from '../../e2e/bench-process.ts';
import { endedWith, resultIn } from '../../e2e/busy-host.ts';
import { milvusLite, milvusLiteLacks } from '../../kit/programs/milvus-lite.ts';
import { smallPlan } from './small-plan.ts';

t.setTimeout(400_000);

const fields = {
  id: { type: 'int64', primary: true },
  embedding: { type: 'floatVector', dim: 32 },
  category: { type: 'varchar', maxLength: 10, values: ['A', 'B', 'C', 'D'] },
};

const lacks = await milvusLiteLacks();

t.test('milvus-lite', { skip: lacks ?? false }, async (t) => {
  const target = await milvusLite(t);
  const on = (options: object, passes = 1) =>
    runDriver(milvus, { target, passes, options: { collection: { fields }, data: { rows: 400 }, ...options } });

  await t.test('the small plan', async (t) => {
    const plan = smallPlan(target, { rows: 1000, dim: 32 }, { queries: { count: 100 } });
    const { folder, run } = workbench(t, { 'milvus-small.yaml': plan });
    const ended = await run(['run', 'milvus-small.yaml', '--vus', '4', '--duration', '3s', '--out', 'out']);
    const result = resultIn(`${folder}/out`);
    endedWith(t, ended, 0, result);
    t.equal(result.ratios?.length, 3);
    for (const { name, phases } of result.ratios ?? []) {
      const { hits, of } = phases.measure;
      // With a filter, its HNSW loses some.
      t.ok(hits >= (name.startsWith('hybrid') ? 0.5 : 0.9) * of, `${name}: ${hits} of ${of}`);
    }
  });

  await t.test('writes, and the rows that are stored then', async (t) => {
    const operations = {
      add: { insert: { rows: 20 } },
      change: { upsert: { rows: 3 } },
      remove: { delete: { ids: 1 } },
      read: { query: { filter: 'id in [${ids:5}]' } },
    };
    const { outcomes, reconciliation } = await on({ operations, prepare: { compact: true } }, 3);
    t.strictSame(
      [...outcomes.values()].flat().map(({ message }) => message),
      Array.from({ length: 12 }, () => ''),
    );
    t.match(reconciliation, { acknowledged: 457, stored: 457, lost: 0, extra: 0 });
  });

  await t.test('bad input is told before the load', async (t) => {
    const find = (search: object) => ({ operations: { find: { search } } });
    await t.rejects(on({ ...find({}), database: 'nowhere' }), { message: /'nowhere' does not exist \(invalid_para/ });
    await t.rejects(on(find({ filter: 'category = A' })), { message: /operations\.find: Milvus refuses it with the/ });
  });
});
