import t from 'tap';
import type { ThresholdResult, ValidityCheck } from '../../../core/stats/result.ts';
import { outcomeOf } from '../../../core/verdict/conclusion/run-outcome.ts';
import { chartOfLimit, judge, marginOf, thresholdSentence, verdictReasons } from '../../../core/verdict/verdict.ts';

const OK: ValidityCheck = {
  name: 'clock',
  ok: true,
  finding: '',
  message: { id: 'clock.ok', params: { uncertaintyUs: 1 } },
};
const BAD: ValidityCheck = {
  ...{ name: 'samples', ok: false, finding: '' },
  message: { id: 'samples.fail', params: {} },
};

function judged(
  criterion: string,
  status: 'pass' | 'fail',
  actual: number,
  limit: number,
  unit: Extract<ThresholdResult, { limit: number }>['unit'],
  severity: 'fail' | 'warn' = 'fail',
): ThresholdResult {
  return { criterion, severity, status, actual, limit, unit, samples: 10 };
}
const MET = judged('upload p95 < 200ms', 'pass', 73_000, 200_000, 'us');
const BROKEN = judged('rps >= 300', 'fail', 240, 300, 'perSecond');
const UNJUDGED: ThresholdResult = {
  ...{ criterion: 'lost == 0', severity: 'fail', status: 'invalid', reason: '' },
  message: { id: 'threshold.no-reconciliation', params: {} },
};

t.test('validity first, then broken criteria, then those without samples', async (t) => {
  t.strictSame(judge([OK], [MET]), { kind: 'pass', reasons: [] });
  t.strictSame(judge([OK], []), { kind: 'pass', reasons: [] });
  t.strictSame(judge([OK], [MET, BROKEN]), {
    kind: 'fail',
    reasons: ['rps >= 300: failed with 240/s, 20% under the limit.'],
  });
  t.equal(judge([OK], [MET, UNJUDGED]).kind, 'invalid');
  t.equal(judge([OK], [UNJUDGED, BROKEN]).kind, 'fail', 'what is known to be broken is');
  const invalid = judge([BAD, OK], [BROKEN]);
  t.equal(invalid.kind, 'invalid');
  t.equal(invalid.reasons.length, 1, 'and says nothing of the target');
  t.match(invalid.reasons[0], /No request was measured/);
});

t.test('a shortfall is no excess, and a broken value is not its limit', async (t) => {
  t.equal(thresholdSentence(BROKEN, 'zh-CN'), 'rps >= 300：未达标，实际为 240/s，比限值低 20%。');
  const just = judged('rps >= 300', 'fail', 299.97, 300, 'perSecond');
  t.equal(thresholdSentence(just, 'en'), 'rps >= 300: failed with 299.97/s, 0.01% under the limit.');
});

t.test('warnings change nothing', async (t) => {
  t.strictSame(
    judge(
      [OK],
      [
        { ...BROKEN, severity: 'warn' },
        { ...UNJUDGED, severity: 'warn' },
      ],
    ),
    {
      kind: 'pass',
      reasons: [],
    },
  );
});

t.test('the margin, as a share of the limit', async (t) => {
  const cases: [result: ThresholdResult, margin: number | undefined][] = [
    [MET, 0.635],
    [BROKEN, -0.2],
    [judged('lost == 0', 'pass', 0, 0, 'count'), undefined],
    [judged('fails <= 0', 'pass', 0, 0, 'count'), undefined],
    [judged('error_rate < 0.1%', 'pass', 0, 0.001, 'share'), 1],
    [judged('availability > 99.9%', 'pass', 0.9995, 0.999, 'share'), 0.5],
    [judged('availability >= 100%', 'fail', 0.9995, 1, 'share'), undefined],
    [UNJUDGED, undefined],
  ];
  for (const [result, margin] of cases) {
    const found = marginOf(result);
    if (margin === undefined) t.equal(found, undefined, result.criterion);
    else t.ok(Math.abs((found ?? Number.NaN) - margin) < 1e-9, `${result.criterion}: ${found}`);
  }
});

