/** Drivers that give what is no outcome: only the operation fails, and the figures of the others stay whole. */
import t from 'tap';
import type { Outcome } from '../../../core/plugin.ts';
import { FakeClock } from '../../../testing/fake-clock.ts';
import { OK, ScriptedDriver, startEngine, totals } from '../../kit/engine.ts';
import { matchEach } from '../../kit/match-each.ts';

const SECOND_US = 1e6;
const operations = [{ driver: 'scripted', operation: 'a' }];
const LOADS = {
  closed: { executor: 'shared-iterations', vus: 1, iterations: 10, operations },
  open: { executor: 'constant-arrival-rate', rate: 10, duration: '1s', maxVus: 2, operations },
} as const;
const { message: _, ...noMessage } = { ...OK, ok: false, errorKind: 'odd' };
const { bytesSent: __, ...noBytes } = OK;
const GIVEN: Readonly<Record<string, unknown>> = {
  nothing: undefined,
  null: null,
  noMessage,
  noBytes,
  halfBytes: { ...OK, bytesSent: 0.5 },
  endless: { ...OK, bytesReceived: Infinity },
  absurd: { ...OK, bytesReceived: 1e12 + 1 },
  word: { ...OK, ok: 'false' },
  number: { ...OK, ok: 1 },
  text: 'ok',
};

for (const [kind, scenario] of Object.entries(LOADS)) {
  for (const [name, given] of Object.entries(GIVEN)) {
    for (const gives of [() => given as Outcome, async () => given as Outcome]) {
      t.test(`${kind} load, ${name}, ${gives() instanceof Promise ? 'later' : 'at once'}`, async (t) => {
        const clock = new FakeClock();
        let sent = 0;
        const send = () => (++sent % 2 === 0 ? gives() : OK);
        const open = () => ({ connect: () => ({ send, close: () => {} }), close: () => {} });
        const { plugin } = new ScriptedDriver(clock, () => 0);
        const run = await startEngine(clock, { ...plugin, open }, { scenarios: { s: scenario } });
        await clock.advance(2 * SECOND_US);
        await run.ended;
        const { requests, errors } = totals([run]);
        t.same({ requests, errors }, { requests: 10, errors: 5 });
        const windows = run.windows.flatMap((window) => window.operations);
        t.same(windows.map(({ bytesSent, bytesReceived }) => [bytesSent, bytesReceived])[0], [5 * 10, 5 * 20]);
        matchEach(t, windows[0]?.errorKinds, [
          { kind: 'driver_gave_no_outcome', count: 5, example: /have the driver return/ },
        ]);
      });
    }
  }
}
