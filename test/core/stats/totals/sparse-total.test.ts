import t from 'tap';
import { Histogram } from '../../../../core/stats/histogram.ts';
import { SparseTotal } from '../../../../core/stats/totals/sparse-total.ts';
import fc from '../../../kit/property.ts';

function histogramOf(valuesUs: readonly number[]) {
  const histogram = new Histogram();
  for (const value of valuesUs) histogram.record(value);
  return histogram.encode();
}

const value = fc.oneof(fc.nat(3000), fc.nat(4_000_000), fc.nat(4_000_000_000));

t.test('what was added, in whatever parts, is what one histogram of all samples holds', (t) => {
  fc.assert(
    fc.property(fc.array(fc.array(value, { maxLength: 120 }), { maxLength: 12 }), (parts) => {
      const total = new SparseTotal();
      parts.forEach((part, i) => {
        total.add(histogramOf(part));
        if (i % 3 === 0) total.encode();
      });
      t.strictSame(total.encode(), histogramOf(parts.flat()));
    }),
    { numRuns: 200 },
  );
  t.end();
});

t.test('every bucket there is may be in use', (t) => {
  const values = Array.from({ length: 60_000 }, (_, i) => Math.floor(1.000_4 ** i)).filter((us) => us < 4e9);
  const all = Array.from({ length: 4096 }, (_, i) => i).concat(values);
  const total = new SparseTotal();
  total.add(histogramOf(all));
  total.add(histogramOf(all));
  t.strictSame(total.encode(), histogramOf([...all, ...all]));
  t.end();
});

/** As many durations as make a total keep a range. */
const stretch = fc
  .record({ fromUs: fc.nat(9000), stepUs: fc.integer({ min: 1, max: 9 }), length: fc.integer({ min: 800, max: 3000 }) })
  .map(({ fromUs, stepUs, length }) => Array.from({ length }, (_, i) => fromUs + i * stepUs));

t.test('what is taken out is not there any more, and the memory that stays is no more than that took', (t) => {
  fc.assert(
    fc.property(fc.array(fc.oneof(stretch, fc.array(value, { maxLength: 120 })), { maxLength: 12 }), (parts) => {
      const total = new SparseTotal();
      for (const part of parts) {
        total.add(histogramOf(part));
        const taken = total.take();
        t.strictSame(taken, histogramOf(part));
        t.ok(total.bytes <= SparseTotal.mostBytes(taken.indices.length));
        t.equal(total.count, 0);
      }
    }),
    { numRuns: 50 },
  );
  const many = histogramOf(Array.from({ length: 3000 }, (_, i) => i));
  const total = new SparseTotal();
  total.add(many);
  const { bytes } = total;
  total.take();
  t.equal(total.bytes, bytes, 'there is room for as much again');
  total.add(histogramOf([5, 4_000_000]));
  t.strictSame(total.take(), histogramOf([5, 4_000_000]));
  t.ok(total.bytes < bytes / 10, 'what was not needed again is given back');
  t.end();
});

t.test('counts stay exact when they need more than four bytes, before and after a range is made', (t) => {
  const many = histogramOf(Array.from({ length: 3000 }, (_, i) => i));
  const often = { ...many, sumUs: many.sumUs * 1e9, counts: many.counts.map((count) => count * 1e9) };
  for (const parts of [
    [many, often, often, often],
    [often, often, many, often],
  ]) {
    const total = new SparseTotal();
    for (const part of parts) total.add(part);
    t.equal(total.count, 3000 * (3e9 + 1));
    t.strictSame(
      total.take().counts,
      many.counts.map((count) => count * (3e9 + 1)),
    );
    total.add(often);
    t.strictSame(total.encode(), often);
  }
  // A single bucket of a range, which passes the limit by one.
  const total = new SparseTotal();
  total.add(many);
  for (const count of [2 ** 31 - 3001, 1, 2 ** 32]) {
    total.add({ ...histogramOf([7]), sumUs: 7 * count, counts: [count] });
  }
  t.equal(total.encode().counts[7], 2 ** 31 - 3000 + 2 ** 32 + 1);
  t.end();
});
