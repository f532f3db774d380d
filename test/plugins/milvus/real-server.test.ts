// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of plans
/** The driver on a real Milvus 2.3.5, which all tests here share: with TLS, and with logins. milvus-lite is reached without. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import t from 'tap';
import { stringify } from 'yaml';
import { messageFrame } from '../../../plugins/grpc/message-frame.ts';
import { withMilvus } from '../../../plugins/milvus/milvus-client.ts';
import milvus from '../../../plugins/milvus.ts';
import { checkedOptions } from '../../../testing/checked-options.ts';
import { runDriver } from '../../../testing/run-driver.ts';
import { workbench } from '../../e2e/bench-process.ts';
import { endedWith, resultIn } from '../../e2e/busy-host.ts';
import { milvusLacks, type PrivateMilvus, privateMilvus } from '../../kit/programs/milvus.ts';
import { chartsAgree, csvAgrees, kneeAndCapacity, tablesAgree } from './documented-outputs.ts';
import { smallPlan } from './small-plan.ts';

t.setTimeout(400_000);

const CERTIFICATES = join(import.meta.dirname, '../http/tls');
const CA = readFileSync(join(CERTIFICATES, 'ca.pem'), 'utf8');
const LOGIN = { token: 'root:Milvus', tls: { ca: 'ca.pem', serverName: 'localhost' } };
const SECURE = {
  authorization_enabled: 'true',
  tls_mode: '1',
  server_pem_path: join(CERTIFICATES, 'server.pem'),
  server_key_path: join(CERTIFICATES, 'server.key'),
};
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
    drivers: { milvus: { options: { ...LOGIN, collection: { fields }, data: { rows: 1000 }, ...options } } },
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
  const server: PrivateMilvus = await privateMilvus(t, { config: SECURE });
  const target = `https://${server.address}`;
  const drive = (options: object, passes = 1) =>
    runDriver(milvus, { target, passes, baseDirectory: CERTIFICATES, options: { ...LOGIN, ...options } });

  t.jobs = 3;
  const together = [
    t.test('the small plan: searches of all three kinds, what they find, and all that is put out of it', async (t) => {
      const users = [2, 16, 128];
      // Without pauses, so that few users reach the limit of the server.
      const stages = users.map((target) => ({ target, duration: '6s', spawnRate: 1000 }));
      const load = { executor: 'ramping-vus', stages, vus: undefined, duration: undefined, thinkTime: undefined };
      const thresholds = ['rps > 1', 'p95 < 60s', 'availability > 99.9%', 'vector_search.recall ratio >= 0.9'];
      const { folder, run } = workbench(t, {
        'ca.pem': CA,
        'milvus-small.yaml': smallPlan(target, { rows: 3000, dim: 128 }, LOGIN, load, {
          thresholds,
          capacity: { need: '10000/s', reserve: 2 },
        }),
      });
      const ended = await run(['run', 'milvus-small.yaml', '--out', 'out']);
      const result = resultIn(`${folder}/out`);
      endedWith(t, ended, 0, result);
      t.match(ended.stdout, /its rows are latent vectors of length 1 with the seed 7/);
      t.match(ended.stdout, /3000 rows: inserted in [\d.]+ s, flushed and indexed in [\d.]+ s/);
      t.match(ended.stdout, /the collection bench_\w+ is dropped/);
      t.match((result.ratios ?? []).map(({ name }) => name).sort(), [
        'batch_search.recall',
        'hybrid_search.recall',
        'vector_search.recall',
      ]);
      for (const { name, phases } of result.ratios ?? []) {
        t.ok(phases.measure.of >= 10, `${name}: ${phases.measure.of} attempts`);
        t.ok(phases.measure.hits / phases.measure.of > 0.8, `${name}: ${phases.measure.hits} hits`);
      }
      const text = (name: string) => readFileSync(`${folder}/${name}`, 'utf8');
      csvAgrees(t, `${folder}/out`, result);
      tablesAgree(t, text('out/report.md'), result, users);
      const texts = [ended.stdout, text('out/report.md'), text('out/report.html')];
      const flat = texts.map((one) => one.replaceAll(/\s+/g, ' '));
      kneeAndCapacity(t, flat, result);
      await chartsAgree(t, `${folder}/out/report.html`, result);
      const analysed = await run(['report', result.runId, '--report', 'html', '--report', 'csv', '--out', 'again']);
      t.equal(analysed.code, 0, analysed.stderr);
      for (const name of ['report.html', 'bench_stats.csv', 'bench_stats_history.csv']) {
        t.ok(text(`again/${name}`) === text(`out/${name}`), `${name} as it was put out by the run`);
      }
    }),

    t.test('bad input is told before the load', async (t) => {
      const refused = (name: string, options: object, problem: RegExp) => {
        const collection = { name, fields, ...('index' in options && { index: options.index }) };
        const { index: _, ...rest } = { index: undefined, operations: { find: { search: {} } }, ...options };
        return t.rejects(drive({ collection, data: { rows: 100 }, ...rest }), { name: /Error$/, message: problem });
      };
      const filter = { operations: { find: { search: { filter: 'category = A' } } } };
      await Promise.all([
        refused('filter', filter, /operations\.find: Milvus refuses it with the filter category = A: .*cannot parse/),
        refused('index', { index: { type: 'NO_SUCH' } }, /Milvus, CreateIndex: .*invalid/i),
        refused('database', { database: 'nowhere' }, /database:nowhere not found/),
        refused('login', { token: undefined }, /missing authorization in header \(unauthenticated\)/),
        refused('password', { token: 'root:wrong' }, /check username and password are correct \(unauthenticated\)/),
        refused('authority', { tls: { serverName: 'localhost' } }, /not signed by a trusted authority/),
      ]);
    }),

    t.test('a user without rights is told so before the load', async (t) => {
      const checked = await checkedOptions(milvus, {
        ...LOGIN,
        collection: { fields },
        operations: { find: { search: {} } },
      });
      await withMilvus(checked, preparation(target), (client) =>
        client.send('CreateCredential', messageFrame(credential('reader', 'Secret1')), 1000),
      );
      const reader = { token: 'reader:Secret1', collection: { fields }, operations: { find: { search: {} } } };
      await t.rejects(drive(reader), {
        message: /CreateCollection: .*permission deny to reader \(permission_denied\)/,
      });
    }),

    t.test('partitions: rows are found where they belong, and all are counted', async (t) => {
      const collection = { fields, partitions: ['a', 'b'], index: { type: 'FLAT' } };
      const search = (partitions: string[]) => ({ search: { limit: 5, partitions } });
      const { context } = await drive(
        {
          collection,
          ...{ data: { rows: 501 }, queries: { count: 20 }, groundTruth: { queries: 20, k: 5 } },
          operations: { all: search([]), first: search(['a']), second: search(['b']), both: search(['a', 'b']) },
        },
        10,
      );
      for (const name of ['all', 'first', 'second']) {
        t.strictSame(context.ratios.get(`${name}.recall`), { hits: 50, of: 50 }, name);
      }
      t.match(context.ratios.get('both.recall'), { voidReason: /and both searches a, b$/ });
      const { outcomes, reconciliation } = await drive(
        {
          collection,
          data: { rows: 500 },
          operations: {
            add: { insert: { rows: 20, partition: 'b' } },
            plain: { insert: { rows: 3 } },
            change: { upsert: { rows: 3, partition: 'b' } },
            remove: { delete: { ids: 2 } },
            read: { query: { filter: 'id in [${ids:5}]', partitions: ['a', '_default'] } },
          },
        },
        4,
      );
      t.strictSame(
        [...outcomes.values()].flat().filter(({ ok }) => !ok),
        [],
      );
      t.match(reconciliation, { acknowledged: 500 - 8 + 4 * 23, stored: 584, lost: 0, extra: 0, stable: true });
      const missing = { name: 'narrow', reuse: true, fields };
      const options = { collection: missing, data: { rows: 100 }, operations: { find: { search: {} } } };
      const checked = await checkedOptions(milvus, { ...LOGIN, ...options });
      await milvus.prepare?.(checked, preparation(target));
      await t.rejects(
        drive({ ...options, collection: { ...missing, partitions: ['c'] }, operations: { find: search(['c']) } }),
        { message: /operations\.find: Milvus refuses it: .*partition.*c.* \(\w+\)$/ },
      );
      await milvus.cleanup?.(checked, preparation(target));
    }),

    t.test('a collection that is kept', async (t) => {
      const collection = { name: 'kept', reuse: true, fields };
      const options = {
        collection,
        data: { rows: 1000 },
        operations: { find: { search: { limit: 5 } } },
        ...{ groundTruth: { queries: 20, k: 5 }, queries: { count: 20 } },
      };
      const checked = await checkedOptions(milvus, { ...LOGIN, ...options });
      await milvus.prepare?.(checked, preparation(target));
      const { progress, context } = await drive(options, 40);
      t.ok(progress.includes('using the collection kept, which is there already'));
      const { hits = 0, of = 0 } = context.ratios.get('find.recall') ?? {};
      t.ok(of === 200 && hits > 180, `${hits} of ${of} are found`);
      t.notOk(progress.some((line) => line.includes('dropped')));
      const narrow = { ...collection, fields: { ...fields, embedding: { type: 'floatVector', dim: 16 } } };
      await t.rejects(drive({ ...options, collection: narrow }), {
        message: /kept has other fields than the plan: it has .*dim 32.*, and the plan .*dim 16/,
      });
      await t.rejects(drive({ ...options, collection: { name: 'kept', fields } }), {
        message: /the collection kept exists already: name another, drop it, or/,
      });
      await milvus.cleanup?.(checked, preparation(target));
      await drive({ ...options, collection: { name: 'kept', fields } });
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
    const { folder, start } = workbench(t, { 'ca.pem': CA, 'plan.yaml': plan });
    const bench = start(['run', 'plan.yaml', '--out', 'out']);
    await bench.said(/^running$/m);
    await bench.said(/^[5-9]s\/12s/m);
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

function preparation(target: string) {
  const { signal } = new AbortController();
  return { runId: 'kept1', target, baseDirectory: CERTIFICATES, signal, progress: () => {} };
}

/** CreateCredentialRequest: https://github.com/milvus-io/milvus-proto/blob/v2.3.5/proto/milvus.proto */
function credential(user: string, password: string): Uint8Array {
  const encoded = Buffer.from(password).toString('base64');
  return new BinaryWriter()
    .tag(2, WireType.LengthDelimited)
    .string(user)
    .tag(3, WireType.LengthDelimited)
    .string(encoded)
    .finish();
}
