/** What was added to histograms in the last seconds is what it would be had it been counted apart. */

import t from 'tap';
import { RecentTimes } from '../../../core/series/recent-times.ts';
import { EMPTY_HISTOGRAM, Histogram } from '../../../core/stats/histogram.ts';
import { addedSince, Distribution, mergeEncoded } from '../../../core/stats/merge-encoded.ts';
import fc from '../../kit/property.ts';

function histogramOf(values: readonly number[]) {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram.encode();
}

t.test('what was added is exact but for its ends, which are known to their buckets', async (t) => {
  const times = fc.array(fc.nat({ max: 10_000_000 }), { maxLength: 40 });
  fc.assert(
    fc.property(times, times, (before, added) => {
      const [old, apart] = [histogramOf(before), histogramOf(added)];
      const { minUs, maxUs, ...rest } = addedSince(old, mergeEncoded(old, apart));
      const exact = new Distribution(apart);
      t.strictSame(rest, { sumUs: apart.sumUs, indices: apart.indices, counts: apart.counts });
      t.ok(maxUs >= exact.maxUs && maxUs <= exact.maxUs * 1.001, `${maxUs} is about ${exact.maxUs}`);
      t.ok(minUs <= exact.minUs && minUs >= exact.minUs / 1.001 - 1, `${minUs} is about ${exact.minUs}`);
    }),
    { numRuns: 50 },
  );
});

t.test('only what came in the last ten seconds counts, in the first ten everything', async (t) => {
  const recent = new RecentTimes();
  const labels = { operation: 'upload' };
  let histogram = EMPTY_HISTOGRAM;
  const after = (second: number, ...added: number[]) => {
    histogram = mergeEncoded(histogram, histogramOf(added));
    return recent.add(second, [{ labels, histogram }]).map(({ histogram: { sumUs } }) => sumUs);
  };
  t.same([after(4, 1), after(9, 10), after(14, 100), after(14), after(19, 1000)], [[1], [11], [110], [110], [1100]]);
  t.same(after(40, 10_000), [], 'with sums that are missing, it would be more than ten seconds');
  t.same(after(45), [], 'the last sums are five seconds old');
  t.same(after(50, 5), [5]);
});
