import t, { type Test } from 'tap';
import {
  betweenRuns,
  type Estimate,
  independentValues,
  keptAtMost,
  keptShare,
  lagCorrelation,
  pairedEstimate,
  persistenceError,
  waveError,
} from '../../../../core/verdict/compare/estimate.ts';
import { studentTails } from '../../../../core/verdict/compare/student.ts';

const BEFORE = [10.1, 10.4, 9.9].map(Math.log);
const AFTER = [11, 11.6, 11.1, 10.9].map(Math.log);
const LEFT = [1.02, 0.97, 1.01, 1.05, 0.94, 1, 1.03, 0.98, 0.99, 1.01];
const RIGHT = [1, 1.01, 0.97, 1.04, 0.99, 0.98, 1.05, 0.95, 1.02, 0.99];
const DIFFERENCES = RIGHT.map((value, i) => value - (LEFT[i] as number));
const WAVE = [-3, -2, -1, 0, 1, 2, 3, 2, 1, -3].map((value) => value / 100);

function near(t: Test, actual: number, wanted: number, message: string): void {
  t.ok(Math.abs(actual - wanted) < 1e-9 * Math.max(1, Math.abs(wanted)), `${message}: ${actual} is ${wanted}`);
}

function pValue({ change, standardError, degreesOfFreedom }: Estimate): number {
  return studentTails(change / standardError, degreesOfFreedom);
}

// All numbers are those of scipy 1.17.1.
t.test('several runs a side: ttest_ind(after, before, equal_var=True)', async (t) => {
  const estimate = betweenRuns(BEFORE, AFTER, 0);
  near(t, estimate.change, 0.09552673807099055, 'change');
  near(t, estimate.change / estimate.standardError, 4.719852733547333, 't');
  t.equal(estimate.degreesOfFreedom, 5);
  near(t, pValue(estimate), 0.005243312610044822, 'p');
});

t.test('one run beside several: ttest_ind([after], before, equal_var=True)', async (t) => {
  const estimate = betweenRuns(BEFORE, [Math.log(12)], 0);
  near(t, estimate.standardError, 0.028613975679862146, 'standard error');
  t.equal(estimate.degreesOfFreedom, 2);
  near(t, pValue(estimate), 0.027402860653838658, 'p');
  const mirrored = betweenRuns([Math.log(12)], BEFORE, 0);
  near(t, mirrored.standardError, estimate.standardError, 'the other way round');
});

// By numpy 2: np.mean([(np.sqrt(2/n)*(d*np.cos(np.pi*j*(np.arange(n)+.5)/n)).sum())**2 for j in range(1,B+1)]).
t.test('the slow waves of a series', async (t) => {
  near(t, waveError(DIFFERENCES, 3), 0.002611366610589562, 'of one without moods');
  near(t, waveError(WAVE, 3), 0.011093197079538682, 'of one with moods');
  near(t, waveError(WAVE, 4), 0.010023752904923263, 'one wave more');
});

t.test('a series that keeps a share of what was before', async (t) => {
  t.ok(lagCorrelation(DIFFERENCES) < -0.2, 'neighbours that have nothing in common: as ttest_rel(after, before)');
  near(t, persistenceError(DIFFERENCES, keptShare(DIFFERENCES, 0)), 0.010110500592068743, 'of one without moods');
  near(t, persistenceError(WAVE, keptShare(WAVE, 0)), 0.022336875373885286, 'of one with moods');
  t.equal(keptShare(DIFFERENCES, 0), 0);
  const long = [...WAVE, ...WAVE, ...WAVE];
  near(t, keptShare(long, 0), 0.7619047619047621, 'of one with moods');
  near(t, keptShare(long, 0.0017019258867935262), 0.9440476190476192, 'of which the chance of samples hides a fifth');
  near(t, keptShare(long, 1), 0.97, 'and half at most');
  t.equal(keptShare(DIFFERENCES, 0.01), 0, 'but where nothing is seen, nothing is hidden');
  near(t, independentValues(30, 0.5), 10, 'half kept: a third of the values');
});

// By Python: sin(min(pi/2, asin(share) + 1/sqrt(count))).
t.test('a short series may keep more than it shows, and a long one hardly more', async (t) => {
  near(t, keptAtMost(0, 30), 0.181561573963312, 'nothing shown');
  near(t, keptAtMost(0.5, 30), 0.6489267245132697, 'half shown');
  near(t, keptAtMost(0.5, 240), 0.5548215818726304, 'of a longer series');
  near(t, keptAtMost(0.9, 30), 0.9641824756915437, 'hardly more than one mood');
  t.equal(keptAtMost(0.97, 30), 0.97, 'beyond the top of the sine, too');
});

t.test('pairs: the larger of both errors, and few degrees of freedom where moods are few', async (t) => {
  const estimate = pairedEstimate(0.02, DIFFERENCES, 0, keptShare(DIFFERENCES, 0));
  near(t, estimate.standardError, 0.010110500592068743, 'standard error');
  t.equal(estimate.degreesOfFreedom, 4);
  const mood = Array.from({ length: 120 }, (_, i) => Math.cos((Math.PI * (i + 0.5)) / 120));
  const slow = pairedEstimate(0.02, mood, 0, keptShare(mood, 0));
  t.ok(slow.standardError >= waveError(mood, 6));
  t.equal(slow.degreesOfFreedom, 2, 'one mood');
  t.equal(pairedEstimate(0.02, mood, 0, 0).degreesOfFreedom, 6, 'as many as there are waves');
});

t.test('no estimate is surer than its figures can be read', async (t) => {
  t.equal(
    pairedEstimate(
      0.001,
      LEFT.map(() => 0),
      0.002,
      0,
    ).standardError,
    0.002,
  );
  t.equal(betweenRuns([1, 1, 1], [1, 1], 0.002).standardError, 0.002);
  t.equal(betweenRuns([1, 1, 1], [1, 1], 0.002).degreesOfFreedom, 3);
});
