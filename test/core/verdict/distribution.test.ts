import t from 'tap';
import { Histogram } from '../../../core/stats/histogram.ts';
import { Distribution } from '../../../core/stats/merge-encoded.ts';
import { merged } from '../../../core/verdict/distribution.ts';
import fc from '../../kit/property.ts';

const samples = fc.array(fc.integer({ min: 0, max: 4_000_000_000 }), { maxLength: 50 });

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

t.test('reads what the histogram would', async (t) => {
  fc.assert(
    fc.property(samples, fc.double({ min: 0, max: 1, noNaN: true }), (values, quantile) => {
      const histogram = histogramOf(values);
      const distribution = new Distribution(histogram.encode());
      return (
        distribution.count === histogram.count &&
        distribution.minUs === histogram.minUs &&
        distribution.maxUs === histogram.maxUs &&
        distribution.meanUs === histogram.meanUs &&
        distribution.valueAtQuantileUs(quantile) === histogram.valueAtQuantileUs(quantile)
      );
    }),
  );
  const upTo100 = histogramOf(Array.from({ length: 100 }, (_, i) => i + 1));
  t.equal(new Distribution(upTo100.encode()).valueAtQuantileUs(0.55), 55);
});

t.test('merging is that of the histograms, whatever came before', async (t) => {
  fc.assert(
    fc.property(fc.array(samples, { maxLength: 4 }), (parts) => {
      const together = merged(parts.map((part) => histogramOf(part).encode()));
      return JSON.stringify(together.encoded) === JSON.stringify(histogramOf(parts.flat()).encode());
    }),
  );
  t.equal(merged([]).count, 0);
});
