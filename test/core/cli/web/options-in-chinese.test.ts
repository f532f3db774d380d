// biome-ignore-all lint/suspicious/noTemplateCurlyInString: plans have such references
/** What is wrong with a plan's text and with the options of every built-in plugin is told in Chinese. */
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { parseDocument } from 'yaml';
import { ContentCache } from '../../../../core/bundle/content-cache.ts';
import { FolderPlanProvider } from '../../../../core/cli/web/plan-provider.ts';
import { judgedIn } from '../../../../core/web/api-error.ts';
import { builtinDrivers, builtinMonitors, builtinOutputs } from '../../../../plugins/builtin.ts';
import { changed } from '../../../kit/changed.ts';
import { untranslated } from '../../../kit/untranslated.ts';

type Plain = { [name: string]: unknown };

async function problemsOf(t: Test) {
  const folder = t.testdir({ plans: { 'health.proto': PROTO, 'broken.proto': 'message {' }, cache: {} });
  const cache = new ContentCache(join(folder, 'cache'));
  const plans = new FolderPlanProvider({ folder: join(folder, 'plans'), cache, variablePrefix: 'BENCH_' });
  return async (plan: unknown) => {
    const text = typeof plan === 'string' ? plan : JSON.stringify(plan);
    const { problems } = judgedIn(await plans.check({ text }), 'zh-CN');
    return problems.flatMap(({ message, hint }) => [message, hint]).filter((one) => one !== '');
  };
}

const PROTO =
  'syntax = "proto3"; package a; message M { string s = 1; int32 n = 2; } service S { rpc C (M) returns (M); }';

const TLS = { ca: 'ca.pem', cert: 'cert.pem', key: 'key.pem', serverName: 'shop', insecure: true };
const MYSQL = 'mysql://user:${env:BENCH_PASSWORD}@127.0.0.1:3306/shop?ssl-mode=REQUIRED';
const HTTP = {
  timeout: '5s',
  tls: TLS,
  localIPs: ['127.0.0.1'],
  proxy: 'http://proxy.example:3128',
  dns: { select: 'first', policy: 'any', ttl: '5s' },
  connections: 'per-user',
};
const DRIVERS: { readonly [use: string]: Plain } = {
  http: {
    ...HTTP,
    baseUrl: '/api',
    headers: { accept: 'text/html' },
    redirectOrigins: ['https://id.example.test'],
    acceptEncoding: ['gzip'],
    data: { users: { file: 'users.csv' } },
    operations: {
      order: {
        ...{ method: 'POST', path: '/order', headers: { 'x-shop': '7' }, timeout: '5s', redirects: 'none' },
        body: { multipart: { one: 'text', other: { file: 'a.png', contentType: 'image/png' } } },
        checks: {
          status: [200],
          headers: { 'content-type': 'json' },
          body: { contains: 'x', matches: 'x', json: { a: 1 } },
        },
        extract: { token: { json: 'data.token' }, cookie: { cookie: 'a', regex: 'x' } },
      },
    },
  },
  'http-upload': { ...HTTP, path: '/api', devicePrefix: 'device-', verify: { db: MYSQL, tls: TLS } },
  health: { ...HTTP, path: '/health' },
  'mysql-direct': {
    ...{ url: MYSQL, table: 'rows', rows: 10, connections: { pool: 5 }, protocol: 'text', timeout: '5s' },
    ...{ connectTimeout: '5s', tls: TLS, selectRows: 5, data: { users: { file: 'users.csv' } } },
    operations: {
      one: { sql: 'SELECT * FROM ${table} WHERE a = ?', parameters: ['${vu}'] },
      both: {
        transaction: [{ sql: 'DELETE FROM a WHERE b = ?', parameters: [{ template: '${vu}', type: 'integer' }] }],
      },
    },
  },
  grpc: {
    ...{ proto: 'health.proto', importPaths: ['.'], timeout: '5s', tls: TLS, metadata: { authorization: 'x' } },
    operations: {
      call: {
        method: 'a.S/C',
        message: { s: 'x', n: 5 },
        metadata: { a: 'b' },
        checks: { status: 'OK', message: { json: { s: 'x' } } },
      },
    },
  },
  milvus: {
    address: 'http://127.0.0.1:19530',
    token: '${env:BENCH_TOKEN}',
    collection: {
      ...{ name: 'rows', partitions: ['a', 'b'], index: { type: 'HNSW', metric: 'L2', params: { M: 16 } } },
      fields: {
        id: { type: 'int64', primary: true },
        embedding: { type: 'floatVector', dim: 8 },
        category: { type: 'varchar', maxLength: 10, values: ['A', 'B'] },
      },
    },
    data: { rows: 100, batch: 10, generate: { kind: 'latent' } },
    groundTruth: { queries: 10, k: 5 },
    operations: {
      find: { search: { limit: 5, params: { ef: 64 }, filter: "category == '${pick:category}'", partitions: ['a'] } },
      add: { insert: { rows: 5, partition: 'a' } },
      change: { upsert: { rows: 5, partition: 'a' } },
      read: { query: { filter: 'id in [${ids:5}]' } },
    },
  },
  null: {},
};
const MONITORS: { readonly [use: string]: Plain } = {
  prometheus: { url: 'http://127.0.0.1:1/metrics', metrics: { cpu: 'rate(cpu_seconds{mode="user"})' } },
  mysql: { url: MYSQL, tls: TLS },
};
const OUTPUTS: { readonly [use: string]: Plain } = {
  webhook: { url: 'http://127.0.0.1:1/', secret: '${env:BENCH_SECRET}', events: ['ended'], headers: { a: 'b' } },
  postgres: { url: 'postgres://user:${env:BENCH_PASSWORD}@127.0.0.1/shop' },
  otlp: {
    ...{ url: 'http://127.0.0.1:4318', protocol: 'grpc', headers: { authorization: 'Bearer ${env:BENCH_TOKEN}' } },
    ...{ histograms: 'explicit', temporality: 'delta' },
  },
  'prometheus-rw': { url: 'http://127.0.0.1:1/write', headers: { a: '${env:BENCH_TOKEN}' }, histograms: 'native' },
};

