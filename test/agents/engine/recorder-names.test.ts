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
