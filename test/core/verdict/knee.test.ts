/** Where throughput no longer grows with the load, and what is no load to speak of. */
import t from 'tap';
import { parsePlan } from '../../../core/plan/parse.ts';
import type { PlanInput } from '../../../core/plan/schema.ts';
import type { RunResult } from '../../../core/stats/result.ts';
import { capacityOf } from '../../../core/verdict/conclusion/capacity.ts';
import { levelsOf } from '../../../core/verdict/conclusion/levels.ts';
import { conclude } from '../../../core/verdict/conclusion.ts';
import type { Lang } from '../../../core/verdict/messages/message.ts';
import type { Stretch } from '../../kit/results/built-seconds.ts';
import { UPLOAD_MS, uploadPlan } from '../../kit/results/documents.ts';
import { buildResult, type RunShape } from '../../kit/results/results.ts';
import { has } from '../../kit/results/sentences.ts';

/** Steps of arrivals per second; all are answered up to `capacity`. */
function arrivalSteps(rates: readonly number[], capacity: number): RunShape {
  const scenarios: PlanInput['scenarios'] = {
    open: {
      executor: 'ramping-arrival-rate',
      startRate: rates[0] as number,
      stages: rates.flatMap((target) => [
        { target, duration: '0s' },
        { target, duration: '8s' },
      ]),
      maxVus: 50,
      operations: [{ driver: 'http-upload', name: 'upload' }],
    },
  };
  const stretches = rates.map((rate): Stretch => {
    const slow = rate > capacity ? 4 : 1;
    const ms = Object.fromEntries(Object.entries(UPLOAD_MS).map(([at, value]) => [at, value * slow]));
    const perSecond = Math.min(rate, capacity);
    return { seconds: 8, vus: 50, dropped: rate - perSecond, operations: { upload: { perSecond, ms } } };
  });
  return { plan: uploadPlan({ scenarios, monitors: {}, thresholds: ['dropped_rate <= 100%'] }), stretches };
}

