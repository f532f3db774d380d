import process from 'node:process';
import t from 'tap';
import { Recorder } from '../../../agents/engine/recorder.ts';
import { IDLE_HOST } from '../../../agents/simulation/synthetic-window.ts';
import type { Window } from '../../../core/stats/window.ts';
import { OK } from '../../kit/engine.ts';

const SECOND_US = 1e6;
const START_US = 5 * SECOND_US;

/** What became of a timing in each phase, one of each: before the start, after it, after a sample of the measured load. */
function phasesOf(warmupUs: number, startedAtUs: number) {
  const windows: Window[] = [];
  const sources = { scenarios: () => [], host: () => IDLE_HOST };
  const recorder = new Recorder(1, sources, (window) => windows.push(window));
  const timing = recorder.timing('connect');
  timing.recordUs(100);
  recorder.start(START_US, warmupUs, startedAtUs);
  timing.recordUs(200);
  const endUs = Math.max(START_US + warmupUs, startedAtUs) + 500_000;
  recorder.record(0, endUs - 1_000, endUs - 1_000, endUs, OK);
  timing.recordUs(300);
  recorder.finish();
  const sums = { warmup: 0, measure: 0 };
  for (const { phase, histogram } of windows.flatMap(({ timings }) => timings)) sums[phase] += histogram.sumUs;
  return sums;
}

t.test(
  "a driver's timings are of the phase in which they were taken, those before the start of the first",
  async (t) => {
    t.same(phasesOf(0, START_US - 1_000), { warmup: 0, measure: 600 }, 'without a warm-up');
    t.same(phasesOf(SECOND_US, START_US - 1_000), { warmup: 300, measure: 300 }, 'with a warm-up');
    t.same(phasesOf(SECOND_US, START_US + 3 * SECOND_US), { warmup: 0, measure: 600 }, 'of an agent that comes later');
  },
);

t.test('thousands of operations take memory for the durations that occur, not for all that could', async (t) => {
  const operations = 5_000;
  const before = process.memoryUsage().arrayBuffers;
  const recorder = new Recorder(operations, { scenarios: () => [], host: () => IDLE_HOST }, () => {});
  recorder.start(START_US, 0, START_US);
  for (let operation = 0; operation < operations; operation++) {
    recorder.record(operation, START_US, START_US + 40, START_US + 900_000, OK);
  }
  const megabytes = (process.memoryUsage().arrayBuffers - before) / 1e6;
  t.ok(megabytes < 100, `${Math.round(megabytes)} MB`);
});
