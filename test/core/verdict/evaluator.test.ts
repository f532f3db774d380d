import t from 'tap';
import { Histogram } from '../../../core/stats/histogram.ts';
import { parseThreshold } from '../../../core/verdict/criterion.ts';
import type { Breach } from '../../../core/verdict/evaluator.ts';
import { generatorDelay } from '../../../core/verdict/generator-fault.ts';
import { EMPTY_TALLY } from '../../../core/verdict/tally.ts';
import type { Stretch } from '../../kit/results/built-seconds.ts';
import { reconciled, uploadPlan } from '../../kit/results/documents.ts';
import { abort, evaluatorOf, judged, second, stretch, WARMUP } from '../../kit/results/judged.ts';
import { buildResult } from '../../kit/results/results.ts';

const secondsOf = (breaches: readonly Breach[]) => breaches.map((breach) => breach.second);

t.test('what each criterion comes to over a run', async (t) => {
  const run = [
    WARMUP,
    stretch(8, 50, { health: 300, fails: 0.01, dropped: 1, monitors: { 'target.queue_depth': [1, 5] } }),
  ];
  const more = {
    timingsMs: { 'http.connect': { count: 10, ms: { 0: 20, 1: 20 } } },
    reconciliations: [reconciled(800, 2)],
    types: { upload: 'POST', health: 'GET' },
  };
  const cases: [criterion: string, status: string, actual: number, samples: number][] = [
    ['upload p95 < 200ms', 'pass', 50_000, 800],
    ['upload max <= 50ms', 'pass', 50_000, 800],
    ['p95 < 200ms', 'fail', 300_000, 880],
    ['avg < 100ms', 'pass', (800 * 50_000 + 80 * 300_000) / 880, 880],
    ['tag:kind=write p95 < 200ms', 'pass', 50_000, 800],
    ['scenario:devices max < 1s', 'pass', 300_000, 880],
    ['upload phase:warmup min > 800ms', 'pass', 900_000, 200],
    ['upload service_time max < 50ms', 'pass', 49_950, 800],
    ['requests >= 880', 'pass', 880, 880],
    ['rps == 110', 'pass', 110, 880],
    ['upload fails == 0', 'fail', 8, 800],
    ['health fails == 0', 'pass', 0, 80],
    ['upload error_rate <= 1%', 'pass', 0.01, 800],
    ['availability > 99%', 'pass', 872 / 880, 880],
    ['dropped == 8', 'pass', 8, 888],
    ['dropped_rate < 1%', 'pass', 8 / 888, 888],
    ['http.connect max < 50ms', 'pass', 20_000, 10],
    ['target.queue_depth max <= 5', 'pass', 5, 8],
    ['target.queue_depth avg < 3', 'fail', 3, 8],
    ['target.queue_depth p50 <= 1', 'pass', 1, 8],
    ['lost == 0', 'fail', 2, 800],
    ['extra == 0', 'pass', 0, 800],
  ];
  for (const [criterion, status, actual, samples] of cases) {
    t.match(judged(criterion, run, more), { criterion, status, actual, samples }, criterion);
  }
});

t.test('no dropped arrival is passed over where a warm-up ends within a second', async (t) => {
  const run = [WARMUP, stretch(1, 50, { dropped: 9 }), stretch(7, 50)];
  const spans = { warmupUs: 2.5e6, measuredUs: 7.5e6, plannedUs: 10e6 };
  t.match(judged('dropped == 0', run, { spans }), { status: 'fail', actual: 9 });
  t.match(judged('dropped == 0', run, { spans: { ...spans, warmupUs: 3e6 } }), { status: 'pass', actual: 0 });
});

