// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of plans
/** The driver on a real Milvus 2.3.5, which all tests here share. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse, stringify } from 'yaml';
import milvus from '../../../plugins/milvus.ts';
import { checkedOptions } from '../../../testing/checked-options.ts';
import { runDriver } from '../../../testing/run-driver.ts';
import { workbench } from '../../e2e/bench-process.ts';
import { endedWith, resultIn } from '../../e2e/busy-host.ts';
import { milvusLacks, type PrivateMilvus, privateMilvus } from '../../kit/programs/milvus.ts';

t.setTimeout(300_000);

const PLANS = join(import.meta.dirname, '../../../plans');
const fields = {
  id: { type: 'int64', primary: true },
  embedding: { type: 'floatVector', dim: 32 },
  category: { type: 'varchar', maxLength: 10, values: ['A', 'B', 'C', 'D'] },
};

/** @param operations with a weight of 1 each */
function planOf(target: string, options: object, operations: readonly string[], load: object = {}): string {
  return stringify({
    name: 'Vectors',
    target,
    drivers: { milvus: { options: { collection: { fields }, data: { rows: 1000 }, ...options } } },
    scenarios: {
      users: {
        executor: 'constant-vus',
        vus: 4,
        duration: '3s',
        thinkTime: '10ms',
        ...load,
        operations: operations.map((operation) => ({ driver: 'milvus', operation })),
      },
    },
    thresholds: ['lost == 0', 'error_rate < 100%'],
    reports: ['json', 'markdown'],
  });
}

const lacks = await milvusLacks();

t.test('a real Milvus', { skip: lacks ?? false }, async (t) => {
  const server: PrivateMilvus = await privateMilvus(t);
  const target = `http://${server.address}`;

  t.jobs = 3;
  const together = [
    t.test('the small plan: searches of all three kinds, and what they find', async (t) => {
      const { folder, run } = workbench(t, { 'milvus-small.yaml': small(target) });
      const ended = await run(['run', 'milvus-small.yaml', '--vus', '10', '--duration', '6s', '--out', 'out']);
      const result = resultIn(`${folder}/out`);
      endedWith(t, ended, 0, result);
      t.match(ended.stdout, /its rows are latent vectors of length 1 with the seed 7/);
      t.match(ended.stdout, /3000 rows: inserted in [\d.]+ s, flushed and indexed in [\d.]+ s/);
      t.match((result.ratios ?? []).map(({ name }) => name).sort(), [
        'batch_search.recall',
        'hybrid_search.recall',
        'vector_search.recall',
      ]);
      for (const { name, phases } of result.ratios ?? []) {
        t.ok(phases.measure.of >= 10, `${name}: ${phases.measure.of} attempts`);
        t.ok(phases.measure.hits / phases.measure.of > 0.8, `${name}: ${phases.measure.hits} hits`);
      }
      t.match(readFileSync(`${folder}/out/report.md`, 'utf8'), /vector_search\.recall ratio/);
      t.match(ended.stdout, /the collection bench_\w+ is dropped/);
    }),

    t.test('bad input is told before the load', async (t) => {
      const refused = (name: string, options: object, problem: RegExp) => {
        const collection = { name, fields, ...('index' in options && { index: options.index }) };
        const { index: _, ...rest } = { index: undefined, operations: { find: { search: {} } }, ...options };
        const run = runDriver(milvus, { target, options: { collection, data: { rows: 100 }, ...rest } });
        return t.rejects(run, { name: /Error$/, message: problem });
      };
      const filter = { operations: { find: { search: { filter: 'category = A' } } } };
      await Promise.all([
        refused('filter', filter, /operations\.find: Milvus refuses it with the filter category = A: .*cannot parse/),
        refused('index', { index: { type: 'NO_SUCH' } }, /Milvus, CreateIndex: .*invalid/i),
        refused('database', { database: 'nowhere' }, /database:nowhere not found/),
      ]);
    }),

    t.test('a collection that is kept', async (t) => {
      const collection = { name: 'kept', reuse: true, fields };
      const options = {
        collection,
        data: { rows: 1000 },
        operations: { find: { search: { limit: 5 } } },
        ...{ groundTruth: { queries: 20, k: 5 }, queries: { count: 20 } },
      };
      const preparation = {
        ...{ runId: 'kept1', target, baseDirectory: PLANS, signal: new AbortController().signal, progress: () => {} },
      };
      const checked = await checkedOptions(milvus, options);
      await milvus.prepare?.(checked, preparation);
      const { progress, context } = await runDriver(milvus, { target, options, passes: 40 });
      t.ok(progress.includes('using the collection kept, which is there already'));
      const { hits = 0, of = 0 } = context.ratios.get('find.recall') ?? {};
      t.ok(of === 200 && hits > 180, `${hits} of ${of} are found`);
      t.notOk(progress.some((line) => line.includes('dropped')));
      const narrow = { ...collection, fields: { ...fields, embedding: { type: 'floatVector', dim: 16 } } };
      await t.rejects(runDriver(milvus, { target, options: { ...options, collection: narrow } }), {
        message: /kept has other fields than the plan: it has .*dim 32.*, and the plan .*dim 16/,
      });
      await t.rejects(runDriver(milvus, { target, options: { ...options, collection: { name: 'kept', fields } } }), {
        message: /the collection kept exists already: name another, drop it, or/,
      });
      await milvus.cleanup?.(checked, preparation);
      await runDriver(milvus, { target, options: { ...options, collection: { name: 'kept', fields } } });
    }),
  ];

  // What a killed server does to the others is no part of them.
  await Promise.all(together);
  t.test('all rows that were acknowledged are there, also those of a server that was killed', async (t) => {
    const operations = {
      add: { insert: { rows: 20 } },
      change: { upsert: { rows: 3 } },
      remove: { delete: { ids: 1 } },
      read: { query: { filter: "id in [${ids:5}] and category == '${pick:category}'", output: ['category'] } },
    };
    const plan = planOf(target, { operations, timeout: '5s' }, Object.keys(operations), {
      duration: '12s',
      thinkTime: '50ms',
      gracefulStop: '10s',
    });
    const { folder, start } = workbench(t, { 'plan.yaml': plan });
    const bench = start(['run', 'plan.yaml', '--out', 'out']);
    await bench.said(/^running$/m);
    await bench.said(/^5s\/12s/m);
    await server.kill();
    await server.start();
    const ended = await bench.ended;
    const result = resultIn(`${folder}/out`);
    endedWith(t, ended, 0, result);
    const [{ reconciliation } = { reconciliation: undefined }] = result.reconciliations;
    t.match(reconciliation, { lost: 0, extra: 0, stable: true });
    t.ok((reconciliation?.acknowledged ?? 0) > 1000, `${reconciliation?.acknowledged} rows`);
    t.match(ended.stdout, /unavailable|connection_/, 'requests failed while it was away');
  });
});

/** The plan as it is shipped, with fewer rows of fewer dimensions. */
function small(target: string): string {
  const plan = parse(readFileSync(join(PLANS, 'milvus-small.yaml'), 'utf8'));
  const { options } = plan.drivers.milvus;
  options.data.rows = 3000;
  options.collection.fields.embedding.dim = 128;
  return stringify({
    ...plan,
    target,
    thresholds: ['fails == 0', 'vector_search.recall ratio >= 0.9'],
    reports: ['json', 'markdown', 'html', 'csv'],
  });
}
