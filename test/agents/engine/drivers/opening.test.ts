/** Drivers that do not open as they should: the run does not start, and the sentence names the driver. */
import t from 'tap';
import { type DriverPlugin, defineDriver, PluginError } from '../../../../core/plugin.ts';
import { FakeClock } from '../../../../testing/fake-clock.ts';
import { prepareEngine } from '../../../kit/engine.ts';

type Open = DriverPlugin['open'];
const never = () => new Promise<never>(() => {});

function prepare(clock: FakeClock, open: Open) {
  const plugin = defineDriver({
    name: 'odd',
    description: '',
    options: { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } },
    operations: () => [{ name: 'a', type: 'TEST' }],
    open,
  });
  const operations = [{ driver: 'odd' }];
  return prepareEngine(clock, plugin, {
    scenarios: { s: { executor: 'constant-vus', vus: 2, duration: '1s', operations } },
  });
}

const session = { send: () => never(), close: () => {} };
const NO_DRIVER =
  'driver odd: open returned something that is no driver: have it return an object with connect and close';
const NO_SESSION =
  'driver odd: connect returned something that is no session: have it return an object with send and close';

const CASES: Readonly<Record<string, readonly [open: unknown, message: string]>> = {
  'open throws': [
    () => {
      throw new Error('no luck');
    },
    'driver odd could not be opened: no luck',
  ],
  'open says what is wrong': [
    async () => {
      throw new PluginError('there is no file x');
    },
    'there is no file x',
  ],
  'open returns nothing': [() => undefined, NO_DRIVER],
  'open returns a function': [async () => () => {}, NO_DRIVER],
  'open never ends': [never, 'driver odd had not opened after 50 s'],
  'connect returns nothing': [() => ({ connect: () => undefined, close() {} }), NO_SESSION],
  'connect returns no close': [() => ({ connect: async () => ({ send() {} }), close() {} }), NO_SESSION],
  'connect never ends': [() => ({ connect: never, close() {} }), 'driver odd had opened no session after 30 s'],
};

for (const [name, [open, message]] of Object.entries(CASES)) {
  t.test(name, async (t) => {
    const clock = new FakeClock();
    await t.rejects(clock.until(prepare(clock, open as Open)), { message });
  });
}

t.test('a driver that opens too late is closed', async (t) => {
  const clock = new FakeClock();
  let closed = 0;
  const open: Open = () =>
    new Promise((resolve) => {
      clock.after(55e6, () => resolve({ connect: () => session, close: () => void closed++ }));
    });
  await t.rejects(clock.until(prepare(clock, open)), { message: /had not opened/ });
  await clock.advance(10e6);
  t.equal(closed, 1);
});
