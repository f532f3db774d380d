// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of plans
/** Each field of a plan with a value of each wrong kind: what is wrong is told with its place, in the words of plans. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { CommandError } from '../../../../core/cli/command-error.ts';
import { checkedPlan } from '../../../../core/cli/plans/checked-plan.ts';
import { textPlan } from '../../../../core/cli/plans/plan-file.ts';

t.setTimeout(600_000);

type Value = null | boolean | number | string | Value[] | { [key: string]: Value };
type Path = readonly (string | number)[];

const connection = {
  baseUrl: 'http://127.0.0.1:1',
  timeout: '5s',
  connectTimeout: '1s',
  connections: { pool: 3 },
  tls: { insecure: true, resumption: false, serverName: 'a.example' },
  dns: { select: 'first', policy: 'any', ttl: '5s' },
  localIPs: ['127.0.0.1'],
  proxy: 'http://127.0.0.1:3128',
};
const operation = { driver: 'http', operation: 'list', name: 'list', weight: 2, tags: { kind: 'read' } };

/**
 * Plans that have every field between them, and the options of every built-in plugin. To check one takes as long as it is
 * large, and each is checked with every one of its fields wrong.
 */
const PLANS: readonly Value[] = [
  {
    name: 'A',
    description: 'b',
    target: 'http://127.0.0.1:1',
    params: { users: { default: 1, description: 'c', type: 'number' } },
    warmup: '1s',
    seed: 1,
    samples: 'off',
    capacity: { need: '10/s', reserve: 2 },
    drivers: {
      http: { operationTimeout: '30s', options: { operations: { list: { path: '/' } } } },
      up: { use: 'http-upload', options: { path: '/u', devicePrefix: 'd', verify: { db: 'rows.sqlite' } } },
      health: { options: { path: '/h', contains: 'ok' } },
    },
    monitors: {
      target: { use: 'prometheus', options: { url: 'http://127.0.0.1:1/metrics', metrics: { a: 'rate(b)' } } },
      mysql: { options: { url: 'mysql://u@127.0.0.1:1/d', tls: { insecure: true } } },
    },
    scenarios: {
      constant: {
        executor: 'constant-vus',
        vus: 2,
        spawnRate: 1,
        duration: '10s',
        startTime: '1s',
        gracefulStop: '1s',
        thinkTime: { uniform: ['1ms', '2ms'] },
        operations: [operation, { driver: 'health' }],
      },
      ramping: {
        executor: 'ramping-vus',
        startVus: 1,
        stages: [{ duration: '1s', target: 5, spawnRate: 2 }],
        thinkTime: { exponential: '5ms' },
        operations: [{ driver: 'up' }],
      },
    },
    thresholds: ['error_rate < 1%', { criterion: 'p95 < 1s', abort: true, delay: '5s' }],
    reports: ['json', { use: 'csv', options: { prefix: 'a' } }, { use: 'html', options: { lang: 'en' } }],
  },
  {
    name: 'Loads',
    target: 'http://127.0.0.1:1',
    drivers: { http: { options: { operations: { list: { path: '/' } } } } },
    scenarios: {
      rate: {
        executor: 'constant-arrival-rate',
        rate: '5/s',
        duration: '1s',
        maxVus: 5,
        arrivals: 'poisson',
        operations: [operation],
      },
      rates: {
        executor: 'ramping-arrival-rate',
        startRate: 1,
        stages: [{ duration: '1s', target: 5 }],
        maxVus: 5,
        operations: [operation],
      },
      each: {
        executor: 'per-vu-iterations',
        vus: 1,
        iterations: 2,
        maxDuration: '1m',
        onFailure: 'continue',
        onStart: [{ driver: 'http', operation: 'list' }],
        onStop: [{ driver: 'http', operation: 'list' }],
        flow: [
          { driver: 'http', operation: 'list' },
          { pause: '1s' },
          { repeat: 2, flow: [{ driver: 'http', operation: 'list' }] },
          { choose: [{ weight: 1, flow: [{ driver: 'http', operation: 'list' }] }] },
        ],
      },
    },
  },
  {
    name: 'HTTP',
    drivers: {
      http: {
        options: {
          ...connection,
          headers: { 'X-A': 'b' },
          acceptEncoding: ['gzip'],
          cookies: true,
          redirects: 3,
          redirectOrigins: ['http://127.0.0.1:2'],
          data: { rows: { file: 'rows.csv', order: 'user', atEnd: 'loop' } },
          http2: false,
          operations: {
            list: {
              method: 'POST',
              path: '/${rows.name}',
              headers: { 'X-C': 'd' },
              body: { json: { a: [1, { b: 'c' }] } },
              redirects: 'none',
              checks: { status: '2xx', headers: { 'x-a': 'b' }, body: { contains: 'a', json: { 'a.b': 1 } } },
              extract: {
                a: { json: 'a[0].b', pick: 'first', default: 'x' },
                b: { header: 'x-a' },
                c: { cookie: 'sid' },
                d: { status: true },
                e: { regex: 'a(b)' },
              },
            },
            form: { method: 'POST', path: '/', body: { form: { a: 'b' } } },
            parts: { method: 'POST', path: '/', body: { multipart: { a: 'b', c: { file: 'rows.csv' } } } },
            text: { method: 'POST', path: '/', body: 'a', checks: { body: { matches: 'a+' } } },
          },
        },
      },
    },
    scenarios: { one: { executor: 'constant-vus', vus: 1, duration: '1s', operations: [operation] } },
  },
  {
    name: 'gRPC',
    target: 'http://127.0.0.1:1',
    drivers: {
      grpc: {
        options: {
          proto: ['plans/health.proto'],
          importPaths: ['plans'],
          maxAnswerBytes: 1000,
          metadata: { 'x-a': 'b' },
          operations: {
            check: {
              method: 'grpc.health.v1.Health/Check',
              message: { service: 'a' },
              metadata: { 'x-c': 'd' },
              timeout: '1s',
              checks: { status: ['OK'], metadata: { 'x-e': 'f' }, message: { json: { status: 'SERVING' } } },
              extract: { status: { json: 'status', pick: 'last', default: 'none' } },
            },
          },
        },
      },
    },
    scenarios: {
      one: { executor: 'constant-vus', vus: 1, duration: '1s', operations: [{ driver: 'grpc', operation: 'check' }] },
    },
  },
  {
    name: 'SQL',
    drivers: {
      db: {
        use: 'mysql-direct',
        options: {
          url: 'mysql://u@127.0.0.1:1/d?connectTimeout=1s',
          table: 't',
          rows: 0,
          connections: { pool: 4 },
          protocol: 'text',
          timeout: '5s',
          connectTimeout: '1s',
          tls: { insecure: true },
          selectRows: 10,
          data: { rows: { file: 'rows.csv', order: 'shared', atEnd: 'stop' } },
          operations: {
            one: { sql: 'select ?, ?, ?', parameters: [1, 'a', { value: '${vu}', type: 'integer' }] },
            two: { transaction: [{ sql: 'select ?', parameters: [true] }] },
          },
        },
      },
    },
    scenarios: {
      shared: {
        executor: 'shared-iterations',
        vus: 1,
        iterations: 2,
        operations: [
          { driver: 'db', operation: 'one' },
          { driver: 'db', operation: 'two' },
        ],
      },
    },
  },
  {
    name: 'B',
    scenarios: {
      max: {
        executor: 'find-max',
        of: 'vus',
        from: 1,
        to: 10,
        levelTime: '10s',
        precision: '5%',
        confirm: '10s',
        until: ['p95 < 1s'],
        thinkTime: { pacing: '1s' },
        operations: [{ driver: 'null' }],
      },
    },
  },
  {
    name: 'C',
    scenarios: {
      shaped: {
        executor: 'shape',
        of: 'vus',
        shape: './none.ts',
        maxVus: 5,
        maxDuration: '1m',
        thinkTime: '1s',
        operations: [{ driver: 'null' }],
      },
    },
  },
  {
    name: 'D',
    scenarios: {
      scripted: {
        executor: 'constant-vus',
        vus: 1,
        duration: '1s',
        user: './none.ts',
        data: { rows: { file: 'rows.csv', order: 'user', atEnd: 'loop' } },
      },
    },
  },
];

