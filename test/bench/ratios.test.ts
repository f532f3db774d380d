import t from 'tap';
import fc from '../kit/property.ts';
import { compare, median, medianInterval, meetsGoal } from './ratios.ts';

t.test('the median is the middle, or the mean of the middle two', async (t) => {
  t.equal(median([3]), 3);
  t.equal(median([9, 1, 5]), 5);
  t.equal(median([10, 2, 4, 100]), 7);
});

t.test('ratios are taken pair by pair, not of the medians', async (t) => {
  const pairs = [
    { us: 100, them: 50 },
    { us: 30, them: 60 },
    { us: 80, them: 80 },
  ];
  t.same(compare(pairs), { us: 80, them: 60, ratio: { median: 1, min: 0.5, max: 2 }, pairs: 3 });
});

t.test('a machine that slows down both of a pair changes no ratio', async () => {
  const value = fc.double({ min: 1, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(value, fc.double({ min: 0.1, max: 10, noNaN: true })), { minLength: 1 }), (list) => {
      const { ratio } = compare(list.map(([them, slower]) => ({ us: them * slower * 2, them: them * slower })));
      return Math.abs(ratio.min - 2) < 1e-9 && Math.abs(ratio.median - 2) < 1e-9 && Math.abs(ratio.max - 2) < 1e-9;
    }),
  );
});

t.test('a goal is held against the median', async (t) => {
  const ratio = { median: 0.95, min: 0.5, max: 2 };
  t.equal(meetsGoal({ ratio, goal: { atLeast: 0.9 } }), true);
  t.equal(meetsGoal({ ratio, goal: { atLeast: 1 } }), false);
  t.equal(meetsGoal({ ratio, goal: { atMost: 0.9 } }), false);
  t.equal(meetsGoal({ ratio, goal: { atLeast: 0.9, atMost: 1 } }), true);
  t.equal(meetsGoal({ ratio }), undefined);
});

t.test('the true median is within the interval as often as is said', async (t) => {
  let state = 1;
  const random = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const within = Array.from({ length: 2000 }, () => {
    const { low, high } = medianInterval(Array.from({ length: 100 }, random));
    return low <= 0.5 && high >= 0.5;
  }).filter(Boolean).length;
  t.ok(within > 1880 && within < 1980, `${within} of 2000`);
});
