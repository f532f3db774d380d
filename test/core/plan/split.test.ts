import fc from 'fast-check';
import t from 'tap';
import type { ParsedScenario } from '../../../core/plan/schema.ts';
import { equalShare, ownedBelow, shareByUsers } from '../../../core/plan/split.ts';

const scenario = (vus: number) => ({ executor: 'constant-vus', vus }) as ParsedScenario;

t.test('shares by users are disjoint, complete and as large as the users', async () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 6 }),
      (vus, agents) => {
        const total = vus.reduce((sum, count) => sum + count, 0);
        const shares = Array.from({ length: agents }, (_, index) => equalShare(index, agents));
        const all = shares.map((share) => shareByUsers(vus.map(scenario), share));
        const sizes = shares.map((share) => vus.reduce((sum, count) => sum + ownedBelow(count, share).length, 0));
        const slots = all.flatMap((share) => [...share.slots]).toSorted((a, b) => a - b);
        return (
          all.every(({ of }) => of === total) &&
          all.every((share, i) => share.slots.length === sizes[i]) &&
          slots.length === total &&
          slots.every((slot, i) => slot === i)
        );
      },
    ),
  );
});

t.test('four users on three agents: the agent with two users has half of the rows', async (t) => {
  const rowsOf = (index: number) => ownedBelow(20, shareByUsers([scenario(4)], equalShare(index, 3))).length;
  t.strictSame([0, 1, 2].map(rowsOf), [10, 5, 5]);
});