t.test('nothing to judge by is invalid, never a pass', async (t) => {
  const run = [WARMUP, stretch(8, 50)];
  const cases: [criterion: string, reason: RegExp][] = [
    ['upload p95 < 200ms', /no samples/],
    ['error_rate < 1%', /no samples/],
    ['rps < 1000', /no samples/],
    ['upload p95 < 200ms for 3s', /no samples/],
  ];
  for (const [criterion, reason] of cases) {
    t.match(
      judged(criterion, [WARMUP, { seconds: 8, vus: 10, operations: {} }]),
      { status: 'invalid', reason },
      criterion,
    );
  }
  t.match(judged('http.connect p99 < 50ms', run), { status: 'invalid', reason: /no samples/ });
  t.match(judged('target.queue_depth max < 5', run), { status: 'invalid', reason: /no samples/ });
  t.match(judged('lost == 0', run), { status: 'invalid', reason: /no driver compared/ });
  t.match(judged('upload p95 < 200ms for 9s', run), { status: 'invalid', reason: /shorter than one window of 9 s/ });
});

t.test('a ratio is judged by its hits, and never where nothing was counted or where it is void', async (t) => {
  const run = [WARMUP, stretch(8, 50)];
  const recall = (more: { hits: number; of: number; voidReason?: string }) => ({ ratios: { 'search.recall': more } });
  const good = recall({ hits: 96, of: 100 });
  t.match(judged('search.recall ratio >= 0.95', run, good), {
    ...{ status: 'pass', actual: 0.96, limit: 0.95, unit: 'share', samples: 800 },
  });
  t.match(judged('search.recall ratio > 96%', run, good), { status: 'fail', actual: 0.96 });
  t.match(judged('search.recall phase:warmup ratio >= 95%', run, good), { status: 'pass', samples: 200 });
  t.match(judged('search.recall ratio >= 95% for 3s', run, good), { status: 'pass', samples: 300 });
  t.match(judged('search.recal ratio >= 95%', run, good), {
    ...{ status: 'invalid', reason: 'nothing was counted under this name, only as search.recall.' },
  });
  t.match(judged('search.recall ratio >= 95%', run), { status: 'invalid', reason: 'nothing was counted.' });
  t.match(judged('search.recall ratio < 95%', run, recall({ hits: 0, of: 0 })), { status: 'invalid' });
  const written = recall({ hits: 96, of: 100, voidReason: 'rows were written during the measurement' });
  for (const criterion of ['search.recall ratio >= 95%', 'search.recall ratio >= 95% for 3s']) {
    t.match(judged(criterion, run, written), {
      ...{ status: 'invalid', reason: 'rows were written during the measurement' },
    });
  }
});

t.test('a ratio stops a run, unless it is void', async (t) => {
  const bad = { name: 'search.recall', phase: 'measure' as const, hits: 1, of: 10 };
  const evaluator = () => evaluatorOf([abort('search.recall ratio >= 95%')]);
  t.same(secondsOf(evaluator().observe(second(0, [1], { ratios: [bad] }))), [0]);
  t.same(evaluator().observe(second(0, [1], { ratios: [{ ...bad, voidReason: 'rows were written' }] })), []);
});

t.test('a count that must be there is not excused by its absence', async (t) => {
  t.match(judged('rps >= 300', [WARMUP, { seconds: 8, vus: 10, operations: {} }]), { status: 'fail', actual: 0 });
});

t.test('fast failures meet no criterion, slow ones break it', async (t) => {
  const failing = [WARMUP, stretch(8, 5, { fails: 1 })];
  t.match(judged('upload p95 < 200ms', failing), { status: 'invalid', reason: /all 800 requests failed/ });
  t.match(judged('upload rps >= 50', failing), { status: 'invalid' });
  t.match(judged('upload p95 < 200ms', [WARMUP, stretch(8, 5000, { fails: 1 })]), { status: 'fail' });
  t.match(judged('upload error_rate < 1%', failing), { status: 'fail', actual: 1 });
});

t.test('rows that had not settled leave a loss in doubt', async (t) => {
  const unsettled = (lost: number) => {
    const { driver, reconciliation } = reconciled(800, lost);
    return { reconciliations: [{ driver, reconciliation: { ...reconciliation, stable: false } }] };
  };
  const run = [WARMUP, stretch(8, 50)];
  t.match(judged('lost == 0', run, unsettled(2)), { status: 'invalid', reason: /still changing/ });
  t.match(judged('lost == 0', run, unsettled(0)), { status: 'pass' });
});

