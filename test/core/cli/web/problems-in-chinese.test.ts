// biome-ignore-all lint/suspicious/noTemplateCurlyInString: plans and sentences about them have such references
/** What is wrong with a plan is told in Chinese, whatever it is; what the plan itself says stays as it is. */
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { stringify } from 'yaml';
import { ContentCache } from '../../../../core/bundle/content-cache.ts';
import { FolderPlanProvider } from '../../../../core/cli/web/plan-provider.ts';
import type { Overrides } from '../../../../core/web/api/bodies.ts';
import { judgedIn } from '../../../../core/web/api-error.ts';
import { changed } from '../../../kit/changed.ts';
import { untranslated } from '../../../kit/untranslated.ts';

type Plain = { [name: string]: unknown };

const OPERATION = { driver: 'shop', operation: 'order', weight: 3, tags: { kind: 'write' }, name: 'orders' };
const PLAN: Plain = {
  name: 'shop',
  description: 'what is tested',
  target: 'http://127.0.0.1:1',
  seed: 7,
  warmup: '5s',
  params: { users: { default: 5, description: 'how many' } },
  drivers: {
    shop: {
      use: 'http',
      operationTimeout: '5s',
      options: {
        headers: { accept: 'text/html' },
        operations: {
          order: { method: 'POST', path: '/order', body: { json: { id: '${vu}' } }, checks: { status: 201 } },
        },
      },
    },
  },
  scenarios: {
    devices: {
      executor: 'ramping-vus',
      startVus: 1,
      stages: [{ target: 5, duration: '10s', spawnRate: 2 }],
      thinkTime: { uniform: ['10ms', '20ms'] },
      gracefulStop: '5s',
      operations: [OPERATION],
    },
    arrivals: {
      executor: 'constant-arrival-rate',
      rate: '100/s',
      duration: '10s',
      maxVus: 50,
      startTime: '1s',
      flow: [
        { driver: 'shop', operation: 'order', if: { variable: 'token', exists: true } },
        { repeat: { times: 3 }, flow: [{ driver: 'shop', operation: 'order' }] },
        { choose: [{ weight: 1, flow: [{ driver: 'shop', operation: 'order' }] }] },
        { pause: '1s' },
      ],
    },
  },
  monitors: { page: { use: 'prometheus', options: { url: 'http://127.0.0.1:1/metrics' } } },
  outputs: { hook: { use: 'webhook', options: { url: 'http://127.0.0.1:1/' } } },
  thresholds: ['orders p95 < 200ms', { criterion: 'error_rate < 1%', severity: 'fail', abort: true, delay: '1s' }],
  reports: ['markdown', { use: 'json', options: {} }],
  capacity: { need: 1000, reserve: 1.5 },
  samples: 'on',
};

function provider(t: Test): FolderPlanProvider {
  const folder = t.testdir({ plans: {}, cache: {} });
  const cache = new ContentCache(join(folder, 'cache'));
  return new FolderPlanProvider({ folder: join(folder, 'plans'), cache, variablePrefix: 'BENCH_' });
}

async function told(provider: FolderPlanProvider, plan: unknown, overrides?: Overrides): Promise<string[]> {
  const text = typeof plan === 'string' ? plan : JSON.stringify(plan);
  const { outline, problems } = judgedIn(await provider.check({ text, overrides }), 'zh-CN');
  return [...problems.flatMap(({ message, hint }) => [message, hint]), ...(outline?.notices ?? [])].filter(
    (one) => one !== '',
  );
}

t.test('a plan with any wrong value', async (t) => {
  const one = provider(t);
  let problems = 0;
  const left = new Map<string, string>();
  for (const plan of changed(PLAN)) {
    for (const text of await told(one, plan)) {
      problems++;
      const words = untranslated(text);
      if (words.length > 0) left.set(words.join(' '), text);
    }
  }
  t.ok(problems > 1000, `${problems} problems`);
  t.strictSame(Object.fromEntries(left), {});
});

