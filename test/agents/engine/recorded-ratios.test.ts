import t from 'tap';
import { Recorder } from '../../../agents/engine/recorder.ts';
import { IDLE_HOST } from '../../../agents/simulation/synthetic-window.ts';
import type { Window } from '../../../core/stats/window.ts';
import { OK } from '../../kit/engine.ts';

const SECOND_US = 1e6;
const START_US = 5 * SECOND_US;

function recording() {
  const windows: Window[] = [];
  const sources = { scenarios: () => [], host: () => IDLE_HOST };
  const recorder = new Recorder(1, sources, (window) => windows.push(window));
  return { recorder, windows };
}

/** What became of a ratio in each phase, counted before the start, after it, and after a sample of the measured load. */
function phasesOf(warmupUs: number) {
  const { recorder, windows } = recording();
  const ratio = recorder.ratio('search.recall');
  ratio.add(1, 2);
  recorder.start(START_US, warmupUs, START_US - 1000);
  ratio.add(10, 20);
  const endUs = START_US + warmupUs + 500_000;
  recorder.record(0, endUs - 1000, endUs - 1000, endUs, OK);
  recorder.ratio('search.recall').add(100, 200);
  recorder.finish();
  const sums = { warmup: [0, 0], measure: [0, 0] };
  for (const { phase, hits, of } of windows.flatMap(({ ratios = [] }) => ratios)) {
    const [before, attempts] = sums[phase] as [number, number];
    sums[phase] = [before + hits, attempts + of];
  }
  return sums;
}

t.test(
  'what a driver counts is of the phase in which it was counted, what was before the start of the first',
  async (t) => {
    t.same(phasesOf(0), { warmup: [0, 0], measure: [111, 222] }, 'without a warm-up');
    t.same(phasesOf(SECOND_US), { warmup: [11, 22], measure: [100, 200] }, 'with a warm-up');
  },
);

t.test('a window has what was counted in it, and none where nothing was', async (t) => {
  const { recorder, windows } = recording();
  recorder.start(0, 0, 0);
  const ratio = recorder.ratio('cache.hits');
  ratio.add(0, 3);
  recorder.closeSeconds(SECOND_US);
  recorder.closeSeconds(2 * SECOND_US);
  ratio.void('rows were written');
  ratio.void('and again');
  recorder.finish();
  t.strictSame(
    windows.map(({ ratios }) => ratios),
    [
      [{ name: 'cache.hits', phase: 'measure', hits: 0, of: 3 }],
      undefined,
      [{ name: 'cache.hits', phase: 'measure', hits: 0, of: 0, voidReason: 'rows were written' }],
    ],
  );
});

t.test('numbers that are no hits of attempts, and names beyond the limits, are refused', async (t) => {
  const { recorder } = recording();
  const ratio = recorder.ratio('cache.hits');
  const numbers = [
    [3, 2],
    [-1, 2],
    [0.5, 1],
    [0, Number.NaN],
    [0, Number.POSITIVE_INFINITY],
  ] as const;
  for (const [hits, of] of numbers) {
    t.throws(() => ratio.add(hits, of), { name: 'PluginError', message: /^the ratio cache\.hits was given / });
  }
  for (let i = 1; i < 50; i++) recorder.ratio(`ratio.${i}`);
  t.throws(() => recorder.ratio('recall of device-4711'), {
    name: 'PluginError',
    message: /^there are 50 ratios already.*recall of device-4711, without ids/,
  });
  for (const [name, message] of [
    ['', /has no name/],
    [' ', /has no name/],
    [7 as never, /^a ratio's name is no text: 7$/],
  ] as const) {
    t.throws(() => recorder.ratio(name), { name: 'PluginError', message });
  }
  t.throws(() => recorder.ratio('x'.repeat(201)), { message: /^a ratio's name has 201 characters, at most 200/ });
  const { recorder: other, windows } = recording();
  other.start(0, 0, 0);
  other.ratio('cache.hits').void('x'.repeat(400));
  other.finish();
  t.equal(windows[0]?.ratios?.[0]?.voidReason?.length, 300);
});

t.test('more attempts than control believes of one window are refused where they are added', async (t) => {
  const { recorder, windows } = recording();
  recorder.start(0, 0, 0);
  const [bytes, files] = [recorder.ratio('cache.bytes'), recorder.ratio('cache.files')];
  bytes.add(1e9 - 5, 1e9 - 5);
  t.throws(() => files.add(0, 6), {
    name: 'PluginError',
    message: /^the ratio cache\.files was given 6 attempts: an agent may count at most 1,000,000,000 in a second/,
  });
  files.add(0, 5);
  recorder.closeSeconds(SECOND_US);
  files.add(0, 6);
  recorder.finish();
  t.same(
    windows.map(({ ratios }) => ratios?.map(({ of }) => of)),
    [[1e9 - 5, 5], [6]],
  );
});