t.test('a driver that did not compare its writes leaves open whether something is lost', async (t) => {
  const run = [WARMUP, stretch(8, 50)];
  const partly = (lost: number) => ({ reconciliations: [reconciled(800, lost)], unverified: ['mysql', 'http'] });
  t.match(judged('lost == 0', run, partly(0)), {
    status: 'invalid',
    reason: 'mysql and http could not compare acknowledged writes with stored rows; the events say why.',
  });
  t.match(judged('lost == 0', run, partly(2)), { status: 'fail', actual: 2 }, 'what is known to be lost is');
});

t.test('writes of which none was acknowledged cannot show that nothing is lost', async (t) => {
  const none = { reconciliations: [reconciled(0)] };
  const refused = [stretch(2, 900, { phase: 'warmup', fails: 1 }), stretch(8, 50, { fails: 1 })];
  for (const criterion of ['lost == 0', 'extra == 0']) {
    const result = judged(criterion, refused, none);
    t.match(result, { status: 'invalid', reason: /no write was acknowledged because all 1000 requests failed/ });
  }
  t.match(judged('lost == 0', [WARMUP, stretch(8, 50, { fails: 0.5 })], none), { status: 'pass' }, 'reads answered');
  t.match(judged('lost == 0', [WARMUP, stretch(8, 50)], none), { status: 'pass' }, 'only reads');
  const found = reconciled(0);
  const strange = { reconciliations: [{ ...found, reconciliation: { ...found.reconciliation, stored: 3, extra: 3 } }] };
  t.match(judged('extra == 0', refused, strange), { status: 'fail', actual: 3 }, 'what is broken stays broken');
});

t.test('a sliding window finds what the whole run hides, and says where', async (t) => {
  const run = [WARMUP, stretch(40, 50), stretch(2, 400), stretch(8, 50)];
  t.match(judged('upload p95 < 200ms', run), { status: 'pass' });
  t.match(judged('upload p95 < 200ms for 3s', run), { status: 'fail', actual: 400_000, samples: 300, worstSecond: 40 });
  t.match(judged('upload p50 < 200ms for 10s', run), { status: 'pass' });
  t.match(judged('rps >= 110 for 5s', run), { status: 'pass', actual: 110 });
});

t.test('windows take whole seconds of load only', async (t) => {
  const evaluator = evaluatorOf(['rps >= 3 for 2s'], 2, 6);
  for (const at of [0, 1]) evaluator.observe(second(at, []));
  for (const at of [2, 3, 4, 5]) evaluator.observe(second(at, [1, 1, 1]));
  evaluator.observe(second(6, [1]));
  const plan = uploadPlan({ thresholds: [] });
  const {
    thresholds: _,
    validity: __,
    verdict: ___,
    ...draft
  } = buildResult({ plan, stretches: [WARMUP, stretch(4, 50)] });
  t.match(evaluator.conclude(draft)[0], { status: 'pass', actual: 3 }, 'neither warm-up nor drain');
  const stopped = { ...draft, measuredUs: 2_500_000 };
  t.match(evaluator.conclude(stopped)[0], { status: 'pass', samples: 6, worstSecond: 2 }, 'nor what follows a stop');
});

t.test('a second left out is an empty one', async (t) => {
  const evaluator = evaluatorOf([abort('rps >= 2 for 2s')]);
  t.strictSame(evaluator.observe(second(0, [1, 1, 1])), []);
  t.strictSame(secondsOf(evaluator.observe(second(3, [1, 1, 1]))), [3]);
});

t.test('abort as soon as it is broken, not before its delay', async (t) => {
  const evaluator = evaluatorOf(
    [abort('upload p95 < 200ms'), abort('upload p95 < 200ms', '3s'), 'upload p95 < 200ms'],
    1,
  );
  t.strictSame(evaluator.observe(second(0, [])), []);
  t.strictSame(evaluator.observe(second(1, [50])), []);
  const [breach, ...others] = evaluator.observe(second(2, [500]));
  t.strictSame(others, []);
  t.match(breach, {
    criterion: 'upload p95 < 200ms',
    second: 2,
    actual: 500_000,
    message: 'upload p95 < 200ms failed with 500 ms in second 2, which stops the run.',
  });
  t.equal(evaluator.observe(second(3, [500])).length, 2);
});

