import t from 'tap';
import { Recorder } from '../../../agents/engine/recorder.ts';
import { IDLE_HOST } from '../../../agents/simulation/synthetic-window.ts';
import type { Window } from '../../../core/stats/window.ts';
import { decodeWindow, encodeWindow } from '../../../proto/window-codec.ts';
import { OK } from '../../kit/engine.ts';

function recorder() {
  const windows: Window[] = [];
  const made = new Recorder(1, { scenarios: () => [], host: () => IDLE_HOST }, (window) => windows.push(window));
  made.start(0, 0, 0);
  return { recorder: made, windows };
}

t.test('a driver may have so many timings and no more, under names of so many characters', (t) => {
  const { recorder: made, windows } = recorder();
  for (let i = 0; i < 50; i++) made.timing(`t${i}`).recordUs(1000);
  t.throws(() => made.timing('connect to device-4711'), {
    name: 'PluginError',
    message: /^there are 50 timings already.*connect to device-4711, without ids/,
  });
  made.timing('t49').recordUs(2000);
  made.finish();
  t.equal(windows[0]?.timings.length, 50);
  t.throws(() => recorder().recorder.timing('x'.repeat(201)), {
    name: 'PluginError',
    message: /^a timing's name has 201 characters, at most 200 are allowed: x+…$/,
  });
  t.end();
});

t.test('what a driver with ids in its errors records is a window that control takes', (t) => {
  const { recorder: made, windows } = recorder();
  for (let i = 0; i < 500; i++) {
    made.record(0, i, i, i + 10, { ...OK, ok: false, errorKind: `device ${i} is away`, message: '' });
  }
  made.finish();
  const [operation] = decodeWindow(encodeWindow(windows[0] as Window), { operations: 1, scenarios: 1 }).operations;
  t.equal(operation?.errorKinds.length, 51);
  t.match(operation?.errorKinds.at(-1), { kind: 'other', count: 450 });
  t.end();
});

t.test('what a driver gives as a duration or a count, and is none, is left out and told once', (t) => {
  const { recorder: made, windows } = recorder();
  const told: string[] = [];
  const timing = made.timing('connect', (sentence) => told.push(sentence));
  const tally = made.tally(0, 'device-1', (sentence) => told.push(sentence));
  const strange = [Number.NaN, Number.POSITIVE_INFINITY, 1e300, '7', undefined, 5n, 86_400_000_001];
  for (const value of strange) timing.recordUs(value as number);
  for (const value of [-3, 7, 86_400_000_000]) timing.recordUs(value);
  tally.acknowledged = 3;
  made.closeSeconds(1e6);
  for (const value of [Number.NaN, 2.5, 1, 1e300, Number.NEGATIVE_INFINITY]) {
    tally.acknowledged = value;
    made.closeSeconds(1e6 * (windows.length + 1));
  }
  t.same(made.tallied(), { acknowledged: 3, unknown: 0 });
  tally.acknowledged = 5;
  made.finish();
  t.match(told, [
    /^the timing connect was given NaN: it must be a number of microseconds; it is left out, as all others like it$/,
    /^the tally of device-1 was set to NaN acknowledged and 0 unknown rows, which is left out: both are whole numbers/,
  ]);
  t.equal(told.length, 2);
  const taken = windows.map((window) => decodeWindow(encodeWindow(window), { operations: 1, scenarios: 1 }));
  t.match(taken[0]?.timings[0]?.histogram, { minUs: 0, maxUs: 86_400_000_000, sumUs: 86_400_000_007 });
  t.same(
    taken.flatMap(({ writes }) => writes.map(({ acknowledged }) => acknowledged)),
    [3, 2],
  );
  t.end();
});
