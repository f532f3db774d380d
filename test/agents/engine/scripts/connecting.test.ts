/** Virtual users that join a running load and cannot connect: they try again, and are seen to. */
import t from 'tap';
import { defineUser } from '../../../../core/script/define-user.ts';
import { FakeClock } from '../../../../testing/fake-clock.ts';
import { journeyOf, rowOf, runScript, SECOND_US } from './run-script.ts';

const START_FAILED = 'start_failed';

/** The first user connects before the load; the second one joins and is refused for this long since its begin. */
function refused(forUs: number) {
  const clock = new FakeClock();
  const untilUs = clock.nowUs() + forUs;
  const tries: number[] = [];
  return {
    tries,
    clock,
    connects: (user: number, atUs: number) => {
      if (user === 0) return;
      tries.push(atUs);
      if (atUs < untilUs) throw new Error('the door is shut');
    },
  };
}

const starts: number[] = [];
const definition = defineUser({
  onStart: ({ index }) => void starts.push(index),
  iterate: async ({ driver }) => void (await driver('shop').send('order')),
});

t.test('in a closed load it is tried again after 1 s, 2 s, …, and then does its work', async (t) => {
  const stages = [
    { target: 1, duration: '1s' },
    { target: 2, duration: '9s', spawnRate: 100 },
  ];
  const scenario = { executor: 'ramping-vus', startVus: 1, stages };
  const { tries, ...rest } = refused(3 * SECOND_US);
  starts.length = 0;
  const run = await runScript(definition, scenario, { seconds: 11, ...rest });
  const [first = 0] = tries;
  t.strictSame(
    tries.map((atUs) => Math.round((atUs - first) / 1e5) / 10),
    [0, 1, 3],
    'with growing intervals',
  );
  t.strictSame(starts, [0, 1]);
  const { kinds, examples } = journeyOf(run);
  t.strictSame(kinds, { [START_FAILED]: 2 });
  t.strictSame(new Set(examples), new Set(['the virtual user could not connect: the door is shut']));
  const ofLate = run.calls.filter(({ user }) => user === 1);
  t.ok((ofLate[0]?.atUs ?? 0) - run.startUs >= 3 * SECOND_US);
  t.ok(ofLate.length > 500, 'it goes on to the end');
  t.equal(rowOf(run, 'order').errors, 0, 'nothing was sent that could fail');
});

t.test('in an open load the arrivals that it would have served have failed', async (t) => {
  const scenario = { executor: 'constant-arrival-rate', rate: 10, duration: '8s', maxVus: 2 };
  const { tries, ...rest } = refused(2.5 * SECOND_US);
  starts.length = 0;
  const run = await runScript(definition, scenario, {
    seconds: 9,
    ...rest,
    share: { of: 2, slots: [0] },
    begun: (engine) => void engine.change({ kind: 'share', atUs: SECOND_US, share: { of: 1, slots: [0] } }),
  });
  t.equal(tries.length, 3);
  t.strictSame(starts.toSorted(), [0, 1]);
  const { count, errors, kinds } = journeyOf(run);
  t.equal(count, 75, 'half of the arrivals of a second, and then all');
  t.strictSame(kinds, { [START_FAILED]: errors });
  t.ok(errors >= 10 && errors <= 20, `${errors}`);
});

t.test('a flow does the same, and none of its steps is counted', async (t) => {
  const stages = [
    { target: 1, duration: '1s' },
    { target: 2, duration: '6s', spawnRate: 100 },
  ];
  const { tries, ...rest } = refused(3 * SECOND_US);
  const flow = [{ driver: 'shop', operation: 'order' }];
  const scenario = { executor: 'ramping-vus', startVus: 1, stages, user: undefined, flow };
  const run = await runScript(definition, scenario, { seconds: 8, ...rest });
  t.equal(tries.length, 3);
  t.ok(run.calls.filter(({ user }) => user === 1).length > 200);
  const failed = run.windows.flatMap(({ operations }) => operations).filter(({ errors }) => errors > 0);
  t.strictSame(new Set(failed.map(({ operation }) => operation)), new Set([1]), 'the journey alone has failed');
  t.strictSame(
    failed.flatMap(({ errorKinds }) => errorKinds.map(({ kind, count }) => [kind, count])),
    [
      [START_FAILED, 1],
      [START_FAILED, 1],
    ],
  );
});