t.test('the knee of arrival rates, and none where throughput grew to the end', async (t) => {
  has(t, conclude(buildResult(arrivalSteps([50, 100, 200, 400], 200)), 'en'), [
    /^Above an offered 200\/s throughput stops growing \(200\/s there, 200\/s at an offered 400\/s\)/,
  ]);
  has(t, conclude(buildResult(arrivalSteps([50, 100, 200, 400], 1000)), 'en'), [
    /^The target kept up with the highest level \(offered 400\/s, achieved 400\/s/,
  ]);
});

t.test('a target that falls behind its rate, or becomes slow, has reached its limit', async (t) => {
  const told = (levels: readonly (readonly [rate: number, achieved: number, ms: number])[]) => {
    const { plan, stretches } = arrivalSteps(
      levels.map(([rate]) => rate),
      1e6,
    );
    const shaped = stretches.map((stretch, i): Stretch => {
      const [, perSecond, ms] = levels[i] as (typeof levels)[number];
      return { ...stretch, operations: { upload: { perSecond, ms: { 0: ms * 0.8, 0.95: ms, 1: ms * 1.2 } } } };
    });
    return conclude({ ...buildResult({ plan, stretches: shaped }), validity: [] }, 'en').filter((sentence) =>
      /limit|fell behind|kept up|knee/.test(sentence),
    );
  };
  has(
    t,
    told([
      [200, 200, 8],
      [400, 400, 9],
      [748, 703, 90],
    ]),
    [
      /^The target fell behind at the highest level: 748\/s were offered and 703\/s achieved, with a p95 of 90 ms\. The highest level that it kept up with is 400\/s \(p95 9 ms\)\.$/,
    ],
  );
  has(
    t,
    told([
      [200, 200, 8],
      [400, 400, 9],
      [748, 748, 90],
    ]),
    [
      /^The target reached its limit at the highest level: at an offered 748\/s the p95 is 90 ms, compared with 9 ms at 400\/s\.$/,
    ],
  );
  has(
    t,
    told([
      [200, 150, 900],
      [400, 300, 950],
      [748, 500, 990],
    ]),
    [/fell behind at every level: already at an offered 200\/s/],
  );
  has(
    t,
    told([
      [200, 200, 8],
      [400, 400, 9],
      [748, 748, 11],
    ]),
    [/^The target kept up with the highest level/],
  );
  t.strictSame(
    told([
      [200, 200, 20],
      [400, 400, 22],
      [748, 748, 45],
    ]),
    [],
    'twice as slow is neither',
  );
});

t.test('users that bring little more throughput are near the limit', async (t) => {
  const { stretches } = arrivalSteps([100, 200, 300], 1e6);
  const operations = [{ driver: 'http-upload', name: 'upload' }];
  const stages = [50, 100, 200].map((target) => ({ target, duration: '8s', spawnRate: 1000 }));
  const scenarios: PlanInput['scenarios'] = { closed: { executor: 'ramping-vus', stages, operations } };
  const told = (rates: readonly number[]) => {
    const shaped = stretches.map((stretch, i): Stretch => {
      const upload = { perSecond: rates[i] as number, ms: { 0: 100, 1: 200 } };
      return { ...stretch, dropped: 0, vus: 50 * 2 ** i, operations: { upload } };
    });
    const result = buildResult({ plan: uploadPlan({ scenarios, monitors: {}, thresholds: [] }), stretches: shaped });
    return conclude({ ...result, validity: [] }, 'en').some((sentence) => /limit of the target was not/.test(sentence));
  };
  t.ok(told([100, 200, 380]));
  t.notOk(told([100, 200, 230]));
});

type UserLevels = readonly (readonly [users: number, perSecond: number, p95Ms: number])[];

/** A run with steps of virtual users. */
function runOfUsers(levels: UserLevels): RunResult {
  const stages = levels.map(([target]) => ({ target, duration: '8s', spawnRate: 1000 }));
  const operations = [{ driver: 'http-upload', name: 'upload' }];
  const scenarios: PlanInput['scenarios'] = { users: { executor: 'ramping-vus', stages, operations } };
  const stretches = levels.map(([vus, perSecond, ms]): Stretch => {
    return { seconds: 8, vus, operations: { upload: { perSecond, ms: { 0: ms * 0.8, 0.95: ms, 1: ms * 1.2 } } } };
  });
  const result = buildResult({ plan: uploadPlan({ scenarios, monitors: {}, thresholds: [] }), stretches });
  return { ...result, validity: [] };
}

/** What is told of the limit. */
function toldOfUsers(levels: UserLevels, lang: Lang): string[] {
  return conclude(runOfUsers(levels), lang).filter((one) => /knee|limit of the target|拐点|极限/.test(one));
}

/** Measured on a Milvus 2.3.5 on two cores, whose users pause for 0.3 s on average. */
const MILVUS = [
  [10, 32.4, 10.9],
  [50, 164, 19.5],
  [100, 324, 20.9],
  [200, 559, 161],
  [500, 1068, 276],
  [1000, 1191, 895],
] as const;

t.test('the knee where throughput grows on, but much less than the load', async (t) => {
  t.match(toldOfUsers(MILVUS, 'en'), [
    /^Above 500 virtual users throughput grows much less than the load \(1068\/s there, 1191\/s with 1,?000\) while the p95 rises from 276 ms to 895 ms: the knee is at 500 virtual users\.$/,
  ]);
  t.match(toldOfUsers(MILVUS, 'zh-CN'), [
    /^超过 500 个虚拟用户后吞吐量的增长远小于负载的增长（.*：性能拐点在 500 个虚拟用户。$/,
  ]);
  const unpaused = [
    [10, 1000, 10],
    [20, 1540, 13],
    [40, 1800, 22],
    [80, 2000, 40],
  ] as const;
  t.match(toldOfUsers(unpaused, 'en'), [
    /^Above 20 virtual users throughput grows much less.* the knee is at 20 virtual/,
  ]);
});

t.test('a machine takes no more than at that knee', async (t) => {
  const result = runOfUsers(MILVUS);
  const found = capacityOf(levelsOf(result, parsePlan(result.plan)), []);
  t.match(found, { level: { load: 500 }, isLeast: false });
});

const WITHOUT: readonly [what: string, levels: UserLevels][] = [
  ['response times stay as they are', MILVUS.map(([users, perSecond]) => [users, perSecond, 20])],
  ['throughput grows with the load', MILVUS.map(([users, , p95]) => [users, users * 3, p95])],
  ['throughput grows half as much', MILVUS.map(([users, , p95]) => [users, 30 * Math.sqrt(users), p95])],
  ['the levels end before it', MILVUS.slice(0, 5)],
];

for (const [what, levels] of WITHOUT) {
  t.test(`there is no knee where ${what}`, async (t) => {
    t.notMatch(toldOfUsers(levels, 'en').join(), /knee/);
  });
}

t.test('requests that fail quickly are no throughput that still grows', async (t) => {
  const { plan, stretches } = arrivalSteps([50, 100, 200, 400], 1000);
  const grew = (failed: readonly number[]) => {
    const failing = stretches.map((stretch, i): Stretch => {
      const operations = Object.entries(stretch.operations).map(([name, shape]) => {
        return [name, { ...shape, fails: { http_503: failed[i] as number } }] as const;
      });
      return { ...stretch, operations: Object.fromEntries(operations) };
    });
    return conclude(buildResult({ plan, stretches: failing }), 'en').some((text) => /limit was not reached/.test(text));
  };
  t.notOk(grew([0, 0, 0, 0.6]));
  t.notOk(grew([0, 0, 0.55, 0.95]), 'also where most had failed before');
  t.ok(grew([0.1, 0.1, 0.1, 0.1]));
});

t.test('arrivals that the warm-up dropped are not told beside the measured requests', async (t) => {
  const { plan, stretches } = arrivalSteps([100], 100);
  const warmup = (dropped: number): Stretch => ({ ...(stretches[0] as Stretch), phase: 'warmup', dropped });
  const told = (measured: number) => {
    const shape = { plan: { ...plan, warmup: '8s' }, stretches: [warmup(7), { ...stretches[0], dropped: measured }] };
    return conclude(buildResult(shape as RunShape), 'en')[0];
  };
  t.match(told(0), /in the last 8s\.$/);
  t.match(told(2), /; 16 more arrivals were dropped because no virtual user was free\.$/);
});

t.test('busy users that follow a slow target are no load', async (t) => {
  const operations = [{ driver: 'http-upload', name: 'upload' }];
  const closed = { executor: 'constant-vus', vus: 10, duration: '32s', operations } as const;
  const arrivals = { executor: 'constant-arrival-rate', rate: 100, duration: '32s', maxVus: 300, operations } as const;
  const shape = { executor: 'shape', shape: './s.ts', load: 'rate', maxVus: 300, operations } as const;
  const stretches = [10, 50, 100, 200].map((vus): Stretch => {
    const ms = { 0: vus * 9, 0.95: vus * 10, 1: vus * 11 };
    return { seconds: 8, vus, operations: { upload: { perSecond: 100, ms } } };
  });
  const told = (scenarios: PlanInput['scenarios']) => {
    const result = buildResult({ plan: uploadPlan({ scenarios, monitors: {}, thresholds: [] }), stretches });
    t.strictSame(levelsOf(result, parsePlan(result.plan)).levels, []);
    return conclude(result, 'en');
  };
  for (const scenarios of [{ closed, arrivals }, { shape }, { arrivals, shape }]) {
    t.notOk(told(scenarios).some((sentence) => /knee|highest level/.test(sentence)));
  }
});

t.test('a ramp without steps is cut into parts', async (t) => {
  const stretches = Array.from({ length: 60 }, (_, i): Stretch => {
    const vus = 10 * (i + 1);
    const perSecond = Math.min(vus * 4, 1200);
    const ms = (vus / perSecond) * 1000;
    return { seconds: 1, vus, operations: { upload: { perSecond, ms: { 0: 0.9 * ms, 0.95: ms, 1: 1.2 * ms } } } };
  });
  const scenarios: PlanInput['scenarios'] = {
    devices: {
      executor: 'ramping-vus',
      stages: [{ target: 600, duration: '60s' }],
      operations: [{ driver: 'http-upload', name: 'upload' }],
    },
  };
  const result = buildResult({ plan: uploadPlan({ scenarios, monitors: {}, thresholds: [] }), stretches });
  has(t, conclude(result, 'en'), [/the knee is at 3\d\d virtual users\.$/, /passes all criteria \(1\)/]);
});
