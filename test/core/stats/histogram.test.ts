import { build, type JsHistogram } from 'hdr-histogram-js';
import t from 'tap';
import {
  BUCKET_COUNT,
  bucketHighestUs,
  bucketIndex,
  bucketLowestUs,
  EMPTY_HISTOGRAM,
  HIGHEST_TRACKABLE_US,
  Histogram,
  RELATIVE_ERROR_BOUND,
} from '../../../core/stats/histogram.ts';
import { countOf, mergeEncoded } from '../../../core/stats/merge-encoded.ts';
import fc from '../../kit/property.ts';

const QUANTILES = [0, 0.01, 0.25, 0.5, 0.55, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1];

/** Durations as they come: most small, some large, up to an hour. */
const duration = fc
  .oneof(
    fc.nat(3000),
    fc.nat(2_000_000),
    fc.nat(HIGHEST_TRACKABLE_US),
    // The edges of buckets are where layouts differ.
    fc.integer({ min: 0, max: 31 }).chain((bit) => fc.integer({ min: -2, max: 2 }).map((by) => 2 ** bit + by)),
  )
  .map((us) => Math.min(Math.max(us, 0), HIGHEST_TRACKABLE_US));
const durations = fc.array(duration, { minLength: 1, maxLength: 400 });

function histogramOf(valuesUs: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of valuesUs) histogram.record(value);
  return histogram;
}

function oracleOf(valuesUs: readonly number[]) {
  const oracle = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_TRACKABLE_US,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 64,
    useWebAssembly: false,
  });
  for (const value of valuesUs) oracle.recordValue(value);
  return oracle;
}

t.test('counts and percentiles are those of the HDR library', (t) => {
  fc.assert(
    fc.property(durations, (values) => {
      const histogram = histogramOf(values);
      const oracle = oracleOf(values);
      if (histogram.count !== oracle.totalCount) t.fail('counts differ');
      for (const quantile of QUANTILES.slice(1)) {
        const mine = histogram.valueAtQuantileUs(quantile);
        // The library gives the end of the last bucket; this one never more than the true greatest.
        const theirs = Math.min(oracle.getValueAtPercentile(quantile * 100), histogram.maxUs);
        if (mine !== theirs) t.fail(`quantile ${quantile} of ${values}: ${mine}, the library says ${theirs}`);
      }
    }),
    { numRuns: 150 },
  );
  t.pass();
  t.end();
});

t.test('buckets are those of the HDR library', (t) => {
  fc.assert(
    fc.property(duration, (us) => {
      const oracle = oracleOf([]) as JsHistogram;
      const index = bucketIndex(us);
      return (
        bucketLowestUs(index) === oracle.lowestEquivalentValue(us) &&
        bucketHighestUs(index) === oracle.highestEquivalentValue(us) &&
        index < BUCKET_COUNT
      );
    }),
    { numRuns: 500 },
  );
  t.pass();
  t.end();
});

t.test('a percentile is off by less than the promised bound, and never above the greatest', (t) => {
  fc.assert(
    fc.property(durations, fc.constantFrom(...QUANTILES), (values, quantile) => {
      const sorted = values.toSorted((a, b) => a - b);
      const rank = Math.max(1, Math.ceil(quantile * sorted.length - 1e-9));
      const exact = sorted[rank - 1] as number;
      const got = histogramOf(values).valueAtQuantileUs(quantile);
      return got >= exact && got <= exact * (1 + RELATIVE_ERROR_BOUND) + 0.001 && got <= (sorted.at(-1) as number);
    }),
    { numRuns: 300 },
  );
  t.pass();
  t.end();
});

t.test('count, sum, least, greatest and mean are exact', (t) => {
  const histogram = histogramOf([7, 1_234_567, 3_599_999_999, 7]);
  t.equal(histogram.count, 4);
  t.equal(histogram.sumUs, 7 + 1_234_567 + 3_599_999_999 + 7);
  t.equal(histogram.minUs, 7);
  t.equal(histogram.maxUs, 3_599_999_999);
  t.equal(histogram.meanUs, histogram.sumUs / 4);
  t.equal(histogram.valueAtQuantileUs(1), 3_599_999_999);
  t.end();
});

t.test('ranks are exact where the product with the count is not', (t) => {
  const histogram = histogramOf(Array.from({ length: 100 }, (_, i) => i + 1));
  for (const [quantile, rank] of [
    [0.07, 7],
    [0.55, 55],
    [0.56, 56],
    [0.57, 57],
    [0.95, 95],
    [0.951, 96],
  ] as const) {
    t.equal(histogram.valueAtQuantileUs(quantile), rank);
  }
  t.end();
});

t.test('values out of range are kept: below 0 as 0, above the hour with their true greatest', (t) => {
  const histogram = histogramOf([-5, 10 * HIGHEST_TRACKABLE_US]);
  t.equal(histogram.count, 2);
  t.equal(histogram.minUs, 0);
  t.equal(histogram.maxUs, 10 * HIGHEST_TRACKABLE_US);
  t.same(histogram.encode().indices, [0, BUCKET_COUNT - 1]);
  t.end();
});

t.test('an empty histogram has zeros, encodes to nothing and adds nothing', (t) => {
  const histogram = new Histogram();
  t.equal(histogram.valueAtQuantileUs(0.99), 0);
  t.equal(histogram.minUs, 0);
  t.equal(histogram.meanUs, 0);
  t.same(histogram.encode(), EMPTY_HISTOGRAM);
  const other = histogramOf([5]);
  other.add(histogram);
  other.addEncoded(EMPTY_HISTOGRAM);
  t.same(other.encode(), histogramOf([5]).encode());
  t.end();
});

t.test('encoding and decoding, clearing and using again change nothing', (t) => {
  fc.assert(
    fc.property(durations, durations, (first, second) => {
      const reused = histogramOf(first);
      const encoded = reused.encode();
      t.strictSame(Histogram.decode(JSON.parse(JSON.stringify(encoded))).encode(), encoded);
      reused.clear();
      for (const value of second) reused.record(value);
      t.strictSame(reused.encode(), histogramOf(second).encode());
    }),
    { numRuns: 40 },
  );
  t.end();
});

t.test('merged however split, dense or sparse, the histogram is that of all samples, bit for bit', (t) => {
  const parts = fc.array(fc.array(duration, { maxLength: 60 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(parts, (split) => {
      const whole = histogramOf(split.flat()).encode();
      const dense = new Histogram();
      for (const part of split) dense.add(histogramOf(part));
      const fromEncoded = new Histogram();
      for (const part of split.toReversed()) fromEncoded.addEncoded(histogramOf(part).encode());
      const sparse = split.map((part) => histogramOf(part).encode()).reduce(mergeEncoded, EMPTY_HISTOGRAM);
      t.strictSame(dense.encode(), whole);
      t.strictSame(fromEncoded.encode(), whole);
      t.strictSame(sparse, whole);
      t.equal(countOf(sparse), split.flat().length);
    }),
    { numRuns: 60 },
  );
  t.end();
});
