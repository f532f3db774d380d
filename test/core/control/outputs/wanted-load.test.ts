/** What outputs are told of the load that is asked for is what agents were told to do. */
import t, { type Test } from 'tap';
import type { OutputScenario } from '../../../../core/output.ts';
import { wantedLevel } from '../../../../core/plan/load/load-change.ts';
import type { LoadShape } from '../../../../core/plan/load/shape.ts';
import { parsePlan } from '../../../../core/plan/parse.ts';
import type { PlanInput } from '../../../../core/plan/schema.ts';
import { stage } from '../scene/stage.ts';

const operations = [{ driver: 'fake', operation: 'upload' }];

t.test('the level of the plan, with its offsets, its warm-up and what operators have changed', async (t) => {
  const stages = [{ duration: '10s', target: 100 }];
  const plan = parsePlan({
    name: 'p',
    warmup: '2s',
    scenarios: {
      users: { executor: 'constant-vus', vus: 7, duration: '10s', operations },
      late: { executor: 'ramping-arrival-rate', startRate: 10, maxVus: 5, stages, startTime: '3s', operations },
    },
  });
  const pause = { kind: 'pause', atUs: 8e6 } as const;
  const level = { kind: 'level', atUs: 6e6, scenario: 0, level: 9 } as const;
  const at = (scenario: number, second: number) => wantedLevel(plan, scenario, [level, pause], second * 1e6);
  t.same(
    [0, 5, 6, 9, 11.9, 12].map((second) => at(0, second)),
    [7, 7, 9, 9, 9, 0],
    'users stay during a pause',
  );
  t.same(
    [4, 5, 7, 7.5, 9].map((second) => at(1, second)),
    [0, 10, 28, 32.5, 0],
  );
});

t.test('a change that takes a while goes in a straight line, from where the one before has come to', async (t) => {
  const plan = parsePlan({
    name: 'p',
    scenarios: { users: { executor: 'constant-vus', vus: 10, duration: '20s', operations } },
  });
  const up = { kind: 'level', atUs: 4e6, scenario: 0, level: 50, rampUs: 8e6 } as const;
  const down = { kind: 'level', atUs: 8e6, scenario: 0, level: 0, rampUs: 3e6 } as const;
  const last = { kind: 'level', atUs: 18e6, scenario: 0, level: 100, rampUs: 10e6 } as const;
  const at = (changes: Parameters<typeof wantedLevel>[2], seconds: readonly number[]) =>
    seconds.map((second) => wantedLevel(plan, 0, changes, second * 1e6));
  t.same(at([up], [3, 4, 6, 8, 12, 19]), [10, 10, 20, 30, 50, 50]);
  t.same(at([up, down], [6, 8, 9, 10, 11, 19]), [20, 30, 20, 10, 0, 0]);
  t.same(at([up, down, last], [18, 19, 20]), [0, 10, 0], 'the load ends when it would have ended');
});

/** What an output is told of the one scenario, second by second. */
async function told(t: Test, of: 'vus' | 'rate', shape: LoadShape, isPaused = false): Promise<OutputScenario[]> {
  const scenarios: OutputScenario[] = [];
  const kept = {
    second: (one: { scenarios: readonly OutputScenario[] }) => void scenarios.push(...one.scenarios),
    end() {},
    close() {},
  };
  const scene = await stage(t, { shape, outputs: { kept: () => kept } });
  const agent = await scene.agent();
  const steps = { executor: 'shape', shape: './steps.ts', load: of, maxVus: 100, maxDuration: '60s', operations };
  const plan = { name: 'shaped', outputs: { kept: {} }, scenarios: { steps } } as unknown as PlanInput;
  const runId = await scene.running([agent], { plan });
  if (isPaused) await scene.change(runId, { change: { case: 'pause', value: {} } });
  for (let second = 0; second < 4; second++) {
    agent.window(second + 1, second, [{ responseUs: [1000] }]);
    agent.sendWindow(runId, second + 1);
    await scene.clock.advance(1e6);
  }
  await scene.stop(runId, 'enough');
  return scenarios;
}

t.test('the levels of a shape, which come second by second', async (t) => {
  const grows = await told(t, 'vus', (second) => 10 * (second + 1));
  t.ok(grows.length >= 3);
  t.match(grows.slice(0, 3), [{ vusWanted: 10 }, { vusWanted: 20 }, { vusWanted: 30 }]);
  t.equal(grows[0]?.rateWanted, undefined);
  const paused = await told(t, 'rate', () => 10, true);
  t.equal(paused.at(-1)?.rateWanted, 0, 'none arrive during a pause');
});
