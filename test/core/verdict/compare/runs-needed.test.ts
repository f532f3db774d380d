import t from 'tap';
import { runsNeeded } from '../../../../core/verdict/compare/significance.ts';

// The least n with 1 - nct.cdf(t.ppf(.975, 2n-2), 2n-2, log(1.1)/(sd*sqrt(2/n))) >= .95 by scipy 1.17.1.
t.test('how many runs a side find a change of a tenth, by how much runs differ', async (t) => {
  const found = [0.005, 0.02, 0.03, 0.05].map((spread) => runsNeeded(spread, Math.log(1.1)));
  t.strictSame(found, [2, 3, 4, 9]);
  t.equal(runsNeeded(0.5, Math.log(1.1)), undefined, 'more than anybody would make');
  t.equal(runsNeeded(0, Math.log(1.1)), 2);
});
