import t from 'tap';
import { nearestRank } from '../../../core/stats/nearest-rank.ts';
import fc from '../../kit/property.ts';

t.test('is that of whole numbers, whatever floating point makes of the product', async (t) => {
  t.equal(nearestRank(0.55, 100), 55);
  t.equal(nearestRank(0.551, 100), 56);
  t.equal(nearestRank(1, 7), 7);
  t.equal(nearestRank(0.5, 0), 0);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 0, max: 1e9 }), (tenThousandths, count) => {
      const exact = (BigInt(tenThousandths) * BigInt(count) + 9_999n) / 10_000n;
      return nearestRank(tenThousandths / 10_000, count) === Number(exact);
    }),
    { numRuns: 2_000 },
  );
});
