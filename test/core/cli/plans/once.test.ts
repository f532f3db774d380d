// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of the driver's own templates
import t from 'tap';
import { ONCE_NOTICE, oncePlan } from '../../../../core/cli/plans/once.ts';
import { parsePlan } from '../../../../core/plan/parse.ts';
import { resolvePlan } from '../../../../core/plan/resolve.ts';
import type { PlanInput } from '../../../../core/plan/schema.ts';
import { defineUser } from '../../../../core/script/define-user.ts';
import { loadDriver } from '../../../../plugins/loader/load.ts';
import { matchEach } from '../../../kit/match-each.ts';

async function once(plan: PlanInput): Promise<PlanInput> {
  const resolve = (plan: PlanInput) =>
    resolvePlan(
      parsePlan(plan),
      (reference) => loadDriver(reference, '.'),
      async () => SHOPPER,
    );
  const made = oncePlan(plan, await resolve(plan));
  // What is made of a plan is a plan, and nothing in it is out of order.
  await resolve(made);
  return made;
}

const SHOPPER = defineUser({ iterate: ({ check }) => void check('paid', true) });

const DRIVERS: PlanInput['drivers'] = {
  http: {
    options: {
      operations: {
        order: { path: '/order/${item}' },
        list: { path: '/list', headers: { Authorization: '${token}' }, extract: { item: { json: 'id' } } },
        'sign-in': { path: '/session', extract: { token: { json: 'token' } } },
        rare: { path: '/rare' },
      },
    },
  },
};
const step = (operation: string, more: object = {}) => ({ driver: 'http', operation, ...more });

t.test(
  'operations that are drawn by weight become steps: those that set variables first, those never drawn not at all',
  async (t) => {
    const plan: PlanInput = {
      name: 'p',
      target: 'http://127.0.0.1:1',
      warmup: '5s',
      drivers: DRIVERS,
      monitors: { m: { use: 'prometheus', options: {} } },
      thresholds: ['p95 < 1ms', 'rps > 100'],
      reports: ['html'],
      scenarios: {
        shop: {
          executor: 'constant-arrival-rate',
          rate: 100,
          duration: '5m',
          maxVus: 50,
          gracefulStop: '3s',
          operations: [
            step('order', { weight: 3 }),
            step('rare', { weight: 0 }),
            step('list', { name: 'all' }),
            step('sign-in'),
          ],
        },
      },
    };
    t.strictSame(await once(plan), {
      name: 'p',
      target: 'http://127.0.0.1:1',
      drivers: DRIVERS,
      scenarios: {
        shop: {
          executor: 'per-vu-iterations',
          vus: 1,
          iterations: 1,
          gracefulStop: '3s',
          flow: [step('sign-in'), step('list', { name: 'all' }), step('order')],
          onFailure: 'continue',
        },
      },
      thresholds: ['error_rate == 0', { criterion: 'journey shop error_rate == 0', abort: true }],
      reports: [],
    });
  },
);

t.test('a flow stays as it is, with its steps at the start and at the end', async (t) => {
  const work = {
    onStart: [step('sign-in')],
    flow: [step('list'), { pause: '1s' }, step('order')],
    onStop: [step('rare')],
  };
  const scenario: PlanInput['scenarios'][string] = {
    executor: 'constant-vus',
    vus: 20,
    duration: '1m',
    thinkTime: '1s',
    startTime: '9s',
    ...work,
  };
  const plan = await once({
    name: 'p',
    target: 'http://127.0.0.1:1',
    drivers: DRIVERS,
    scenarios: { 'my shop': scenario },
  });
  t.strictSame(plan.scenarios['my shop'], { executor: 'per-vu-iterations', vus: 1, iterations: 1, ...work });
  matchEach(t, plan.thresholds, ['error_rate == 0', { criterion: 'journey "my shop" error_rate == 0' }]);
});

t.test(
  'criteria about failed checks stay, with all that they say; how often is checked is a matter of the load',
  async (t) => {
    const kept = [
      'check "signed in" fails == 0',
      { criterion: 'scenario:shop check paid error_rate < 1%', severity: 'warn' as const },
    ];
    const plan = await once({
      name: 'p',
      target: 'http://127.0.0.1:1',
      drivers: DRIVERS,
      thresholds: ['p95 < 1ms', ...kept, 'check paid requests > 1000'],
      scenarios: { shop: { executor: 'constant-vus', vus: 20, duration: '1m', user: './shopper.ts' } },
    });
    t.strictSame(plan.thresholds, [
      'error_rate == 0',
      { criterion: 'journey shop error_rate == 0', abort: true },
      ...kept,
    ]);
  },
);

t.test('it says what does not apply', async (t) => {
  t.match(
    ONCE_NOTICE,
    /load, warm-up, monitors, outputs and reports .* nor do its thresholds, except those about failed checks/,
  );
});
