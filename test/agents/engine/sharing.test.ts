/** Drivers of a run meet: what they share is made once in each agent, and their sessions can tell whose they are. */
import t from 'tap';
import { type DriverContext, defineDriver, type VirtualUserContext } from '../../../core/plugin.ts';
import { FakeClock } from '../../../testing/fake-clock.ts';
import { OK, startEngine } from '../../kit/engine.ts';

const SECOND_US = 1_000_000;

t.test(
  'drivers of one run share what one of them has made, and a virtual user is one object for all of them',
  async (t) => {
    const makes = [() => ({ kind: 'first' }), () => ({ kind: 'second' })];
    const contexts: DriverContext[] = [];
    const users: VirtualUserContext[] = [];
    const sendable: (readonly string[] | undefined)[] = [];
    const meeting = defineDriver({
      name: 'meeting',
      description: '',
      options: { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } },
      operations: () => [
        { name: 'a', type: 'TEST' },
        { name: 'other', type: 'TEST' },
      ],
      open: (_options, context) => {
        contexts.push(context);
        return {
          connect: (user, _signal, names) => {
            users.push(user);
            sendable.push(names && [...names]);
            return { send: () => OK, close: () => {} };
          },
          close: () => {},
        };
      },
    });
    const run = async () => {
      const clock = new FakeClock();
      const operations = [
        { driver: 'one', operation: 'a' },
        { driver: 'two', operation: 'a', name: 'b' },
      ];
      const { ended } = await startEngine(clock, meeting, {
        drivers: { one: { use: 'meeting' }, two: { use: 'meeting' } },
        scenarios: { s: { executor: 'per-vu-iterations', vus: 3, iterations: 1, maxDuration: '1s', operations } },
      });
      await clock.advance(2 * SECOND_US);
      await ended;
    };
    await run();
    await run();
    const [one, two, next] = contexts as [DriverContext, DriverContext, DriverContext];
    for (const make of makes) {
      t.equal(one.shared(make), two.shared(make));
      t.not(one.shared(make), next.shared(make), 'another run has its own');
    }
    t.strictSame(
      makes.map((make) => one.shared(make).kind),
      ['first', 'second'],
    );
    t.strictSame(new Set(sendable.flat()), new Set(['a']), 'a session knows what may be sent through it');
    t.equal(users.length, 2 * 3 * 2);
    t.equal(new Set(users).size, 2 * 3);
  },
);
