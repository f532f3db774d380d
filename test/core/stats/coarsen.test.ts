import t from 'tap';
import { coarseErrorBound, coarsened } from '../../../core/stats/coarsen.ts';
import { Histogram } from '../../../core/stats/histogram.ts';
import fc from '../../kit/property.ts';

const value = fc.oneof(fc.nat(5000), fc.nat(4_000_000), fc.nat(4_000_000_000));

t.test('a coarse histogram tells percentiles within its bound, never below, and the rest exactly', (t) => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 200 }), fc.constantFrom(16, 64), (values, together) => {
      const exact = new Histogram();
      for (const one of values) exact.record(one);
      const coarse = Histogram.decode(coarsened(exact.encode(), together));
      t.same(
        [coarse.count, coarse.sumUs, coarse.minUs, coarse.maxUs],
        [exact.count, exact.sumUs, exact.minUs, exact.maxUs],
      );
      for (const quantile of [0.01, 0.5, 0.9, 0.99, 1]) {
        const is = exact.valueAtQuantileUs(quantile);
        const told = coarse.valueAtQuantileUs(quantile);
        // Below 1024 µs a bucket is a microsecond: the bound is then so many of them.
        const bound = Math.max(together - 1, is * coarseErrorBound(together));
        t.ok(told >= is && told <= is + bound, `${told} for ${is}`);
      }
    }),
    { numRuns: 200 },
  );
  t.end();
});

t.test('however many samples, a coarse histogram stays small', (t) => {
  const histogram = new Histogram();
  for (let us = 1; us < 60_000_000; us += 1 + (us >> 11)) histogram.record(us);
  const encoded = histogram.encode();
  t.ok(encoded.indices.length > 10_000);
  t.ok(coarsened(encoded, 16).indices.length <= encoded.indices.length / 15);
  t.end();
});