t.test('a sliding abort looks at its window, a whole one at all so far', async (t) => {
  const evaluator = evaluatorOf([
    abort('upload fails <= 2'),
    abort('upload fails <= 2 for 2s'),
    abort('target.queue_depth max < 9'),
  ]);
  t.strictSame(evaluator.observe(second(0, [1, 1], { errors: 2 })), []);
  t.strictSame(evaluator.observe(second(1, [1, 1])), []);
  t.strictSame(
    evaluator.observe(second(2, [1, 1], { errors: 1 })).map(({ criterion }) => criterion),
    ['upload fails <= 2'],
  );
  const monitors = { 'target.queue_depth': 12 };
  const last = evaluator.observe(second(3, [1, 1, 1], { errors: 2, monitors }));
  t.strictSame(
    last.map(({ criterion }) => criterion),
    ['upload fails <= 2', 'upload fails <= 2 for 2s', 'target.queue_depth max < 9'],
  );
});

t.test('a generator that stalls aborts no run', async (t) => {
  const stalled = { loopLagUs: 400_000 };
  const evaluator = evaluatorOf([
    abort('upload p95 < 200ms'),
    abort('upload p95 < 200ms for 2s'),
    abort('rps >= 2 for 2s'),
    abort('upload fails == 0'),
  ]);
  const names = (...given: Parameters<typeof second>) =>
    evaluator.observe(second(...given)).map((one) => one.criterion);
  t.strictSame(names(0, [50, 50]), []);
  t.strictSame(names(1, [600], stalled), [], 'the second of the stall');
  t.strictSame(names(2, [500, 500]), [], 'the second after it, into which its late requests fall');
  t.strictSame(names(3, [50, 50]), [], 'a window with that second');
  t.strictSame(names(4, [50, 50]), [], 'what was late does not count later on either');
  t.strictSame(names(5, [50, 50], { ...stalled, errors: 1 }), ['upload fails == 0'], "failures are the target's");
  for (const at of [6, 7]) names(at, [50, 50]);
  t.strictSame(names(8, [500, 500]), ['upload p95 < 200ms', 'upload p95 < 200ms for 2s', 'upload fails == 0']);
});

t.test('a response time that is too long only because the generator was late is not judged', async (t) => {
  const late = (sendDelayMs: number) => [
    WARMUP,
    { seconds: 8, vus: 5, operations: { upload: { perSecond: 100, ms: { 0: 250, 1: 250 }, sendDelayMs } } },
  ];
  for (const criterion of ['upload p95 < 200ms', 'upload avg < 200ms for 3s', 'max <= 200ms']) {
    const result = judged(criterion, late(100));
    t.match(result, {
      status: 'invalid',
      reason: /^with 250 ms it failed, but .* up to 100 ms late; without that delay \(service time\) it is 150 ms/,
    });
    t.match(judged(criterion, late(20)), { status: 'fail' }, 'the target is too slow by itself');
  }
  t.match(judged('upload service_time p95 < 100ms', late(100)), { status: 'fail' });
  const mixed = [
    ...late(100),
    { seconds: 3, vus: 5, operations: { upload: { perSecond: 100, ms: { 0: 300, 1: 300 } } } },
  ];
  t.match(judged('upload p95 < 200ms for 3s', mixed), { status: 'fail', worstSecond: 8 }, 'one window is enough');
});

