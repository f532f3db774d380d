import { resolve } from 'node:path';
import t from 'tap';
import { CommandError } from '../../../../core/cli/command-error.ts';
import { applyOverrides, type PlanOverrides } from '../../../../core/cli/plans/overrides.ts';
import { parsePlan } from '../../../../core/plan/parse.ts';
import type { PlanInput } from '../../../../core/plan/schema.ts';

type ScenarioInput = PlanInput['scenarios'][string];
const operations = [{ driver: 'null' }];
const constant: ScenarioInput = { executor: 'constant-vus', vus: 5, duration: '30s', thinkTime: '1s', operations };
const ramping: ScenarioInput = {
  executor: 'ramping-vus',
  startVus: 2,
  stages: [
    { target: 10, duration: '1m' },
    { target: 0, duration: '30s' },
  ],
  thinkTime: '1s',
  operations,
};
const arrivals: ScenarioInput = { executor: 'constant-arrival-rate', rate: 9, duration: '1m', maxVus: 5, operations };
const ramps: ScenarioInput = {
  executor: 'ramping-arrival-rate',
  stages: [{ target: 9, duration: '1m' }],
  maxVus: 5,
  operations,
};
const shape: ScenarioInput = { executor: 'shape', shape: './shape.ts', maxVus: 5, operations };
const iterations: ScenarioInput = { executor: 'shared-iterations', vus: 5, iterations: 100, operations };

function planWith(scenarios: PlanInput['scenarios']): PlanInput {
  return { name: 'test', target: 'http://a', scenarios };
}

function override(scenario: ScenarioInput, overrides: PlanOverrides) {
  const plan = planWith({ devices: scenario });
  const changed = applyOverrides(plan, parsePlan(plan), overrides);
  parsePlan(changed.plan);
  return { ...changed, scenario: changed.plan.scenarios.devices };
}

t.test('without load flags the load stays as written', async (t) => {
  const { plan, scenario, notices } = override(ramping, { host: 'http://b', seed: 7 });
  t.equal(plan.target, 'http://b');
  t.equal(plan.seed, 7);
  t.strictSame(scenario, ramping);
  t.strictSame(notices, []);
});

t.test('outputs of the command line stand beside those of the plan, or change their URL', async (t) => {
  const outputs = { chat: { use: 'webhook', options: { url: 'http://a', on: ['end' as const] } } };
  const plan = { ...planWith({ devices: constant }), outputs };
  const outTo = [{ use: 'webhook', url: 'http://b' }, { use: 'chat', url: 'http://c' }, { use: './own.ts' }];
  t.strictSame(applyOverrides(plan, parsePlan(plan), { outTo }).plan.outputs, {
    chat: { use: 'webhook', options: { url: 'http://c', on: ['end'] } },
    webhook: { options: { url: 'http://b' } },
    './own.ts': { use: resolve('own.ts'), options: {} },
  });
});

t.test('what fits is set', async (t) => {
  t.strictSame(override(constant, { vus: 9, duration: '5s' }).scenario, { ...constant, vus: 9, duration: '5s' });
  t.strictSame(override(constant, { duration: '5s' }).scenario, { ...constant, duration: '5s' });
  t.strictSame(override(arrivals, { duration: '5s' }).scenario, { ...arrivals, duration: '5s' });
  t.strictSame(override(shape, { duration: '5s' }).scenario, { ...shape, maxDuration: '5s' });
  t.strictSame(override(iterations, { vus: 2, duration: '5s' }).scenario, { ...iterations, vus: 2, maxDuration: '5s' });
});

t.test('--spawn-rate is for users that stay', async (t) => {
  const { scenario, notices } = override(constant, { vus: 9, spawnRate: 3 });
  t.strictSame(scenario, { ...constant, vus: 9, spawnRate: 3 });
  t.strictSame(notices, [
    'Because of --vus and --spawn-rate, scenario devices runs as constant-vus: 9 virtual users, 3 more each second, for 30s.',
  ]);
  t.match(override(ramping, { vus: 9, spawnRate: 3 }).scenario, { executor: 'constant-vus', vus: 9, spawnRate: 3 });
  const stage = [{ duration: '10s', target: 50 }];
  for (const [source, overrides, message] of [
    [ramping, { spawnRate: 3 }, /a spawn rate does not fit scenario devices, which is ramping-vus/],
    [iterations, { vus: 9, spawnRate: 3 }, /a spawn rate does not fit/],
    [constant, { stage, spawnRate: 3 }, /--spawn-rate and --stage cannot be given together/],
  ] as const) {
    t.throws(() => override(source, overrides), { message, exitCode: 104 });
  }
});