function planWith(kind: 'drivers' | 'monitors' | 'outputs', use: string, options: unknown): Plain {
  const driver = kind === 'drivers' ? 'one' : 'null';
  const operations = [{ driver, operation: kind === 'drivers' && use !== 'null' ? 'order' : 'noop' }];
  return {
    name: 'shop',
    target: 'http://127.0.0.1:1',
    scenarios: { devices: { executor: 'constant-vus', vus: 1, duration: '5s', operations } },
    [kind]: { one: { use, options } },
  };
}

t.test('options of every built-in plugin, with any wrong value', async (t) => {
  const problems = await problemsOf(t);
  const all = Object.entries({ drivers: DRIVERS, monitors: MONITORS, outputs: OUTPUTS });
  for (const [kind, plugins] of all) {
    for (const [use, options] of Object.entries(plugins)) {
      const left = new Map<string, string>();
      let told = 0;
      for (const odd of changed(options)) {
        for (const text of await problems(planWith(kind as 'drivers', use, odd))) {
          told++;
          const words = untranslated(text.replaceAll(/only-ipv\d/g, ''));
          if (words.length > 0) left.set(words.join(' '), text);
        }
      }
      t.ok(told > 5, `${use}: ${told} problems`);
      t.strictSame(Object.fromEntries(left), {}, use);
    }
  }
});

t.test('no built-in plugin is left out', async (t) => {
  for (const [named, plugins] of [
    [DRIVERS, builtinDrivers],
    [MONITORS, builtinMonitors],
    [OUTPUTS, builtinOutputs],
  ] as const)
    t.strictSame(Object.keys(named).sort(), Object.keys(plugins).sort());
});

/** A text for each thing that the package yaml can find, and what is told of it. */
const NO_YAML: readonly string[] = [
  'a: [1, 2',
  'a: {b: 1',
  '[1, 2',
  '{a: 1',
  'a: 1\n b: 2',
  'a: b: c',
  'a\nb: 1',
  'a:\n- b\n  c: 1\n c: 2',
  'a:\n  b: 1\n c: 2',
  'a:\n  - 1\n - 2',
  '\ta: 1',
  'a:\n\t- 1',
  'a: "b',
  "a: 'b",
  'a: @b',
  'a: `b`',
  'a: %b',
  'a: ,b',
  'a: |x\n  b',
  'a: |\nb\nc',
  'a: |\n   \n b',
  'a: "\\q"',
  'a: "\\xZZ"',
  'a: *b',
  'a: *',
  'a: &',
  'a: &b &c 1',
  'a: !b !c 1',
  'a: !b 1',
  'a: !!int x',
  'a: !<b 1',
  'a: &b *c',
  'a: "b"c',
  'a: "b"#c',
  'a: [1,, 2]',
  'a: [,]',
  'a: [1 2, "b" "c"]',
  'a: {b c: 1 d: 2}',
  'a: {"b":"c""d"}',
  'a: [\n- 1\n]',
  'a: {\nb:\n  c: 1\n}',
  '- - a\n - b',
  '- a\nb',
  'a: 1\n---\nb: 2',
  '--- a: 1',
  '%YAML 3.0\n---\na: 1',
  '%YAML\n---\na: 1',
  '%TAG !\n---\na: 1',
  '%OTHER\n---\na: 1',
  '%YAML 1.2\na: 1',
  '...\na: 1\n...\n...',
  '? a\n? b: c: d',
  'a: - b',
  `${'a'.repeat(1100)}: 1`,
  `[${'a'.repeat(1100)}: 1]`,
  '[a\nb: 1]',
  '"a\nb": 1',
  '"a" "b": 1',
  'a: &b\n- 1',
  'a: &b - 1',
  `a: &a [x]\nb: [${'*a, '.repeat(400)}]\nc: ${'&c '.repeat(0)}[x]`,
];

t.test('a text that is no YAML', async (t) => {
  const problems = await problemsOf(t);
  const found = new Set<string>();
  for (const text of NO_YAML) {
    const { errors, warnings } = parseDocument(text, { prettyErrors: false });
    for (const { code } of [...errors, ...warnings]) found.add(code);
    const texts = await problems(text);
    t.ok(texts.length > 0, `something is told of ${JSON.stringify(text.slice(0, 60))}`);
    for (const one of texts) {
      t.strictSame(untranslated(one), [], `${JSON.stringify(text.slice(0, 60))}: ${one}`);
      t.match(one, /\p{Script=Han}/u);
    }
  }
  t.ok(found.size >= 15, `${[...found].join(', ')}`);
});
