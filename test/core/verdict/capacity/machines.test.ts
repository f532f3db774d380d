/** How many machines a need takes. */
import fc from 'fast-check';
import t from 'tap';
import { machinesFor } from '../../../../core/verdict/capacity/machines.ts';

t.test('the plan of document 002, and needs that a whole number of machines meets', async (t) => {
  t.strictSame(machinesFor({ need: 10_000, reserve: 2 }, 1500), { machines: 7, withReserve: 14 });
  t.strictSame(machinesFor({ need: 3000, reserve: 1.5 }, 1500), { machines: 2, withReserve: 3 });
  t.strictSame(machinesFor({ need: 0.3, reserve: 1 }, 0.1), { machines: 3, withReserve: 3 });
  t.strictSame(machinesFor({ need: 1, reserve: 1 }, 1500), { machines: 1, withReserve: 1 });
  t.equal(machinesFor({ need: 1501, reserve: 1 }, 1500).machines, 2);
});

t.test('they take the need, and one less would not', async () => {
  const rate = fc.double({ min: 0.01, max: 1e7, noNaN: true });
  fc.assert(
    fc.property(rate, rate, fc.double({ min: 1, max: 10, noNaN: true }), (need, perMachine, reserve) => {
      const { machines, withReserve } = machinesFor({ need, reserve }, perMachine);
      const takes = (count: number, times: number) => count * perMachine >= need * times * (1 - 1e-6);
      const isLeast = machines === 1 || (machines - 1) * perMachine < need;
      return takes(machines, 1) && takes(withReserve, reserve) && isLeast && withReserve >= machines;
    }),
  );
});
