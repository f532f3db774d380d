/** What figures per second count where requests end after the load, or after the warm-up that they began in. */
import t from 'tap';
import { conclude } from '../../../core/verdict/conclusion.ts';
import { endedWithin, measuredRate } from '../../../core/verdict/rate.ts';
import csv from '../../../reports/csv.ts';
import { sampleResult } from '../../../testing/index.ts';
import type { Stretch } from '../../kit/results/built-seconds.ts';
import { uploadPlan } from '../../kit/results/documents.ts';
import { abort, evaluatorOf, judged, second } from '../../kit/results/judged.ts';
import { buildResult, type RunShape } from '../../kit/results/results.ts';
import { has } from '../../kit/results/sentences.ts';

const answered = (seconds: number, perSecond: number, more: Partial<Stretch> = {}): Stretch => ({
  ...{ seconds, vus: 10, operations: perSecond === 0 ? {} : { upload: { perSecond, ms: { 0: 50, 1: 50 } } } },
  ...more,
});
/** 8 s of load, and 5 s more in which what had queued is answered. */
const FALLEN_BEHIND = [answered(13, 50)];
const OF_8_S = { spans: { measuredUs: 8e6, plannedUs: 8e6 } };
/** Answers take longer than a second: for one after the warm-up, only its requests end. */
const LATE_ANSWERS = [answered(1, 0, { phase: 'warmup' }), answered(2, 10, { phase: 'warmup' }), answered(7, 10)];
const OF_2_S_WARMUP = { spans: { warmupUs: 2e6, measuredUs: 8e6 } };

t.test('what is answered after the load is in no rate', async (t) => {
  t.match(judged('rps >= 60', FALLEN_BEHIND, OF_8_S), { status: 'fail', actual: 50 });
  t.match(judged('rps >= 60 for 3s', FALLEN_BEHIND, OF_8_S), { status: 'fail', actual: 50 });
  t.match(judged('requests >= 650', FALLEN_BEHIND, OF_8_S), { status: 'pass', actual: 650 });
  const result = buildResult({ plan: uploadPlan({}), stretches: FALLEN_BEHIND, ...OF_8_S });
  has(t, conclude(result, 'en'), [
    /made 650 requests in 8s: 50\/s on average, 50\/s in the last 8s\.$/,
    /^Figures per second count the 400 requests that ended in 8s of load, and not those that began in it\.$/,
  ]);
  const files = csv.render(result, { prefix: 'bench' });
  t.match(JSON.stringify(files), /Aggregated,650,0,.*?,50,0,/);
});

t.test('what the warm-up began and the measured time ended is in its rates', async (t) => {
  t.match(judged('rps >= 10', LATE_ANSWERS, OF_2_S_WARMUP), { status: 'pass', actual: 10 });
  t.match(judged('rps >= 10 for 1s', LATE_ANSWERS, OF_2_S_WARMUP), { status: 'pass', actual: 10 });
  t.match(judged('requests >= 10 for 1s', LATE_ANSWERS, OF_2_S_WARMUP), { status: 'pass', actual: 10 });
  t.match(judged('requests >= 70', LATE_ANSWERS, OF_2_S_WARMUP), { status: 'pass', actual: 70 });
  t.match(judged('phase:warmup rps == 5', LATE_ANSWERS, OF_2_S_WARMUP), { status: 'pass', actual: 5 });
});

t.test('a rate aborts a run neither by the end of its warm-up nor by what comes after the load', async (t) => {
  const evaluator = evaluatorOf([abort('rps >= 10')], 2, 6);
  const ofWarmup = { ...second(2, Array(10).fill(50)) };
  const late = { ...ofWarmup, operations: ofWarmup.operations.map((row) => ({ ...row, phase: 'warmup' as const })) };
  t.strictSame(evaluator.observe(late), []);
  for (const at of [3, 4, 5]) t.strictSame(evaluator.observe(second(at, Array(10).fill(50))), []);
  for (const at of [6, 7, 8]) t.strictSame(evaluator.observe(second(at, [50])), []);
  const slow = evaluatorOf([abort('rps >= 10')], 2, 6);
  t.match(slow.observe(second(2, Array(9).fill(50))), [{ actual: 9, second: 2 }]);
});

t.test('only whole seconds of the load count; a load whose work is done counts to its end', async (t) => {
  const rows = [{ requests: [10, 20, 30, 5], errors: [1, 2, 3, 0] }];
  const sample = sampleResult('passed');
  const timeline = { ...sample.timeline, vus: [1, 1, 1, 1] };
  const run = { ...sample, timeline, ending: { kind: 'completed' as const }, warmupUs: 0 };
  const timed = { ...run, measuredUs: 2.5e6, plannedUs: 2.5e6 };
  t.strictSame(endedWithin(timed, 'measure', rows), { requests: 30, errors: 3, durationUs: 2e6 });
  const done = { ...timed, plannedUs: 60e6 };
  t.strictSame(endedWithin(done, 'measure', rows), { requests: 60, errors: 6, durationUs: 2.5e6 });
  const going = { ...done, timeline: { ...timeline, vus: [1, 1] } };
  t.strictSame(
    endedWithin(going, 'measure', rows),
    { requests: 30, errors: 3, durationUs: 2e6 },
    'a second is to come',
  );
  const shaped = { ...done, scenarios: [{ ...done.scenarios[0], executor: 'shape' }] as typeof done.scenarios };
  t.strictSame(endedWithin(shaped, 'measure', rows), { requests: 30, errors: 3, durationUs: 2e6 });
  const short = { ...timed, measuredUs: 0.5e6, plannedUs: 0.5e6 };
  t.equal(endedWithin(short, 'measure', rows), undefined);
  t.match(measuredRate(short, { requests: 10, errors: 1 }, rows), { perSecond: 20, errorsPerSecond: 2 });
  t.equal(endedWithin(timed, 'measure', [undefined]), undefined, 'older results have no columns of some rows');
});

t.test('a target that falls behind a rate is said to, with how its response times grew', async (t) => {
  const run = (capacity: number, last: number): RunShape => ({
    plan: uploadPlan({
      scenarios: {
        open: {
          ...{ executor: 'constant-arrival-rate', rate: 80, duration: '10s', maxVus: 500 },
          operations: [{ driver: 'http-upload', name: 'upload' }],
        },
      },
      monitors: {},
      thresholds: ['error_rate < 1%'],
    }),
    stretches: [0, 1, 2, 3, 4].map((part) => {
      const ms = 100 + ((last - 100) * part) / 4;
      return { seconds: 2, vus: 80, operations: { upload: { perSecond: capacity, ms: { 0: ms, 1: ms } } } };
    }),
  });
  const told = (shape: RunShape) => conclude({ ...buildResult(shape), validity: [] }, 'en');
  has(t, told(run(50, 3000)), [
    /^The target fell behind: 80\/s were offered and 50\/s achieved, so requests queued\. The median response time rose from 100 ms in the first 2s to 3000 ms in the last; a longer run would bring longer ones\.$/,
  ]);
  has(t, conclude({ ...buildResult(run(50, 3000)), validity: [] }, 'zh-CN'), [/^被测系统跟不上负载：/]);
  t.notOk(
    told(run(80, 3000)).some((sentence) => /fell behind/.test(sentence)),
    'it keeps up',
  );
  t.notOk(
    told(run(50, 100)).some((sentence) => /fell behind/.test(sentence)),
    'what it lacks was dropped',
  );
});
