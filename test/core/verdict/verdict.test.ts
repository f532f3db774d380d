import t from 'tap';
import type { ThresholdResult, ValidityCheck } from '../../../core/stats/result.ts';
import { judge, marginOf, outcomeOf, thresholdSentence, verdictReasons } from '../../../core/verdict/verdict.ts';

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
    reasons: ['rps >= 300: broken with 240/s, 20% beyond the limit.'],
  });
  t.equal(judge([OK], [MET, UNJUDGED]).kind, 'invalid');
  t.equal(judge([OK], [UNJUDGED, BROKEN]).kind, 'fail', 'what is known to be broken is');
  const invalid = judge([BAD, OK], [BROKEN]);
  t.equal(invalid.kind, 'invalid');
  t.equal(invalid.reasons.length, 1, 'and says nothing of the target');
  t.match(invalid.reasons[0], /No request was measured/);
});

t.test('a shortfall is no excess, and a broken value is not its limit', async (t) => {
  t.equal(thresholdSentence(BROKEN, 'zh-CN'), 'rps >= 300：未达标，实际 240/s，与限值相差 20%。');
  const just = judged('rps >= 300', 'fail', 299.97, 300, 'perSecond');
  t.equal(thresholdSentence(just, 'en'), 'rps >= 300: broken with 299.97/s, 0.01% beyond the limit.');
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

t.test('one sentence for each, in both languages', async (t) => {
  t.equal(thresholdSentence(MET, 'en'), 'upload p95 < 200ms: met with 73 ms, a margin of 63.5%.');
  t.equal(thresholdSentence(MET, 'zh-CN'), 'upload p95 < 200ms：达标，实际 73 ms，余量 63.5%。');
  t.equal(
    thresholdSentence(UNJUDGED, 'en'),
    'lost == 0: could not be judged: no driver compared acknowledged writes with stored rows.',
  );
  t.strictSame(verdictReasons([], [BROKEN], 'zh-CN'), ['rps >= 300：未达标，实际 240/s，与限值相差 20%。']);
});

t.test('a run that ended before its time is no pass, whatever stopped it', async (t) => {
  const pass = { kind: 'pass' as const, reasons: [] };
  const fail = { kind: 'fail' as const, reasons: [] };
  t.equal(outcomeOf({ ending: { kind: 'completed' }, verdict: pass }), 'pass');
  for (const by of ['request', 'threshold', 'failure'] as const) {
    const ending = { kind: 'stopped' as const, by, reason: '' };
    t.equal(outcomeOf({ ending, verdict: pass }), 'aborted', by);
    t.equal(outcomeOf({ ending, verdict: fail }), by === 'request' ? 'aborted' : 'fail', by);
  }
});
