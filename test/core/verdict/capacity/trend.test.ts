/** Whether a series keeps its level, beside scipy. */

import t from 'tap';
import { isSteady, trendOf } from '../../../../core/verdict/capacity/trend.ts';
import fc from '../../../kit/property.ts';

/** scipy 1.17.1: `norm.isf(kendalltau(range(n), y, method='asymptotic').pvalue / 2)` with its sign, and `theilslopes(y).slope`. */
const SCIPY: readonly (readonly [values: readonly number[], z: number, slope: number])[] = [
  [[4.1, 5.2, 4.8, 6.1, 5.9, 7.2, 6.8, 8.1], 2.721794126179664, 0.5],
  [[800, 799, 803, 800, 800, 798, 801, 800], 0, 0],
  [[9, 8, 8, 7, 5, 5, 5, 2, 1, 1], -3.6616691861841213, -1],
];

t.test('the numbers of scipy', async (t) => {
  for (const [values, z, slope] of SCIPY) {
    const trend = trendOf(values);
    t.ok(Math.abs(trend.z - z) < 1e-6, `z ${trend.z}, scipy ${z}`);
    t.ok(Math.abs(trend.slope - slope) < 1e-9, `slope ${trend.slope}, scipy ${slope}`);
  }
});

t.test('what rises has a trend unless that does not matter, and what keeps its level has none', async (t) => {
  t.notOk(isSteady([10, 11, 12, 13, 14, 15, 16, 17], 1));
  t.ok(isSteady([10, 11, 12, 13, 14, 15, 16, 17], 8), 'less than matters');
  t.ok(isSteady([800, 800, 800, 800, 800], 0));
  t.ok(isSteady([5, 9, 4, 8, 6, 7, 5, 8], 0));
  t.ok(isSteady([1], 0));
});

t.test('a series read backwards has the opposite trend', async () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 2, maxLength: 20 }), (values) => {
      const [there, back] = [trendOf(values), trendOf(values.toReversed())];
      return Math.abs(there.z + back.z) < 1e-9 && Math.abs(there.slope + back.slope) < 1e-9;
    }),
  );
});
