import { setImmediate } from 'node:timers/promises';
import t from 'tap';
import { namesToShow, nearest } from '../../../core/text/nearest.ts';
import fc from '../../kit/property.ts';

/** Levenshtein's algorithm as it is defined. */
function edits(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const [restA, restB] = [a.slice(1), b.slice(1)];
  if (a[0] === b[0]) return edits(restA, restB);
  return 1 + Math.min(edits(restA, b), edits(a, restB), edits(restA, restB));
}

t.test('the name with the fewest edits is found, the first of several, and none that is not similar', async () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 7 });
  await fc.assert(
    fc.asyncProperty(name, fc.array(name, { maxLength: 6 }), async (wanted, known) => {
      const distances = known.map((one) => edits(wanted, one));
      const least = Math.min(...distances);
      const expected =
        least <= Math.max(2, Math.floor(wanted.length / 3)) ? known[distances.indexOf(least)] : undefined;
      await setImmediate();
      return nearest(wanted, known) === expected;
    }),
    { numRuns: 500 },
  );
});

t.test('names of any length and case', async (t) => {
  t.equal(nearest('Durration', ['vus', 'duration']), 'duration');
  t.equal(nearest('x'.repeat(5000), ['y', `${'x'.repeat(99)}z`]), `${'x'.repeat(99)}z`);
  t.equal(nearest('İ'.repeat(100), ['İ'.repeat(99)]), 'İ'.repeat(99));
  t.equal(nearest('', []), undefined);
});

t.test(
  'thousands of wrong names keep nobody waiting: guesses end, and begin again once others had their turn',
  async (t) => {
    await setImmediate();
    const known = Array.from({ length: 1000 }, (_, i) => `${'abcdefghij'.repeat(9)}${i}`);
    const guesses = Array.from({ length: 5000 }, (_, i) => nearest(`${'jihgfedcba'.repeat(9)}${i}`, known));
    t.equal(guesses.at(-1), undefined);
    t.equal(nearest('dration', ['duration']), undefined, 'there is no time left');
    await setImmediate();
    t.equal(nearest('dration', ['duration']), 'duration');
  },
);

t.test('of many names a message has ten, and none that is long', async (t) => {
  t.equal(namesToShow(['a', 'b']), 'a, b');
  const shown = namesToShow(Array.from({ length: 5000 }, () => 'x'.repeat(10_000)));
  t.match(shown, /, and 4990 more$/);
  t.ok(shown.length < 1000);
});
