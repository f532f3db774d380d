/** Where a search goes, against targets of known limits. */

import t from 'tap';
import { boundsOf, nextStep, type SearchRange, type TriedLevel } from '../../../../core/verdict/capacity/search.ts';
import fc from '../../../kit/property.ts';

const RANGE: SearchRange = { of: 'rate', from: 10, to: 100_000, precision: 0.05 };

type Outcome = (level: number, purpose: TriedLevel['purpose'], tried: readonly TriedLevel[]) => TriedLevel['outcome'];

/** Goes through a search to its end. */
function searched(range: SearchRange, outcome: Outcome, isOverload = true): TriedLevel[] {
  const tried: TriedLevel[] = [];
  for (let i = 0; i < 200; i++) {
    const step = nextStep(range, tried);
    if (step.kind === 'done') return tried;
    const { level, purpose } = step;
    const found = outcome(level, purpose, tried);
    const isOverloaded = found === 'breaks' && isOverload;
    tried.push({ level, purpose, outcome: found, isOverloaded });
  }
  throw new Error(`no end: ${JSON.stringify(tried)}`);
}

const limitedTo =
  (limit: number): Outcome =>
  (level) =>
    level <= limit ? 'holds' : 'breaks';

const told = (tried: readonly TriedLevel[]) =>
  tried.map(({ level, purpose, outcome }) => `${purpose} ${level} ${outcome}`);

t.test('doubles, goes back after a break, halves, and holds the answer', async (t) => {
  t.strictSame(told(searched({ ...RANGE, from: 100 }, limitedTo(800))), [
    'search 100 holds',
    'search 200 holds',
    'search 400 holds',
    'search 800 holds',
    'search 1600 breaks',
    'recover 400 holds',
    'search 1130 breaks',
    'recover 400 holds',
    'search 951 breaks',
    'recover 400 holds',
    'search 872 breaks',
    'recover 400 holds',
    'search 835 breaks',
    'recover 400 holds',
    'confirm 800 holds',
  ]);
});

t.test('a target that is never broken is held at the highest level', async (t) => {
  const tried = searched({ ...RANGE, to: 50 }, limitedTo(1e9));
  t.strictSame(told(tried), [
    'search 10 holds',
    'search 20 holds',
    'search 40 holds',
    'search 50 holds',
    'confirm 50 holds',
  ]);
  t.strictSame(boundsOf(tried), { floor: 50, ceiling: undefined, isConfirmed: true, isBroken: false });
});

t.test('a target that is broken by the first level ends the search', async (t) => {
  t.strictSame(told(searched(RANGE, limitedTo(5))), ['search 10 breaks']);
});

t.test('a full generator is asked once more, and is not taken for the limit of the target', async (t) => {
  const tried = searched({ ...RANGE, from: 100 }, (level) => (level <= 400 ? 'holds' : 'unclear'));
  t.strictSame(told(tried).slice(3, 6), ['search 800 unclear', 'search 800 unclear', 'search 566 unclear']);
  const { floor, ceiling, isConfirmed } = boundsOf(tried);
  t.equal(floor, 400);
  t.equal(ceiling?.by, 'generator');
  t.ok(isConfirmed);
  const disturbed = searched({ ...RANGE, from: 100 }, (level, _, before) => {
    if (level > 800) return 'breaks';
    return level === 400 && before.length === 2 ? 'unclear' : 'holds';
  });
  t.equal(boundsOf(disturbed).floor, 800, 'a generator that was disturbed once is none that is full');
});

t.test('a level that is only slow is tried once more before it is said to break', async (t) => {
  const slow = searched({ ...RANGE, from: 100 }, limitedTo(800), false);
  t.strictSame(told(slow).slice(4, 8), [
    'search 1600 breaks',
    'recover 400 holds',
    'search 1600 breaks',
    'recover 400 holds',
  ]);
  t.equal(boundsOf(slow).floor, 800);
  const disturbed = searched(
    { ...RANGE, from: 100 },
    (level, _, before) => (before.length === 1 ? 'breaks' : limitedTo(800)(level, 'search', before)),
    false,
  );
  t.equal(boundsOf(disturbed).floor, 800, 'a target that was disturbed once');
  t.strictSame(told(searched(RANGE, limitedTo(5), false)), ['search 10 breaks', 'search 10 breaks']);
});

t.test('an answer that does not hold for long gives way to a lower one', async (t) => {
  const tried = searched({ ...RANGE, from: 100 }, (level, purpose) => {
    return level <= (purpose === 'confirm' ? 700 : 800) ? 'holds' : 'breaks';
  });
  const { floor, isConfirmed } = boundsOf(tried);
  t.ok(isConfirmed);
  t.ok((floor ?? 0) <= 700 && (floor ?? 0) >= 660, String(floor));
});

t.test('a target that stays broken ends the search', async (t) => {
  const tried = searched({ ...RANGE, from: 100 }, (level, _, before) => {
    return before.some(({ outcome }) => outcome === 'breaks') ? 'breaks' : limitedTo(800)(level, 'search', before);
  });
  t.strictSame(told(tried).slice(-2), ['search 1600 breaks', 'recover 400 breaks']);
  t.equal(boundsOf(tried).isBroken, true);
  t.equal(boundsOf(tried).floor, 800);
});

t.test('virtual users are whole, down to the last one', async (t) => {
  const tried = searched({ of: 'vus', from: 1, to: 1000, precision: 0.001 }, limitedTo(37));
  t.ok(tried.every(({ level }) => Number.isInteger(level)));
  const { floor, ceiling } = boundsOf(tried);
  t.equal(floor, 37);
  t.equal(ceiling?.level, 38);
});

t.test(
  'whatever the limit, the answer lies within the precision below it, and no level is tried without need',
  async () => {
    fc.assert(
      fc.property(
        fc.double({ min: 10, max: 99_999, noNaN: true }),
        fc.double({ min: 0.005, max: 0.5, noNaN: true }),
        fc.constantFrom('rate' as const, 'vus' as const),
        (limit, precision, of) => {
          const tried = searched({ of, from: 10, to: 100_000, precision }, limitedTo(limit));
          const { floor = 0, ceiling, isConfirmed } = boundsOf(tried);
          const isNear = floor <= limit && (ceiling?.level ?? 0) > limit;
          const isClose = (ceiling?.level ?? 0) <= floor * (1 + precision) || (ceiling?.level ?? 0) - floor <= 1;
          return isConfirmed && isNear && isClose && tried.length < 60;
        },
      ),
    );
  },
);

t.test('a search ends, whatever its levels come to, and never tries what lies outside its range', async () => {
  fc.assert(
    fc.property(
      fc.infiniteStream(fc.constantFrom('holds' as const, 'breaks' as const, 'unclear' as const)),
      (outcomes) => {
        const tried = searched({ ...RANGE, to: 5000 }, () => outcomes.next().value);
        return tried.every(({ level }) => level >= 5 && level <= 5000);
      },
    ),
  );
});
