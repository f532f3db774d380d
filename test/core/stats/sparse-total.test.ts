import fc from 'fast-check';
import t from 'tap';
import { Histogram } from '../../../core/stats/histogram.ts';
import { SparseTotal } from '../../../core/stats/sparse-total.ts';

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
