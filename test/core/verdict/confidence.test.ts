import t from 'tap';
import { randomStream } from '../../../core/plan/random.ts';
import { Histogram } from '../../../core/stats/histogram.ts';
import { Distribution } from '../../../core/stats/merge-encoded.ts';
import { nearestRank } from '../../../core/stats/nearest-rank.ts';
import { intervalRanks, percentileInterval, samplesBeyond } from '../../../core/verdict/confidence.ts';
import fc from '../../kit/property.ts';

t.test('ranks as the tables of order statistics have them', async (t) => {
  // Conover, "Practical Nonparametric Statistics", and David & Nagaraja: 95 % intervals of the median.
  t.strictSame(intervalRanks(10, 0.5), { low: 2, high: 9 });
  t.strictSame(intervalRanks(20, 0.5), { low: 6, high: 15 });
  t.strictSame(intervalRanks(100, 0.5), { low: 40, high: 61 });
  t.strictSame(intervalRanks(200, 0.95), { low: 184, high: 197 });
});

t.test('too few samples leave a side open', async (t) => {
  const histogram = new Histogram();
  for (let ms = 1; ms <= 200; ms++) histogram.record(ms * 1000);
  t.match(percentileInterval(new Distribution(histogram.encode()), 0.999), { lowUs: Number, highUs: undefined });
  t.equal(samplesBeyond(200, 0.999), 0);
  t.equal(samplesBeyond(200, 0.95), 10);
  t.equal(samplesBeyond(100, 0.55), 45);
  t.strictSame(percentileInterval(new Distribution(new Histogram().encode()), 0.5), {
    lowUs: undefined,
    highUs: undefined,
  });
});

t.test('the exact bounds and the normal ones meet', async (t) => {
  const exact = intervalRanks(1000, 0.5);
  const normal = intervalRanks(1002, 0.5);
  t.ok(Math.abs(normal.low - exact.low) <= 2 && Math.abs(normal.high - exact.high) <= 3);
});

t.test('an interval holds its percentile and lies within the samples', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e7 }), fc.integer({ min: 1, max: 9999 }), (count, tenThousandth) => {
      const quantile = tenThousandth / 10_000;
      const { low, high } = intervalRanks(count, quantile);
      const rank = nearestRank(quantile, count);
      return low >= 0 && high <= count + 1 && low <= rank && rank <= high;
    }),
    { numRuns: 500 },
  );
});

t.test('19 of 20 intervals hold the true percentile', async (t) => {
  for (const [quantile, samples] of [
    [0.5, 50],
    [0.95, 400],
    [0.99, 2000],
  ] as const) {
    const random = randomStream(7, samples);
    const trueUs = quantile * 1e6;
    let held = 0;
    for (let trial = 0; trial < 400; trial++) {
      const histogram = new Histogram();
      for (let i = 0; i < samples; i++) histogram.record(Math.floor(random.next() * 1e6));
      const { lowUs = 0, highUs = 1e6 } = percentileInterval(new Distribution(histogram.encode()), quantile);
      if (lowUs <= trueUs && trueUs <= highUs) held++;
    }
    t.ok(held >= 370, `${quantile} of ${samples}: ${held} of 400`);
  }
});
