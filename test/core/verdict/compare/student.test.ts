import t from 'tap';
import { studentQuantile, studentTails } from '../../../../core/verdict/compare/student.ts';
import fc from '../../../kit/property.ts';

/** scipy 1.17.1: `2 * stats.t.sf(abs(t), df)` and `stats.t.isf(p / 2, df)`. */
const TAILS = [
  [0.5, 1, 0.7048327646991335],
  [2, 4, 0.11611652351681556],
  [3.5, 2.7, 0.04652560492194133],
  [-2.2, 19, 0.04038110164617408],
  [8, 38.5, 1.0377866405343141e-9],
  [0, 7, 1],
  [40, 3, 3.4380680789158506e-5],
] as const;
const QUANTILES = [
  [0.05, 4, 2.7764451051977943],
  [0.05, 19, 2.09302405440831],
  [0.0004, 2.3, 32.856751501402826],
  [0.5, 1, 1.0000000000000002],
  [0.01, 60, 2.660283028855037],
] as const;

t.test('the numbers of scipy', async (t) => {
  for (const [value, df, tails] of TAILS)
    t.ok(Math.abs(studentTails(value, df) / tails - 1) < 1e-10, `${value}, ${df}`);
  for (const [tails, df, value] of QUANTILES)
    t.ok(Math.abs(studentQuantile(tails, df) / value - 1) < 1e-10, `${tails}, ${df}`);
  t.equal(studentTails(Number.POSITIVE_INFINITY, 3), 0);
});

t.test('the quantile is the inverse of the tails', async () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1e-9, max: 1, noNaN: true }),
      fc.double({ min: 1, max: 500, noNaN: true }),
      (p, df) => {
        return Math.abs(studentTails(studentQuantile(p, df), df) - p) < 1e-9;
      },
    ),
  );
});
