/** Exponential buckets hold what lies between their bounds, as fine as there are buckets for. */
import t from 'tap';
import { exponentialOf } from '../../../core/series/exponential.ts';
import { Histogram } from '../../../core/stats/histogram.ts';

/** The same as drawn by a linear congruential generator, so that each test draws the same. */
function* durationsUs(count: number, lowestUs: number, highestUs: number): Generator<number> {
  let state = 7;
  for (let i = 0; i < count; i++) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    yield Math.round(lowestUs * (highestUs / lowestUs) ** (state / 2 ** 31));
  }
}

function histogramOf(values: Iterable<number>) {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram.encode();
}

/** The bounds in seconds of the bucket that has the sample of this rank. */
function boundsAt(rank: number, { scale, zeroCount, offset, counts }: ReturnType<typeof exponentialOf>) {
  let seen = zeroCount;
  const at = counts.findIndex((count) => {
    seen += count;
    return seen >= rank;
  });
  const base = 2 ** (2 ** -scale);
  return [base ** (offset + at), base ** (offset + at + 1)] as const;
}

t.test('each sample lies in the bucket that counts it', (t) => {
  for (const [lowestUs, highestUs, scale] of [
    [1000, 900_000, 5],
    [1, 3_000_000_000, 3],
    [90_000, 60_000_000, 5],
  ] as const) {
    const values = [...durationsUs(5000, lowestUs, highestUs)].sort((a, b) => a - b);
    const made = exponentialOf(histogramOf(values));
    t.equal(made.scale, scale);
    t.ok(made.counts.length <= 320);
    t.equal(
      made.counts.reduce((sum, count) => sum + count, 0),
      values.length,
    );
    t.ok((made.counts[0] ?? 0) > 0 && (made.counts.at(-1) ?? 0) > 0, 'no bucket is sent in vain');
    for (const rank of [1, 50, 2500, 4950, 5000]) {
      const valueS = (values[rank - 1] as number) / 1e6;
      const [above, to] = boundsAt(rank, made);
      t.ok(valueS > above * 0.999 && valueS <= to * 1.000_001, `${valueS} s is in (${above}, ${to}]`);
    }
  }
  t.end();
});

t.test('bounds belong to the bucket below, and what took no time to none', (t) => {
  t.same(exponentialOf(histogramOf([1_000_000])), { scale: 5, zeroCount: 0, offset: -1, counts: [1] });
  t.same(exponentialOf(histogramOf([0, 0, 1_000_000])), { scale: 5, zeroCount: 2, offset: -1, counts: [1] });
  t.same(exponentialOf(histogramOf([])), { scale: 5, zeroCount: 0, offset: 0, counts: [] });
  t.end();
});
