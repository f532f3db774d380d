import t from 'tap';
import type { RunResult } from '../../../../core/stats/result.ts';
import { compareRuns } from '../../../../core/verdict/compare/compare-runs.ts';
import type { ComparedFigure, RunComparison } from '../../../../core/verdict/compare/run-comparison.ts';
import { UPLOAD_MS, uploadPlan } from '../../../kit/results/documents.ts';
import { type RandomRun, randomRun } from '../../../kit/results/random-runs.ts';
import { buildResult } from '../../../kit/results/results.ts';

// On a busy host, simulating so many runs takes a while.
t.setTimeout(400_000);

const CALM: RandomRun = { seconds: 30, meanUs: 10_000, secondSpread: 0.03, persistence: 0.5, runSpread: 0 };
const OPTIONS = { tolerance: 0, trustsAll: false };

function figureOf({ rows }: RunComparison, operation: string | undefined, figure: string): ComparedFigure {
  const row = rows.find((one) => one.operation?.name === operation);
  return row?.figures.find((one) => one.figure === figure) as ComparedFigure;
}

function named({ rows }: RunComparison): ComparedFigure[] {
  return rows.flatMap(({ figures }) => figures).filter(({ word }) => word === 'better' || word === 'worse');
}

/** So many runs of the same target, or of one that takes so many times as long. */
function runs(count: number, firstSeed: number, factor = 1, shape = CALM): RunResult[] {
  return Array.from({ length: count }, (_, i) => {
    return randomRun({ ...shape, meanUs: shape.meanUs * factor }, firstSeed + i);
  });
}

t.test('journeys are rows after the operations, and a step is an operation', async (t) => {
  const withJourney = (run: RunResult): RunResult => ({
    ...run,
    journeys: run.operations.slice(0, 1).map(({ scenario, phases }) => ({ scenario, name: scenario, phases })),
    timeline: { ...run.timeline, journeys: run.timeline.operations.slice(0, 1) },
  });
  const [before, after] = [...runs(1, 1), ...runs(1, 2, 1.5)].map(withJourney) as [RunResult, RunResult];
  const { rows } = compareRuns([before], [after], OPTIONS);
  t.strictSame(
    rows.map(({ operation }) => [operation?.name, operation?.isJourney === true]),
    [
      [undefined, false],
      ['upload', false],
      ['health', false],
      ['devices', true],
    ],
  );
  t.strictSame(rows[3]?.figures, rows[1]?.figures, 'its figures are those of its passes');
  t.equal(rows[3]?.figures.find(({ figure }) => figure === 'p95')?.word, 'worse');
  const { journeys: _, ...older } = after;
  const lacking = compareRuns([before], [older], OPTIONS).rows[3];
  t.match(lacking?.figures[0], { word: 'incomparable', reason: { id: 'compare.no-row' } });
});

t.test('spans of scripts are rows after the journeys; of older results only several runs a side', async (t) => {
  const withSpan = (run: RunResult): RunResult => ({
    ...run,
    measures: run.operations.slice(0, 1).map(({ scenario, name, phases }) => ({ scenario, name, phases })),
    timeline: { ...run.timeline, measures: run.timeline.operations.slice(0, 1) },
  });
  const older = (run: RunResult): RunResult => {
    const { measures: _, ...timeline } = run.timeline;
    return { ...run, timeline };
  };
  const [before, after] = [runs(3, 1).map(withSpan), runs(3, 10, 1.5).map(withSpan)];
  const [one, other] = [before.slice(0, 1), after.slice(0, 1)];
  const { rows } = compareRuns(one, other, OPTIONS);
  t.strictSame(
    rows[3]?.operation,
    { scenario: 'devices', name: 'upload', isSpan: true },
    'beside the operation of its name',
  );
  t.strictSame(rows[3]?.figures, rows[1]?.figures);
  t.equal(rows[3]?.figures.find(({ figure }) => figure === 'p95')?.word, 'worse');
  const single = compareRuns(one.map(older), other, OPTIONS).rows[3];
  t.match(single?.figures[0], { word: 'incomparable', reason: { id: 'compare.no-course' } });
  const several = compareRuns(before.map(older), after, OPTIONS).rows[3];
  t.equal(several?.figures.find(({ figure }) => figure === 'p95')?.word, 'worse');
});

t.test('the same target 20 times: at most one difference is named; the figures are in the benchmark', async (t) => {
  for (const [count, shape] of [
    [1, CALM],
    [3, { ...CALM, runSpread: 0.01 }],
  ] as const) {
    const comparisons = Array.from({ length: 20 }, (_, i) => {
      return compareRuns(runs(count, 1000 + 10 * i, 1, shape), runs(count, 2000 + 10 * i, 1, shape), OPTIONS);
    });
    t.ok(comparisons.filter((one) => named(one).length > 0).length <= 1, JSON.stringify([count, shape]));
  }
});