t.test('a limit is a line only in a chart that shows what it limits', async (t) => {
  const cases: [criterion: string, unit: 'us' | 'share' | 'perSecond' | 'count', chart: string | undefined][] = [
    ['p95 < 200ms', 'us', 'responseTime'],
    ['upload p95 < 200ms', 'us', 'responseTime'],
    ['http.connect p95 < 200ms', 'us', undefined],
    ['service_time p95 < 200ms', 'us', undefined],
    ['phase:warmup p95 < 200ms', 'us', undefined],
    ['journey order p95 < 2s', 'us', undefined],
    ['rps > 500', 'perSecond', 'throughput'],
    ['upload rps > 500', 'perSecond', undefined],
    ['scenario:devices rps > 500', 'perSecond', undefined],
    ['journey order rps > 5', 'perSecond', undefined],
    ['max_rps > 500', 'perSecond', undefined],
    ['error_rate < 1%', 'share', undefined],
    ['target.queue_depth max < 10', 'count', undefined],
  ];
  const operations = new Set(['upload']);
  for (const [criterion, unit, chart] of cases)
    t.equal(chartOfLimit(judged(criterion, 'pass', 1, 2, unit), operations), chart, criterion);
  t.equal(chartOfLimit(UNJUDGED, operations), undefined);
});

t.test('one sentence for each, in both languages', async (t) => {
  t.equal(thresholdSentence(MET, 'en'), 'upload p95 < 200ms: passed with 73 ms, a margin of 63.5%.');
  t.equal(thresholdSentence(MET, 'zh-CN'), 'upload p95 < 200ms：达标，实际为 73 ms，余量 63.5%。');
  t.equal(
    thresholdSentence(UNJUDGED, 'en'),
    'lost == 0: could not be judged: no driver compared acknowledged writes with stored rows.',
  );
  t.strictSame(verdictReasons([], [BROKEN], 'zh-CN'), ['rps >= 300：未达标，实际为 240/s，比限值低 20%。']);
});

t.test('a run that was stopped early has not passed, whatever stopped it', async (t) => {
  const pass = { kind: 'pass' as const, reasons: [] };
  const fail = { kind: 'fail' as const, reasons: [] };
  const thresholds = [MET];
  t.equal(outcomeOf({ ending: { kind: 'completed' }, verdict: pass, thresholds }), 'pass');
  for (const by of ['request', 'threshold', 'failure'] as const) {
    const ending = { kind: 'stopped' as const, by, reason: '' };
    t.equal(outcomeOf({ ending, verdict: pass, thresholds }), 'aborted', by);
    t.equal(outcomeOf({ ending, verdict: fail, thresholds }), by === 'request' ? 'aborted' : 'fail', by);
  }
});

t.test('a run without a criterion that could fail has not passed', async (t) => {
  const run = { ending: { kind: 'completed' as const }, verdict: judge([OK], []) };
  t.equal(outcomeOf({ ...run, thresholds: [] }), 'no-criteria');
  t.equal(outcomeOf({ ...run, thresholds: [{ ...MET, severity: 'warn' }] }), 'no-criteria', 'warnings cannot fail');
  t.equal(outcomeOf({ ...run, thresholds: [MET] }), 'pass');
  const stopped = { kind: 'stopped' as const, by: 'request' as const, reason: 'Ctrl-C' };
  t.equal(outcomeOf({ ...run, ending: stopped, thresholds: [] }), 'aborted');
});

t.test('how far a value is beyond its limit is said so that it is understood at first reading', async (t) => {
  const said = (...result: Parameters<typeof judged>) => thresholdSentence(judged(...result), 'en').split(', ')[1];
  t.equal(said('p95 < 200ms', 'fail', 231_000, 200_000, 'us'), '15.5% over the limit.');
  t.equal(said('error_rate < 0.1%', 'fail', 0.04923, 0.001, 'share'), '49 times the limit.');
  t.equal(said('p95 < 200ms', 'fail', 580_000, 200_000, 'us'), '2.9 times the limit.');
  t.equal(said('rps >= 300', 'fail', 3, 300, 'perSecond'), '99% under the limit.');
  t.equal(said('availability >= 99.9%', 'fail', 0.984, 0.999, 'share'), '16 times the allowed failures.');
  t.equal(said('availability >= 99%', 'fail', 0.986, 0.99, 'share'), '40% more failures than allowed.');
  t.equal(said('max < 200ms', 'fail', 200_000, 200_000, 'us'), 'exactly the limit.');
});

t.test('a criterion that the plan does not have is named as a default', async (t) => {
  const result = { ...judged('error_rate < 1%', 'fail', 0.75, 0.01, 'share'), isDefault: true };
  t.equal(thresholdSentence(result, 'en'), 'error_rate < 1% (default): failed with 75%, 75 times the limit.');
  t.equal(thresholdSentence(result, 'zh-CN'), 'error_rate < 1%（默认）：未达标，实际为 75%，是限值的 75 倍。');
});
