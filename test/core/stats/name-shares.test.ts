import t from 'tap';
import { NameShares } from '../../../core/stats/name-shares.ts';
import fc from '../../kit/property.ts';

/** How many of these names the agent may give. */
const given = (shares: NameShares, agent: number, prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => shares.take(`${prefix}${i}`, agent)).filter(Boolean).length;

t.test('an agent alone has as many as an agent may have', async (t) => {
  t.equal(given(new NameShares(1000, 1250), 0, 'x', 3000), 1000);
  t.equal(given(new NameShares(50, 75), 7, 'x', 3000), 50);
});

t.test('those after it have fewer and fewer, and what several give counts for none', async (t) => {
  const shares = new NameShares(1000, 1250);
  t.strictSame(
    [0, 1, 2, 3].map((agent) => given(shares, agent, `${agent} `, 3000)),
    [1000, 200, 40, 8],
  );
  const common = new NameShares(1000, 1250);
  t.equal(given(common, 0, 'broken ', 3000), 1000);
  t.equal(given(common, 1, 'x', 240), 200);
  t.equal(given(common, 2, 'x', 240), 240);
  t.equal(given(common, 1, 'x', 240), 240);
});

t.test('whoever gives what in whatever order, there is an end, and a name that was taken stays', async () => {
  const give = fc.tuple(fc.nat(5), fc.nat(300));
  fc.assert(
    fc.property(fc.array(give, { maxLength: 1500 }), (all) => {
      const shares = new NameShares(100, 125);
      const taken = new Set<string>();
      for (const [agent, id] of all) {
        const name = `${id}`;
        const isTaken = shares.take(name, agent);
        if (taken.has(name) && !isTaken) return false;
        if (isTaken) taken.add(name);
      }
      return shares.size === taken.size && taken.size <= 125;
    }),
  );
});
