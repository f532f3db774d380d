import t from 'tap';
import { exitCodeOf } from '../../../core/cli/exit-codes.ts';
import type { ThresholdResult } from '../../../core/stats/result.ts';

const completed = { kind: 'completed' } as const;
const reasons: string[] = [];
const thresholds: ThresholdResult[] = [
  { criterion: 'p95 < 1ms', severity: 'fail', status: 'pass', actual: 1, limit: 1000, unit: 'us', samples: 1 },
];

t.test('the verdict makes the exit code', async (t) => {
  t.equal(exitCodeOf({ ending: completed, verdict: { kind: 'pass', reasons }, thresholds }), 0);
  t.equal(exitCodeOf({ ending: completed, verdict: { kind: 'fail', reasons }, thresholds }), 99);
  t.equal(exitCodeOf({ ending: completed, verdict: { kind: 'invalid', reasons }, thresholds }), 120);
});

t.test('a run in which nothing could fail has not failed', async (t) => {
  t.equal(exitCodeOf({ ending: completed, verdict: { kind: 'pass', reasons }, thresholds: [] }), 0);
});

t.test('a run that someone stopped says so, whatever it measured until then', async (t) => {
  const ending = { kind: 'stopped', by: 'request', reason: 'Ctrl-C' } as const;
  for (const kind of ['pass', 'fail', 'invalid'] as const) {
    t.equal(exitCodeOf({ ending, verdict: { kind, reasons }, thresholds }), 105);
  }
});

t.test('a run that its thresholds stopped has failed them, and one that could not go on has not passed', async (t) => {
  const broken = { kind: 'stopped', by: 'threshold', reason: 'p95 < 1ms' } as const;
  t.equal(exitCodeOf({ ending: broken, verdict: { kind: 'fail', reasons }, thresholds }), 99);
  const failed = { kind: 'stopped', by: 'failure', reason: 'every agent was lost' } as const;
  t.equal(exitCodeOf({ ending: failed, verdict: { kind: 'invalid', reasons }, thresholds }), 120);
  t.equal(exitCodeOf({ ending: failed, verdict: { kind: 'pass', reasons }, thresholds }), 105);
});