t.test('--stage makes the load ramping-vus and keeps everything else', async (t) => {
  const stages = [{ duration: '10s', target: 50 }];
  const wanted = { executor: 'ramping-vus', stages, thinkTime: '1s', operations };
  const { scenario, notices } = override(constant, { stage: stages });
  t.strictSame(scenario, wanted);
  t.strictSame(notices, ['Because of --stage, scenario devices runs as ramping-vus: 0 virtual users, then 50 in 10s.']);
  t.strictSame(override(ramping, { stage: stages }).scenario, { ...wanted, startVus: 2 }, 'from the plan’s own start');
  t.strictSame(override(ramping, { stage: stages, vus: 3 }).scenario, { ...wanted, startVus: 3 });
});

t.test('--stage and a warm-up, which runs at the level that the stages start from', async (t) => {
  const stage = [{ duration: '10s', target: 50 }];
  const warmed = (scenario: ScenarioInput, vus?: number) => {
    const plan = { ...planWith({ devices: scenario }), warmup: '3s' };
    const changed = applyOverrides(plan, parsePlan(plan), { stage, ...(vus === undefined ? {} : { vus }) });
    return parsePlan(changed.plan).scenarios.devices;
  };
  t.match(warmed(ramping), { startVus: 2 });
  t.match(warmed(constant, 4), { startVus: 4 });
  t.throws(() => warmed(constant), {
    message:
      "--stage starts scenario devices from 0 virtual users, but the plan's warm-up of 3s runs at the level it starts from: give that level with --vus.",
  });
});

t.test('--vus makes stages constant, for as long as they were', async (t) => {
  const wanted = { executor: 'constant-vus', vus: 9, thinkTime: '1s', operations };
  t.strictSame(override(ramping, { vus: 9, duration: '5s' }).scenario, { ...wanted, duration: '5s' });
  const { scenario, notices } = override(ramping, { vus: 9 });
  t.strictSame(scenario, { ...wanted, duration: '1m30s' });
  t.strictSame(notices, ['Because of --vus, scenario devices runs as constant-vus: 9 virtual users for 1m30s.']);
});

t.test('what would have to be guessed is refused with a sentence', async (t) => {
  const stage = [{ duration: '10s', target: 50 }];
  const refused: [ScenarioInput, PlanOverrides, RegExp][] = [
    [
      ramping,
      { duration: '5s' },
      /--duration does not fit scenario devices, whose stages last 1m30s: give --stage, or/,
    ],
    [constant, { duration: '5s', stage }, /--stage and --duration cannot be given together/],
    [arrivals, { vus: 5 }, /--vus does not fit .* driven by a rate/],
    [arrivals, { stage }, /--stage does not fit .* driven by a rate/],
    [shape, { vus: 5 }, /--vus does not fit .* its module says what the load is/],
    [ramps, { duration: '5s' }, /--duration does not fit .* its stages say how long/],
  ];
  for (const [scenario, overrides, message] of refused) {
    t.throws(() => override(scenario, overrides), { name: 'CommandError', exitCode: 104, message });
  }
});

t.test('a plan with several scenarios takes no load flag', async (t) => {
  const plan = planWith({ day: constant, night: constant });
  const parsed = parsePlan(plan);
  t.throws(() => applyOverrides(plan, parsed, { vus: 5, duration: '5s' }), {
    message:
      '--vus and --duration cannot be applied: the plan has 2 scenarios (day, night). Change their load in the plan.',
  });
  t.equal(applyOverrides(plan, parsed, { host: 'http://b' }).plan.target, 'http://b');
  t.throws(() => applyOverrides(plan, parsed, { vus: 5 }), CommandError);
});
