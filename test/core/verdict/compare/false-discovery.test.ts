import t from 'tap';
import { CHANCE, discoveries } from '../../../../core/verdict/compare/significance.ts';
import fc from '../../../kit/property.ts';

const pValues = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 });

t.test('the numbers of scipy', async (t) => {
  const values = [0.205, 0.001, 0.039, 0.041, 0.042, 0.06, 0.074, 0.008, 0.212, 0.216];
  // stats.false_discovery_control: 0.01 and 0.04 are at most 0.05, the next is 0.084.
  const { told, uncovered } = discoveries(values);
  t.strictSame(
    values.filter((_, i) => told[i]),
    [0.001, 0.008],
  );
  t.equal(uncovered[1], (2 * CHANCE) / 10, 'two of ten are told');
  t.equal(uncovered[0], (3 * CHANCE) / 10, 'the others have the interval with which they would have been the third');
  t.strictSame(discoveries([]), { told: [], uncovered: [] });
});

t.test('words and intervals agree', async () => {
  fc.assert(
    fc.property(pValues, (values) => {
      const { told, uncovered } = discoveries(values);
      return values.every((value, i) => told[i] === value <= (uncovered[i] as number));
    }),
  );
});

t.test('one figure alone is told at 5 %, and a smaller value never takes another away', async () => {
  fc.assert(
    fc.property(pValues, fc.nat(), (values, at) => {
      const i = at % values.length;
      const before = discoveries(values).told;
      const after = discoveries(values.map((value, j) => (i === j ? value / 2 : value))).told;
      return before.every((isTold, j) => !isTold || after[j] === true);
    }),
  );
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      (value) => discoveries([value]).told[0] === value <= CHANCE,
    ),
  );
});
