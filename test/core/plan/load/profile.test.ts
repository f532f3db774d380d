import t from 'tap';
import { arrivalsBefore, arrivalTimes, levelAt, loadProfile } from '../../../../core/plan/load/profile.ts';
import {
  equalShare,
  mostVus,
  ownedBelow,
  ownedCount,
  plannedDurationUs,
  scenarioTime,
} from '../../../../core/plan/load/split.ts';
import { parsePlan } from '../../../../core/plan/parse.ts';
import type { ParsedScenario } from '../../../../core/plan/schema.ts';
import fc from '../../../kit/property.ts';

const operations = [{ driver: 'null' }];

function scenario(definition: object): ParsedScenario {
  return parsePlan({ name: 'x', scenarios: { s: { operations, ...definition } } }).scenarios.s as ParsedScenario;
}

const stages = fc
  .array(
    fc.record({
      target: fc.integer({ min: 0, max: 5000 }),
      duration: fc.integer({ min: 0, max: 100 }).map((s) => `${s}s`),
    }),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .filter((list) => list.some(({ target, duration }) => target > 0 && duration !== '0s'));

t.test('a spawn rate reaches the target and holds; without one the whole stage is a ramp', async (t) => {
  const profile = loadProfile(
    scenario({
      executor: 'ramping-vus',
      startVus: 10,
      stages: [
        { target: 50, duration: '10s', spawnRate: 20 },
        { target: 100, duration: '10s' },
        { target: 60, duration: '0s' },
        { target: 0, duration: '10s', spawnRate: 3 },
      ],
    }),
    0,
  );
  const at = [0, 1, 2, 5, 10, 15, 19.999999, 20, 29.999999, 30].map(
    (s) => Math.round(levelAt(profile, s * 1e6) * 10) / 10,
  );
  t.same(at, [10, 30, 50, 50, 50, 75, 100, 60, 30, 0]);
  t.equal(profile.peak, 100);
});

t.test('a warm-up comes before the duration at the starting level', async (t) => {
  const profile = loadProfile(
    scenario({ executor: 'constant-arrival-rate', rate: 100, duration: '10s', maxVus: 5 }),
    5e6,
  );
  t.equal(profile.durationUs, 15e6);
  t.equal(arrivalsBefore(profile, 15e6), 1500);
  const plan = parsePlan({
    name: 'x',
    warmup: '5s',
    scenarios: {
      a: { executor: 'constant-vus', vus: 1, duration: '10s', operations },
      b: { executor: 'constant-vus', vus: 1, duration: '10s', startTime: '3s', gracefulStop: '1s', operations },
    },
  });
  t.same(scenarioTime(plan, plan.scenarios.b as ParsedScenario), {
    startUs: 8e6,
    warmupUs: 0,
    endUs: 18e6,
    gracefulStopUs: 1e6,
  });
  t.equal(plannedDurationUs(plan), 18e6);
});

t.test('arrival times are the inverse of the integral of the rate', async () => {
  fc.assert(
    fc.property(
      stages,
      fc.integer({ min: 0, max: 1000 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (list, startRate, part) => {
        const profile = loadProfile(
          scenario({ executor: 'ramping-arrival-rate', startRate, stages: list, maxVus: 1 }),
          0,
        );
        const total = arrivalsBefore(profile, profile.durationUs);
        if (total < 1) return;
        const wanted = total * part;
        const atUs = arrivalTimes(profile)(wanted);
        if (atUs === undefined) throw new Error('an arrival before the last has a time');
        if (Math.abs(arrivalsBefore(profile, atUs) - wanted) > 1e-6 * total + 1e-6)
          throw new Error('is not the inverse');
        if (arrivalTimes(profile)(total + 1) !== undefined) throw new Error('no arrival comes after the end');
      },
    ),
  );
});

t.test('shares of any number of agents interleave and add up to the whole', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 1, max: 50 }), (total, agents) => {
      const indices = Array.from({ length: agents }, (_, index) => {
        const share = equalShare(index, agents);
        const owned = ownedBelow(total, share);
        if (owned.length !== ownedCount(total, share)) throw new Error('counts otherwise');
        return owned;
      }).flat();
      indices.sort((a, b) => a - b);
      if (indices.length !== total || indices.some((index, i) => index !== i))
        throw new Error('lost or doubled an index');
    }),
  );
});

t.test('the most users alive at once', async (t) => {
  t.equal(mostVus(scenario({ executor: 'constant-vus', vus: 7, duration: '1s', spawnRate: 1 })), 7);
  t.equal(mostVus(scenario({ executor: 'ramping-vus', startVus: 3, stages: [{ target: 2, duration: '1s' }] })), 3);
  t.equal(mostVus(scenario({ executor: 'constant-arrival-rate', rate: 5, duration: '1s', maxVus: 9 })), 9);
  const stages = [{ target: 100, duration: '10s', spawnRate: 0.75 }];
  t.equal(mostVus(scenario({ executor: 'ramping-vus', stages })), 8, 'a whole number, also where the ramp ends at 7.5');
});