t.test('a throughput that is missed only because the generator stood still is not judged', async (t) => {
  const quiet = stretch(6, 50);
  const stalled = { ...stretch(1, 50), loopLagMs: 800 };
  const slower = (load: Stretch, perSecond: number): Stretch => ({
    ...load,
    operations: { upload: { perSecond, ms: { 0: 50, 1: 50 } } },
  });
  const run = [WARMUP, quiet, slower(stalled, 10), quiet];
  for (const criterion of ['rps >= 105', 'upload rps > 95', 'requests >= 1400', 'upload requests >= 1300']) {
    t.match(
      judged(criterion, run),
      { status: 'invalid', reason: /stood still in 2 of the 13 seconds; over the others it is/ },
      criterion,
    );
  }
  t.match(judged('rps >= 105 for 3s', run), { status: 'invalid', reason: /stood still in 1 of the 3 seconds/ });
  t.match(judged('upload rps >= 95 for 1s', run), { status: 'invalid', reason: /stood still in every second/ });
  t.match(judged('rps >= 120', run), { status: 'fail' }, 'the other seconds miss it as well');
  t.match(judged('rps >= 120 for 3s', run), { status: 'fail' });
  const steady = [WARMUP, quiet, slower(stretch(1, 50), 10), quiet];
  t.match(judged('rps >= 105', steady), { status: 'fail' }, 'a target that stands still is not excused');
  t.match(judged('error_rate < 1%', [WARMUP, quiet, { ...stretch(1, 50, { fails: 1 }), loopLagMs: 800 }]), {
    status: 'fail',
  });
});

t.test(
  'a response time of the whole run that is too long only while the generator stood still is not judged',
  async (t) => {
    // It read answers late, so the service times are too long as well.
    const stall = { ...stretch(1, 900, { health: 50 }), loopLagMs: 800 };
    const run = [WARMUP, stretch(6, 50), stall, stretch(6, 50)];
    for (const criterion of ['upload p95 < 200ms', 'upload service_time p95 < 200ms', 'max < 500ms', 'avg < 60ms']) {
      t.match(
        judged(criterion, run),
        { status: 'invalid', reason: /stood still in 2 of the 13 seconds; over the others it is 50 ms/ },
        criterion,
      );
    }
    t.match(judged('upload p50 < 200ms', run), { status: 'pass' }, 'what passes in spite of it has passed');
    t.match(judged('upload p95 < 200ms', [WARMUP, stall]), {
      status: 'invalid',
      reason: /stood still in every second that it was judged on/,
    });
    t.match(judged('upload p95 < 40ms', run), { status: 'fail' }, 'the other seconds miss it as well');
    const slow = [WARMUP, stretch(6, 50), stretch(1, 900), stretch(6, 50)];
    t.match(judged('upload p95 < 200ms', slow), { status: 'fail' }, 'a target that stands still is not excused');
    const early = [{ ...WARMUP, loopLagMs: 800 }, stretch(6, 50), stretch(1, 900), stretch(6, 50)];
    t.match(judged('upload p95 < 200ms', early), { status: 'fail' }, 'a stall of the warm-up excuses nothing later');
  },
);

t.test('a throughput that is missed only because virtual users waited for the generator is not judged', async (t) => {
  const waiting = (sendDelayMs: number, vus = 10) => [
    WARMUP,
    { seconds: 8, vus, operations: { upload: { perSecond: 100, ms: { 0: 100, 1: 100 }, sendDelayMs } } },
  ];
  t.match(judged('rps >= 110', waiting(20)), {
    status: 'invalid',
    reason: /waited for the load generator for 20% of their time; without that it would be about 125/,
  });
  t.match(judged('rps >= 130', waiting(20)), { status: 'fail' }, 'it would not have been enough');
  t.match(judged('rps >= 110', waiting(20, 1000)), { status: 'fail' }, 'users that think for long hardly wait');
  t.match(judged('rps >= 100.5', waiting(1)), { status: 'fail' }, 'every generator takes a moment');
});

t.test('the pauses of a journey are not delays of the generator', async (t) => {
  const tally = (criterion: string) => {
    const histogram = (us: number) => {
      const all = new Histogram();
      for (let n = 0; n < 100; n++) all.record(us);
      return [all.encode()];
    };
    const tally = { ...EMPTY_TALLY, requests: 100, durations: histogram(900_000), serviceTimes: histogram(90_000) };
    return generatorDelay(parseThreshold(criterion), tally);
  };
  t.match(tally('checkout p95 < 500ms'), { delayUs: 810_000 });
  t.equal(tally('journey shoppers p95 < 500ms'), undefined);
});