const PROTO = readFileSync(new URL('../../../../plans/health.proto', import.meta.url), 'utf8');
const WRONG: readonly Value[] = [true, 'x', { x: 1 }];

/** What zod says of itself, and what a value looks like that nobody has turned into words. */
const FOREIGN =
  /Invalid|\bexpected\b|\breceived\b|Unrecognized|Too (?:small|big)|\[object|NaN|\bundefined\b|TypeError|ZodError|is not a function|Cannot read|matches \/\^/;

function pathsIn(value: Value, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [...(path.length > 0 ? [path] : []), ...entries.flatMap(([key, inner]) => pathsIn(inner, [...path, key]))];
}

function changed(
  plan: Value,
  path: Path,
  change: (parent: Record<string | number, Value>, key: string | number) => void,
): Value {
  const copy = structuredClone(plan);
  let parent = copy as Record<string | number, Value>;
  for (const key of path.slice(0, -1)) parent = parent[key] as Record<string | number, Value>;
  change(parent, path.at(-1) as string | number);
  return copy;
}

/** @returns the lines of the message; undefined when the plan can be run */
async function messageOf(folder: string, plan: Value): Promise<readonly string[] | undefined> {
  try {
    await checkedPlan(textPlan('plan.yaml', `${folder}/plan.yaml`, JSON.stringify(plan, null, 1)), {}, {});
    return undefined;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return error.message.split('\n');
  }
}

/** Line and path stand before what is wrong. */
const PLACED = /^ {2}line \d+: (?:.*: |unknown key )/;
/** One fault is told once. */
const PLACE = /^ {2}line \d+: [^ ]+: /;

for (const [i, plan] of PLANS.entries()) {
  t.test(`plan ${i + 1}`, async (t) => {
    const folder = t.testdir({ 'rows.csv': 'name\nann\n', plans: { 'health.proto': PROTO } });
    if (!JSON.stringify(plan).includes('./none.ts')) {
      t.strictSame(await messageOf(folder, plan), undefined, 'the plan itself can be run');
    }
    const faults: string[] = [];
    let refused = 0;
    const look = async (what: string, wrong: Value) => {
      const lines = await messageOf(folder, wrong);
      if (lines === undefined) return;
      refused++;
      for (const line of lines.slice(1)) {
        if (FOREIGN.test(line) || !PLACED.test(line)) faults.push(`${what}: ${line}`);
      }
      const places = lines.flatMap((line) => PLACE.exec(line)?.[0] ?? []);
      if (new Set(places).size < places.length) faults.push(`${what}: ${lines.slice(1).join(' and ')}`);
      if (lines.length < 2) faults.push(`${what}: ${lines[0]}`);
    };
    for (const path of pathsIn(plan)) {
      for (const value of WRONG) {
        const wrong = changed(plan, path, (parent, key) => {
          parent[key] = value;
        });
        await look(`${path.join('.')} = ${JSON.stringify(value)}`, wrong);
      }
      if (typeof path.at(-1) === 'string') {
        await look(
          `without ${path.join('.')}`,
          changed(plan, path, (parent, key) => delete parent[key]),
        );
        await look(
          `${path.join('.')} misspelt`,
          changed(plan, path, (parent, key) => {
            parent[`${key}x`] = parent[key] as Value;
            delete parent[key];
          }),
        );
      }
    }
    t.ok(refused > 50, `${refused} plans were refused`);
    t.strictSame(faults.slice(0, 400), [], `${faults.length} messages`);
  });
}

t.test('what a body may have is listed whole', async (t) => {
  const folder = t.testdir({});
  const body = (given: Value): Value => ({
    name: 'A',
    target: 'http://127.0.0.1:1',
    drivers: { http: { options: { operations: { a: { method: 'POST', path: '/', body: given } } } } },
    scenarios: {
      a: { executor: 'constant-vus', vus: 1, duration: '1s', operations: [{ driver: 'http', operation: 'a' }] },
    },
  });
  const of = async (given: Value) => (await messageOf(folder, body(given)))?.slice(1).join('\n');
  t.match(await of({ file: 'a', zzz: 1 }), /body: unknown key "zzz"; known here: file, template$/);
  t.match(await of({ zzz: 1 }), /must have the key json, form, multipart or file/);
  const part = await of({ multipart: { a: { zzz: 1 } } });
  for (const kind of ['text', 'json', 'file']) t.match(part, new RegExp(`\\b${kind}\\b`), `${kind}: ${part}`);
});
