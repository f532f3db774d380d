/** Rows that several agents share come from control, also in the middle of a pass. */
import t from 'tap';
import { defineUser, type UserDefinition } from '../../../../core/script/define-user.ts';
import { FakeClock } from '../../../../testing/fake-clock.ts';
import { journeyOf, rowOf, runScript, SECOND_US } from './run-script.ts';

/** The rows of one file, dealt by the test. */
class DealtRows {
  readonly taken: string[] = [];
  #left = 0;
  #isOver = false;
  #changed = Promise.withResolvers<void>();

  readonly openData = async () =>
    new Map([
      [
        'users',
        {
          file: 'users.csv',
          atEnd: 'stop' as const,
          columns: ['name'],
          hasRow: () => this.#left > 0 || (!this.#isOver && this.#changed.promise),
          take: () => {
            if (this.#left-- === 0) throw new Error('taken without a row');
            this.taken.push(`user ${this.taken.length}`);
            return this.taken.slice(-1);
          },
        },
      ],
    ]);

  come(rows: number, isOver = false): void {
    this.#left += rows;
    this.#isOver = isOver;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

const twoRows = (used: string[]) =>
  defineUser<object, 'users'>({
    async iterate({ data, driver }) {
      const { name: from } = await data.users.next();
      const { name: to } = await data.users.next();
      used.push(from as string, to as string);
      await driver('shop').send('order');
    },
  }) as UserDefinition;

const scenario = { executor: 'constant-vus', vus: 3, duration: '5s', data: { users: { file: 'users.csv' } } };

t.test('a pass waits for each of its rows; none is lost or taken twice, and the wait is a send delay', async (t) => {
  const clock = new FakeClock();
  const rows = new DealtRows();
  const used: string[] = [];
  // Three passes begin, and have one row each.
  rows.come(3);
  clock.after(1 * SECOND_US, () => rows.come(2));
  clock.after(2 * SECOND_US, () => rows.come(1, true));
  const once = { executor: 'per-vu-iterations', vus: 3, iterations: 1, data: scenario.data };
  const ended = await runScript(twoRows(used), once, { seconds: 10, clock, openData: rows.openData });
  t.strictSame([...used].sort(), rows.taken);
  t.equal(rows.taken.length, 6);
  t.strictSame(journeyOf(ended).kinds, {});
  t.equal(journeyOf(ended).count, 3);
  const { sendDelay, serviceTime } = rowOf(ended, 'order');
  t.ok(sendDelay.maxUs >= 2 * SECOND_US, `${sendDelay.maxUs}`);
  t.equal(serviceTime.maxUs, 10_000);
});

t.test('when no row is left in the middle of a pass, it has failed as data_exhausted', async (t) => {
  const clock = new FakeClock();
  const rows = new DealtRows();
  rows.come(3);
  clock.after(1 * SECOND_US, () => rows.come(1, true));
  const ended = await runScript(twoRows([]), scenario, { seconds: 10, clock, openData: rows.openData });
  t.equal(rows.taken.length, 4);
  t.strictSame(journeyOf(ended).kinds, { data_exhausted: 2 });
  t.equal(journeyOf(ended).count, 3);
});

t.test('a pass that waits for a row at the end of the load is cut off', async (t) => {
  const rows = new DealtRows();
  rows.come(3);
  const late = { ...scenario, gracefulStop: '2s' };
  const ended = await runScript(twoRows([]), late, { seconds: 8, openData: rows.openData });
  t.strictSame(journeyOf(ended).kinds, { aborted: 3 });
  t.equal(journeyOf(ended).responseTime.maxUs, 7 * SECOND_US);
});

t.test('users that took their row once, in onStart, go on when no other is left; one without a row ends', async (t) => {
  const rows = new DealtRows();
  rows.come(3, true);
  let stops = 0;
  const signedIn = defineUser<object, 'users'>({
    async onStart({ data }) {
      await data.users.next();
    },
    async iterate({ driver, pause }) {
      await driver('shop').send('order');
      await pause(100);
    },
    onStop() {
      stops++;
    },
  }) as UserDefinition;
  const ended = await runScript(signedIn, { ...scenario, vus: 4 }, { seconds: 7, openData: rows.openData });
  t.equal(rows.taken.length, 3);
  t.equal(stops, 3);
  t.ok(rowOf(ended, 'order').count >= 3 * 40, `${rowOf(ended, 'order').count}`);
});

t.test('users whose passes take rows too end when none is left, and not with failures without end', async (t) => {
  const rows = new DealtRows();
  rows.come(6, true);
  const both = defineUser<object, 'users'>({
    async onStart({ data }) {
      await data.users.next();
    },
    async iterate({ data, driver }) {
      await data.users.next();
      await driver('shop').send('order');
    },
  }) as UserDefinition;
  const ended = await runScript(both, scenario, { seconds: 7, openData: rows.openData });
  t.equal(journeyOf(ended).count, 3);
  t.strictSame(journeyOf(ended).kinds, {});
});
