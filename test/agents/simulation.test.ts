import t from 'tap';
import { Simulation } from '../../agents/index.ts';
import { SimulatedEngine } from '../../agents/simulation/simulated-engine.ts';
import { IDLE_HOST, syntheticWindow } from '../../agents/simulation/synthetic-window.ts';
import { parsePlan } from '../../core/plan/parse.ts';
import { resolvePlan } from '../../core/plan/resolve.ts';
import type { RunResult } from '../../core/stats/result.ts';
import type { Window } from '../../core/stats/window.ts';
import nullDriver from '../../plugins/null.ts';
import { RunService } from '../../proto/gen/bench/v1/run_pb.ts';
import { createClient } from '../../proto/rpc/adapter.ts';
import { readRun } from '../../proto/stored-run.ts';
import { decodeWindow, encodeWindow } from '../../proto/window-codec.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { differenceFromSimulation } from '../bench/expected-totals.ts';
import { LOCAL_CONTROL, servedControl } from '../core/control/scene/served-control.ts';
import { accessTo } from '../kit/local-access.ts';
import fc from '../kit/property.ts';

t.test('a synthetic window is the same each time, is a good one, and is like no other', (t) => {
  fc.assert(
    fc.property(fc.string(), fc.nat(20_000), fc.nat(100_000), (runId, agent, second) => {
      const of = { runId, agent, second, operations: 5, warmupUs: 3e6, vus: [2, 1] };
      const window = syntheticWindow(of);
      t.strictSame(syntheticWindow(of), window);
      t.strictSame(decodeWindow(encodeWindow(window), { operations: 5, scenarios: 2 }), window, 'control takes it');
      t.equal(window.operations[0]?.phase, second < 3 ? 'warmup' : 'measure');
      const [operation] = window.operations;
      for (const change of [{ runId: `${runId}x` }, { agent: agent + 1 }, { second: second + 1 }]) {
        t.notSame(syntheticWindow({ ...of, ...change }).operations[0]?.serviceTime, operation?.serviceTime);
      }
    }),
    { numRuns: 50 },
  );
  t.end();
});

t.test('an agent that takes part later begins in the second it is; one of the start leaves none out', async (t) => {
  const scenarios = {
    s: { executor: 'constant-vus' as const, vus: 2, duration: '6s', operations: [{ driver: 'null' }] },
  };
  const plan = await resolvePlan(parsePlan({ name: 'test', scenarios }), async () => nullDriver);
  for (const [slots, seconds] of [
    [[], [3, 4, 5]],
    [[0], [0, 1, 2, 3, 4, 5]],
  ]) {
    const clock = new FakeClock();
    const windows: Window[] = [];
    const engine = new SimulatedEngine({
      runId: 'run',
      plan,
      share: { of: 1, slots: slots as number[] },
      baseDirectory: '.',
      clock,
      host: () => IDLE_HOST,
      emit: (window) => windows.push(window),
      hide: (text) => text,
      warn: () => {},
      log: () => {},
      failed: (error) => t.fail(`${error}`),
    });
    const run = engine.run(clock.nowUs() - 3.5e6);
    await clock.advance(3e6);
    await run;
    t.same(
      windows.map(({ second }) => second),
      seconds,
    );
  }
});

t.test('simulated agents keep to the protocol, and every sample of theirs is in the result', async (t) => {
  const agents = 120;
  const loadDriver = async () => nullDriver;
  const control = await servedControl(t, { loaders: { ...LOCAL_CONTROL.loaders, loadDriver } });
  const leave = new AbortController();
  const simulation = new Simulation({
    agents,
    control: control.address,
    access: accessTo(control.address),
    name: 'simulated',
    labels: {},
    drivers: ['null'],
    loadDriver,
    log: () => {},
    signal: leave.signal,
  });
  const living = simulation.run();
  const runs = createClient(RunService, control.address, accessTo(control.address));
  t.teardown(() => runs.close());
  const operations = [
    { driver: 'null', name: 'one' },
    { driver: 'null', name: 'two' },
  ];
  const scenarios = { s: { executor: 'constant-vus', vus: agents, duration: '2s', operations } };
  const plan = { json: JSON.stringify({ name: 'simulated', scenarios }), baseDirectory: '/' };
  const { runId } = await runs.startRun({ plan, expectAgents: agents, agentsTimeoutUs: 30e6 });
  let behindUs = 0;
  for await (const { event } of runs.watchRun({ runId })) {
    if (event.case === 'snapshot') behindUs = event.value.behindUs;
  }
  t.ok(behindUs > 0 && behindUs < 30e6, `the live view says how old it is: ${behindUs} µs`);
  const result: RunResult = JSON.parse((await readRun(runs.getRun({ runId }))).resultJson ?? 'null');
  t.equal(differenceFromSimulation(result, agents, 2), undefined);
  t.equal(simulation.acknowledged.count, 2 * agents);
  const requests = result.operations.map(({ phases }) => phases.measure.requests);
  t.equal(
    result.agents.reduce((sum, agent) => sum + agent.requests, 0),
    requests.reduce((sum, ofOne) => sum + ofOne, 0),
  );
  leave.abort();
  t.same(await living, { kind: 'told-to-end', handedOver: true });
});