t.test('criteria', async (t) => {
  const one = provider(t);
  const wrong: readonly unknown[] = [
    ...[
      'p95',
      'p95 <',
      '< 5ms',
      'orders',
      'orders devices p95 < 5ms',
      'p95 < 5',
      'p95 = 5ms',
      'p95 ~ 5ms',
      'p95 < soon',
    ],
    ...[
      'error_rate < 5ms',
      'rps > 5ms',
      'fails == x',
      'orders lost == 0',
      'p95 < 5ms fo',
      'p95 < 5ms for',
      'p95 < 5ms for 1ms',
    ],
    ...[
      'p95 < 5ms for 10s x',
      'p96x < 5ms',
      'tag:kind p95 < 5ms',
      'tag: p95 < 5ms',
      'phase:all p95 < 5ms',
      '"orders p95 < 5ms',
    ],
    ...[
      'order p95 < 5ms',
      'scenario:x p95 < 5ms',
      'tag:kind=read p95 < 5ms',
      'scenario:arrivals orders p95 < 5ms',
      'lost < 1 for 10s',
    ],
    ...[
      'check paid p95 < 5ms',
      'check paid fails == 0',
      'ratio >= 95%',
      'x ratio >= 95%',
      'scenario:devices x.y ratio >= 95%',
    ],
    ...[
      'journey x p95 < 5ms',
      'x.y mean < 5',
      'page.x mean < 5ms',
      'scenario:devices page.x mean < 5',
      'orders p95 < 5000',
      'max_rps > 5',
    ],
    ...[
      'p95 < baseline + x',
      'p95 < baseline - 200%',
      'fails < baseline + 10%',
      'devices p95 < 5ms',
      'x.y p95 < 5ms',
      'x.y rps > 5',
    ],
    ...['scenario:devices scenario:devices p95 < 5ms', 'service_time service_time p95 < 5ms', 'error_rate < 1'],
    { criterion: 'fails > 5', abort: true },
    { criterion: 'lost == 0', abort: true },
    { criterion: 'p95 < 5ms', abort: true, severity: 'warn' },
    { criterion: 'p95 < 5ms', delay: '5s' },
  ];
  for (const criterion of wrong) {
    const texts = await told(one, { ...PLAN, thresholds: [criterion] });
    t.ok(texts.length > 0, `something is told of ${JSON.stringify(criterion)}`);
    t.notMatch(texts.join('\n'), /column \d/);
    for (const text of texts) t.strictSame(untranslated(text), [], text);
  }
  const search = { executor: 'find-max', from: 10, to: 100, operations: [OPERATION] };
  for (const more of [
    {},
    { until: ['fails == 0'] },
    { until: ['p95 < baseline'] },
    { until: ['p95 < 5ms for 10s'] },
    { until: ['phase:warmup p95 < 5ms'] },
    { until: ['x.y ratio > 5%'] },
    { until: ['p95 < 5ms'], startTime: '1s' },
    { until: ['p95 < 5ms'], of: 'vus', from: 0.5, to: 0.2 },
    { until: ['p95 < 5ms'], of: 'vus', to: 1e7 },
  ]) {
    const texts = await told(one, { ...PLAN, thresholds: [], scenarios: { devices: { ...search, ...more } } });
    t.ok(texts.length > 0, JSON.stringify(more));
    for (const text of texts) t.strictSame(untranslated(text), [], text);
  }
});

t.test('what does not go together, what may not be named, and what replaces parts of a plan', async (t) => {
  const one = provider(t);
  const devices = { executor: 'constant-vus', vus: 5, duration: '10s', operations: [OPERATION] };
  const only = (more: object) => ({ ...PLAN, thresholds: [], scenarios: { devices: { ...devices, ...more } } });
  const plans: readonly unknown[] = [
    only({ operations: [] }),
    only({ flow: [{ pause: '1s' }] }),
    only({ operations: [], flow: [{ pause: '1s' }] }),
    only({ data: { users: { file: 'users.csv' } }, onFailure: 'continue' }),
    only({ operations: [OPERATION, OPERATION] }),
    only({ operations: [{ driver: 'shop', operation: 'x' }] }),
    only({ operations: [{ driver: 'nothing-such' }] }),
    only({ operations: [{ driver: './driver.ts' }] }),
    only({ operations: [], user: '../user.ts' }),
    only({ operations: [], user: './.user.ts' }),
    only({ executor: 'ramping-vus', vus: undefined, duration: undefined, stages: [{ target: 0, duration: '0s' }] }),
    only({ executor: 'ramping-vus', vus: undefined, duration: undefined, stages: [{ target: 0, duration: '5s' }] }),
    only({ executor: 'ramping-vus', vus: undefined, duration: undefined, stages: [{ target: 5, duration: '5s' }] }),
    { ...PLAN, target: 'http://user:secret@127.0.0.1:1/?a#b' },
    { ...PLAN, target: 'ftp://127.0.0.1' },
    { ...PLAN, target: 'http://${env:TARGET}' },
    { ...PLAN, target: 'http://${env:1x}' },
    { ...PLAN, target: undefined },
    { ...PLAN, description: '${param.users} ${param.user} ${param.x' },
    { ...PLAN, params: { 'a-b': { default: 1 }, a_b: {}, c: {} } },
    { ...PLAN, params: { users: { default: '${param.x}' } } },
    'name: a\nname: b\nseed: 0123\nwarmup: 12345678901234567890\nx: *y\n',
    `${stringify(PLAN)}x: &x\n  y: *x\n`,
    `a: ${'['.repeat(5000)}`,
  ];
  for (const plan of plans) {
    const texts = await told(one, plan);
    t.ok(texts.length > 0, `something is told of ${JSON.stringify(plan).slice(0, 300)}`);
    for (const text of texts) t.strictSame(untranslated(text), [], text);
  }
  const overridden: readonly (readonly [unknown, Overrides])[] = [
    [PLAN, { vus: 5 }],
    [PLAN, { params: { x: '1', user: '2' } }],
    [PLAN, { params: { users: 'many' } }],
    [only({}), { vus: 7, runTime: '20s' }],
    [only({}), { vus: 7, runTime: 'soon' }],
    [only({}), { host: 'nowhere' }],
    [only({ executor: 'constant-arrival-rate', vus: undefined, rate: 5, maxVus: 5 }), { vus: 5 }],
    [only({ executor: 'constant-arrival-rate', vus: undefined, rate: 5, maxVus: 5 }), { spawnRate: 5 }],
    [only({ executor: 'constant-arrival-rate', vus: undefined, rate: 5, maxVus: 5 }), { runTime: '7s' }],
    [only({ executor: 'shared-iterations', iterations: 5, duration: undefined }), { runTime: '7s' }],
    [only({ executor: 'find-max', vus: undefined, duration: undefined, until: ['p95 < 5ms'] }), { vus: 7 }],
  ];
  for (const [plan, overrides] of overridden) {
    const texts = await told(one, plan, overrides);
    t.ok(texts.length > 0, JSON.stringify(overrides));
    for (const text of texts) t.strictSame(untranslated(text), [], text);
  }
});
