import t from 'tap';
import { parsePlan } from '../../../core/plan/parse.ts';
import { longPasses, shortPassUs } from '../../../core/plan/pass-pauses.ts';
import type { PlanInput } from '../../../core/plan/schema.ts';

type Flow = NonNullable<PlanInput['scenarios'][string]['flow']>;
type Scenario = PlanInput['scenarios'][string];

const list = { driver: 'http', operation: 'list' } as const;
const load = { executor: 'constant-vus', vus: 5, duration: '10m' } as const;

const planOf = (flow: Flow, more: object = load) =>
  parsePlan({ name: 'shop', scenarios: { shoppers: { ...more, flow } as Scenario } });
const told = (flow: Flow, more?: object) => longPasses(planOf(flow, more)).map(({ message }) => message);

t.test('passes that pause for longer than the graceful stop are told, with both times', async (t) => {
  t.strictSame(longPasses(planOf([list, { pause: '45s' }, list])), [
    {
      path: 'scenarios.shoppers',
      message:
        'the pauses of a pass can take 45s, and gracefulStop is 30s: passes under way at the end of the load are then cut off and count as failed; give the scenario a gracefulStop longer than a pass',
    },
  ]);
  t.strictSame(told([list, { pause: '30s' }]), [], 'as long');
  t.strictSame(told([list, { pause: '45s' }], { ...load, gracefulStop: '1m' }), []);
  t.matchOnly(told([list, { pause: '2s' }], { ...load, gracefulStop: '1s' }), [/can take 2s, and gracefulStop is 1s/]);
  t.strictSame(told([list], { ...load, thinkTime: '10m' }), [], 'think times come between passes');
});

t.test('it is the mean of the longest way that counts', async (t) => {
  const pause = (seconds: number) => ({ pause: `${seconds}s` });
  t.matchOnly(told([list, { pause: { uniform: ['20s', '60s'] } }]), [/can take 40s/]);
  t.matchOnly(told([list, { pause: { exponential: '40s' } }]), [/can take 40s/]);
  t.matchOnly(told([list, { repeat: 3, flow: [pause(8), list, pause(8)] }]), [/can take 48s/]);
  const branches = [
    { weight: 9, flow: [list] },
    { weight: 1, flow: [list, pause(50)] },
  ];
  t.matchOnly(told([{ choose: branches }]), [/can take 50s/], 'however seldom it is taken');
  t.matchOnly(
    told([list, { ...pause(70), if: { variable: 'id', exists: true } }]),
    [/can take 1m10s/],
    'under a condition',
  );
  const polled = { repeat: 100, until: { variable: 'state', equals: 'paid' }, flow: [list, pause(1)] };
  t.strictSame(told([polled]), [], 'what is polled for mostly comes soon');
  t.equal(shortPassUs(planOf([{ choose: branches }, polled]).scenarios.shoppers?.flow ?? []), 6e6);
});

t.test('a load that ends between passes cuts none off', async (t) => {
  t.strictSame(told([list, { pause: '45s' }], { executor: 'per-vu-iterations', vus: 5, iterations: 3 }), []);
});
