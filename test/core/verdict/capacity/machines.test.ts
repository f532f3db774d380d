/** How many machines a need takes. */

import t from 'tap';
import { machinesByLaw, machinesFor } from '../../../../core/verdict/capacity/machines.ts';
import { type ScalabilityFit, throughputAt } from '../../../../core/verdict/capacity/scalability.ts';
import fc from '../../../kit/property.ts';

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

function law(perUser: number, contention: number, coherence: number): ScalabilityFit {
  const peakLoad = Math.sqrt((1 - contention) / coherence);
  const fit = { perUser, contention, coherence, errors: { perUser: 0, contention: 0, coherence: 0 }, misfit: 0 };
  const curve = { ...fit, peak: undefined, ceiling: undefined };
  if (coherence === 0) return { ...curve, ceiling: contention > 0 ? perUser / contention : undefined };
  return { ...curve, peak: { load: peakLoad, perSecond: throughputAt(curve, peakLoad) } };
}

t.test('by the law: machines that slow each other down', async (t) => {
  t.equal(machinesByLaw(law(1000, 0, 0), 10_000), 10, 'none does');
  t.equal(machinesByLaw(law(1000, 0.05, 0), 10_000), 19, '1000 × 19 ÷ (1 + 0.05 × 18) is 10,000');
  t.equal(machinesByLaw(law(1000, 0.05, 0), 20_000), undefined, 'the ceiling is never reached');
  t.equal(machinesByLaw(law(1000, 0.1, 0.01), 1), 1);
  t.equal(machinesByLaw(law(1000, 0.1, 0.01), 4000), undefined, 'the peak lies below');
});

t.test('by the law: they take the need, one less would not, and where none is enough the best is not', async () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1, max: 1e4, noNaN: true }),
      fc.double({ min: 0.001, max: 0.9, noNaN: true }),
      fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 0.1, noNaN: true })),
      fc.double({ min: 0.1, max: 1e5, noNaN: true }),
      (perUser, contention, coherence, need) => {
        const fit = law(perUser, contention, coherence);
        const machines = machinesByLaw(fit, need);
        if (machines === undefined)
          return Array.from({ length: 2000 }, (_, i) => throughputAt(fit, i + 1)).every((takes) => takes < need);
        const isLeast = machines === 1 || throughputAt(fit, machines - 1) < need;
        return isLeast && throughputAt(fit, machines) >= need * (1 - 1e-6);
      },
    ),
  );
});