t.test('a tenth more service time is found with three runs of 30 s a side, 19 times of 20', async (t) => {
  const shape = { ...CALM, runSpread: 0.01 };
  const found = Array.from({ length: 20 }, (_, i) => {
    return compareRuns(runs(3, 3000 + 10 * i, 1, shape), runs(3, 4000 + 10 * i, 1.1, shape), OPTIONS);
  }).filter((one) => figureOf(one, undefined, 'avg').word === 'worse');
  t.ok(found.length >= 19, `${found.length} of 20`);
});

t.test('what is told, and how', async (t) => {
  const comparison = compareRuns(runs(1, 1), runs(1, 2, 1.5), OPTIONS);
  t.equal(comparison.outcome, 'worse');
  t.equal(comparison.method, 'stretches');
  t.strictSame(
    comparison.rows.map(({ operation }) => operation?.name),
    [undefined, 'upload', 'health'],
  );
  const avg = figureOf(comparison, undefined, 'avg');
  if (avg.word === 'incomparable') throw new Error(avg.reason.id);
  t.equal(avg.word, 'worse');
  t.ok(Math.abs(avg.change - 0.5) < 0.05, String(avg.change));
  t.ok(avg.interval.low > 0 && avg.interval.low < avg.change && avg.interval.high > avg.change);
  t.ok((avg.widening ?? 0) > 1, 'seconds that are alike');
  t.equal(figureOf(comparison, undefined, 'rps').word, 'worse', 'fewer requests a second are worse');
  t.equal(figureOf(comparison, undefined, 'error_rate').word, 'same');
  t.equal(compareRuns(runs(1, 2, 1.5), runs(1, 1), OPTIONS).outcome, 'better', 'and the other way round');
  t.equal(compareRuns(runs(1, 1), runs(1, 2, 1.5), { ...OPTIONS, tolerance: 0.8 }).outcome, 'within');
  const several = compareRuns(runs(3, 1), runs(2, 9), OPTIONS);
  t.equal(several.method, 'runs');
  t.match(several.notes.at(-1), { id: 'compare.runs-needed', params: { runs: 2, change: 0.1 } });
});

t.test(
  'where seconds are alike for long, no difference is named, and it is said how long runs have to be',
  async (t) => {
    const slow = { ...CALM, persistence: 0.95 };
    const comparisons = Array.from({ length: 40 }, (_, i) => {
      return compareRuns(runs(1, 5000 + 10 * i, 1, slow), runs(1, 6000 + 10 * i, 1, slow), OPTIONS);
    });
    t.ok(comparisons.filter((one) => named(one).length > 0).length <= 2);
    const notes = comparisons.flatMap(({ notes }) => notes.filter(({ id }) => id === 'compare.slow'));
    t.ok(notes.length > 35, `${notes.length} of 40`);
    const intervals = comparisons
      .flatMap(({ rows }) => rows.flatMap(({ figures }) => figures))
      .flatMap((one) => ('interval' in one ? [one.interval.low, one.interval.high] : []));
    t.ok(
      intervals.every((bound) => bound >= -1 && bound < 1e9),
      'however little is known',
    );
    for (const { params } of notes) t.ok((params.independent as number) <= 8 && (params.neededUs as number) > 30e6);
  },
);

t.test(
  'a target that became three times as slow is told from one run a side, however alike its seconds are',
  async (t) => {
    const slow = { ...CALM, persistence: 0.95 };
    const told = Array.from({ length: 20 }, (_, i) => {
      return compareRuns(runs(1, 7000 + 10 * i, 1, slow), runs(1, 8000 + 10 * i, 3, slow), OPTIONS);
    }).filter((one) => one.outcome === 'worse' && figureOf(one, undefined, 'avg').word === 'worse');
    t.equal(told.length, 20);
  },
);

t.test('more failures count whatever the tolerance, and make nothing look faster', async (t) => {
  const failing = { ...CALM, failures: 0.2 };
  const comparison = compareRuns(runs(1, 1), runs(1, 2, 0.7, failing), { ...OPTIONS, tolerance: 1 });
  t.equal(comparison.outcome, 'worse');
  t.match(figureOf(comparison, 'upload', 'error_rate'), { word: 'worse' });
  const faster = compareRuns(runs(1, 1), runs(1, 2, 0.7, failing), OPTIONS);
  t.match(figureOf(faster, 'upload', 'avg'), { word: 'incomparable', reason: { id: 'compare.fast-failures' } });
});

