import t from 'tap';
import { partOf, ShareAllocator } from '../../../../core/control/load/share-allocator.ts';
import { ownedBelow, type Share } from '../../../../core/plan/load/split.ts';
import fc from '../../../kit/property.ts';

function apply(held: Map<number, Share>, given: ReadonlyMap<number, Share>): void {
  for (const [agent, share] of given) held.set(agent, share);
}

function startOf(agents: number): Map<number, Share> {
  return new Map(Array.from({ length: agents }, (_, index) => [index, { of: agents, slots: [index] }]));
}

t.test('however agents go and come, every index belongs to exactly one of those that are here', async () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.array(fc.record({ goes: fc.boolean(), which: fc.nat(1000) }), { maxLength: 12 }),
      fc.integer({ min: 1, max: 6000 }),
      (agents, events, total) => {
        const shares = ShareAllocator.equal(agents);
        const held = startOf(agents);
        const here = new Set(held.keys());
        for (const { goes, which } of events) {
          const present = [...here];
          if (goes && here.size > 1) {
            const leaver = present[which % present.length] as number;
            here.delete(leaver);
            apply(held, shares.move(leaver, [...here]));
          } else {
            const comer = held.size;
            here.add(comer);
            apply(held, shares.add(comer));
          }
        }
        const owned = [...held.values()].flatMap((share) => ownedBelow(total, share)).toSorted((a, b) => a - b);
        if (owned.length !== total || owned.some((index, i) => index !== i))
          throw new Error('lost or doubled an index');
        const parts = [...here].map((agent) => partOf(held.get(agent) as Share));
        if (Math.max(...parts) - Math.min(...parts) > 0.2 / here.size) throw new Error(`unequal: ${parts}`);
      },
    ),
  );
});

t.test('a change moves no slot that need not move, and spreads low indices too', async (t) => {
  const shares = ShareAllocator.equal(3);
  const held = startOf(3);
  const before = ownedBelow(90, held.get(0) as Share);
  apply(held, shares.move(2, [0, 1]));
  const after = ownedBelow(90, held.get(0) as Share);
  t.ok(before.every((index) => after.includes(index)));
  t.equal(after.length, 45);
  apply(held, shares.add(3));
  t.same(
    [0, 1, 3].map((agent) => ownedBelow(90, held.get(agent) as Share).length),
    [30, 30, 30],
  );
  t.same(held.get(2), { of: 2520, slots: [] });
});

t.test('whoever comes, or comes back, gets its part of a small load too', (t) => {
  for (const agents of [1, 2, 4, 10, 20, 50, 100]) {
    const users = 10 * agents;
    const grown = ShareAllocator.equal(agents);
    const grownHeld = startOf(agents);
    apply(grownHeld, grown.add(agents));
    const fair = users / (agents + 1);
    for (const share of grownHeld.values())
      t.ok(ownedBelow(users, share).length >= 0.5 * fair, `${agents} and one more`);
    if (agents === 1) continue;
    const shares = ShareAllocator.equal(agents);
    const held = startOf(agents);
    const others = [...held.keys()].filter((agent) => agent !== 0);
    apply(held, shares.move(0, others));
    apply(held, shares.add(0));
    for (const share of held.values()) t.ok(ownedBelow(users, share).length >= 0.5 * 10, `one of ${agents} is back`);
  }
  t.end();
});

t.test('where one would get too little, all stays', (t) => {
  const shares = ShareAllocator.equal(2);
  t.equal(shares.add(2, ({ slots }) => slots.length > 1000).size, 0);
  t.notOk(shares.has(2));
  t.equal(shares.add(2).get(2)?.slots.length, 840);
  t.end();
});

t.test('without anybody to give to, slots stay', async (t) => {
  const shares = ShareAllocator.equal(1);
  t.equal(shares.move(0, []).size, 0);
  t.ok(shares.has(0));
});
