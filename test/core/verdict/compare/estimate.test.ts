import t, { type Test } from 'tap';
import {
  betweenRuns,
  type Estimate,
  lagCorrelation,
  pairedEstimate,
} from '../../../../core/verdict/compare/estimate.ts';
import { studentTails } from '../../../../core/verdict/compare/significance.ts';

const BEFORE = [10.1, 10.4, 9.9].map(Math.log);
const AFTER = [11, 11.6, 11.1, 10.9].map(Math.log);
const LEFT = [1.02, 0.97, 1.01, 1.05, 0.94, 1, 1.03, 0.98, 0.99, 1.01];
const RIGHT = [1, 1.01, 0.97, 1.04, 0.99, 0.98, 1.05, 0.95, 1.02, 0.99];

function near(t: Test, actual: number, wanted: number, message: string): void {
  t.ok(Math.abs(actual - wanted) < 1e-9 * Math.max(1, Math.abs(wanted)), `${message}: ${actual} is ${wanted}`);
}

function pValue({ change, standardError, degreesOfFreedom }: Estimate): number {
  return studentTails(change / standardError, degreesOfFreedom);
}

// All numbers are those of scipy 1.17.1.
t.test('several runs a side: ttest_ind(after, before, equal_var=False)', async (t) => {
  const estimate = betweenRuns(BEFORE, AFTER, 0);
  near(t, estimate.change, 0.09552673807099055, 'change');
  near(t, estimate.change / estimate.standardError, 4.8068451490014965, 't');
  near(t, estimate.degreesOfFreedom, 4.724580259296295, 'degrees of freedom');
  near(t, pValue(estimate), 0.0056295548629365895, 'p');
});

t.test('one run beside several: ttest_ind([after], before, equal_var=True)', async (t) => {
  const estimate = betweenRuns(BEFORE, [Math.log(12)], 0);
  near(t, estimate.standardError, 0.028613975679862146, 'standard error');
  t.equal(estimate.degreesOfFreedom, 2);
  near(t, pValue(estimate), 0.027402860653838658, 'p');
  const mirrored = betweenRuns([Math.log(12)], BEFORE, 0);
  near(t, mirrored.standardError, estimate.standardError, 'the other way round');
});

t.test('pairs: ttest_rel(after + 0.02, before), where neighbours have nothing in common', async (t) => {
  const estimate = pairedEstimate(0.02, LEFT, RIGHT, 0);
  t.ok(lagCorrelation(RIGHT.map((value, i) => value - (LEFT[i] as number))) < 0);
  near(t, estimate.standardError, 0.010110500592068743, 'standard error');
  t.equal(estimate.degreesOfFreedom, 9);
});

t.test('pairs whose neighbours are alike are worth fewer', async (t) => {
  const wave = [-3, -2, -1, 0, 1, 2, 3, 2, 1, -3].map((value) => value / 100);
  const shared = lagCorrelation(wave);
  t.ok(shared > 0.3, String(shared));
  const apart = pairedEstimate(
    0.02,
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [-3, 3, -2, 2, -1, 1, 0, 2, 1, -3].map((v) => v / 100),
    0,
  );
  const together = pairedEstimate(0.02, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], wave, 0);
  near(t, (together.standardError / apart.standardError) ** 2, (1 + shared) / (1 - shared), 'variance');
  near(t, together.degreesOfFreedom, (10 * (1 - shared)) / (1 + shared) - 1, 'degrees of freedom');
});

t.test('no estimate is surer than its figures can be read', async (t) => {
  t.equal(pairedEstimate(0.001, LEFT, LEFT, 0.002).standardError, 0.002);
  t.equal(betweenRuns([1, 1, 1], [1, 1], 0.002).standardError, 0.002);
  t.equal(betweenRuns([1, 1, 1], [1, 1], 0.002).degreesOfFreedom, 3);
});