t.test('before and after of document 002: 50 % more requests, 35 % less response time', async (t) => {
  const shape = (perSecond: number, factor: number) => ({
    plan: uploadPlan({ thresholds: [], monitors: {} }),
    runId: `run-${perSecond}`,
    stretches: [
      {
        seconds: 60,
        vus: 100,
        operations: {
          upload: {
            perSecond,
            ms: Object.fromEntries(Object.entries(UPLOAD_MS).map(([share, ms]) => [share, ms * factor])),
          },
        },
      },
    ],
  });
  const comparison = compareRuns([buildResult(shape(200, 1))], [buildResult(shape(300, 0.65))], OPTIONS);
  t.match(figureOf(comparison, 'upload', 'rps'), { word: 'better', before: 200, after: 300 });
  const median = figureOf(comparison, 'upload', 'p50');
  t.ok(median.word === 'better' && Math.abs(median.change + 0.35) < 0.005);
  t.match(figureOf(comparison, 'health', 'rps'), { word: 'incomparable', reason: { id: 'compare.no-requests' } });
});

t.test('nothing is a figure of its own where there is too little', async (t) => {
  const short = compareRuns(runs(1, 1, 1, { ...CALM, seconds: 9 }), runs(1, 2), OPTIONS);
  t.equal(short.outcome, 'incomparable');
  t.match(figureOf(short, undefined, 'p50'), { reason: { id: 'compare.short' } });
  const few = compareRuns(runs(1, 1, 200), runs(1, 2, 200), OPTIONS);
  t.match(figureOf(few, undefined, 'p99'), { reason: { id: 'compare.few-requests' } });
  const [one] = runs(1, 1);
  const [other] = runs(1, 2);
  const renamed = { ...(other as RunResult), operations: (other as RunResult).operations.slice(0, 1) };
  const comparison = compareRuns([one as RunResult], [renamed], OPTIONS);
  t.match(figureOf(comparison, 'health', 'p50'), { reason: { id: 'compare.no-row' } });
});

t.test('a run that cannot be trusted', async (t) => {
  const [before, after] = [runs(1, 1), runs(1, 2)];
  const busy = after.map((run) => ({ ...run, validity: run.validity.map((check) => ({ ...check, ok: false })) }));
  t.equal(compareRuns(before, busy, OPTIONS).outcome, 'invalid');
  t.equal(compareRuns(before, busy, { ...OPTIONS, trustsAll: true }).outcome, 'same');
});

t.test('ratios are rows after the operations: a share whose change is told in points', async (t) => {
  /** 100 attempts a second, of which so many are hits: one more in each third second, one less in each fourth. */
  const counting = (run: RunResult, hits: number, more: object = {}): RunResult => {
    const hitsAt = run.timeline.vus.map((_, second) => hits + (second % 3 === 0 ? 1 : 0) - (second % 4 === 0 ? 1 : 0));
    const counts = { hits: hitsAt.reduce((sum, count) => sum + count, 0), of: hitsAt.length * 100 };
    const phases = { warmup: { hits: 0, of: 0 }, measure: counts };
    const ratios = [{ hits: hitsAt, of: hitsAt.map(() => 100) }];
    return { ...run, ratios: [{ name: 'find.recall', phases, ...more }], timeline: { ...run.timeline, ratios } };
  };
  const [run, other] = runs(2, 1) as [RunResult, RunResult];
  const compared = (before: RunResult, after: RunResult, tolerance = 0) => {
    const comparison = compareRuns([before], [after], { ...OPTIONS, tolerance });
    return { comparison, row: comparison.rows.at(-1) };
  };

  const worse = compared(counting(run, 95), counting(other, 85));
  t.match(worse.row, { operation: undefined, ratio: 'find.recall', figures: [{ figure: 'ratio', word: 'worse' }] });
  t.equal(worse.comparison.outcome, 'worse');
  const [found] = worse.row?.figures ?? [];
  if (found === undefined || found.word === 'incomparable') throw new Error('it is not comparable');
  t.ok(Math.abs(found.change + 0.1) < 1e-9, `${found.change}`);
  t.ok(
    found.interval.low < -0.1 && found.interval.high > -0.1 && found.interval.high < 0,
    JSON.stringify(found.interval),
  );

  t.match(compared(counting(run, 85), counting(other, 95)).row?.figures, [{ word: 'better' }]);
  t.match(compared(counting(run, 95), counting(other, 95)).row?.figures, [{ word: 'same' }]);
  t.match(compared(counting(run, 95), counting(other, 94), 0.1).row?.figures, [{ word: /within|same/ }]);
  const voided = compared(counting(run, 95), counting(other, 95, { voidReason: 'rows were written' }));
  t.match(voided.row?.figures, [
    { word: 'incomparable', reason: { id: 'compare.void-ratio', params: { reason: 'rows were written' } } },
  ]);
  t.match(compared(counting(run, 95), other).row?.figures, [{ reason: { id: 'compare.no-ratio' } }]);
  const many = (hits: number) => runs(3, hits).map((one, i) => counting(one, hits + i));
  t.match(compareRuns(many(95), many(80), OPTIONS).rows.at(-1)?.figures, [{ figure: 'ratio', word: 'worse' }]);
});
