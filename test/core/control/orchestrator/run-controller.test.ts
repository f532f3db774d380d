import t from 'tap';
import type { Log } from '../../../../core/log.ts';
import type { PlanInput } from '../../../../core/plan/schema.ts';
import { reconcile } from '../../../../core/stats/reconcile.ts';
import { RunState } from '../../../../proto/gen/bench/v1/run_pb.ts';
import { matchEach } from '../../../kit/match-each.ts';
import { histogramOf } from '../scene/scripted-agent.ts';
import { fakePlan, stage } from '../scene/stage.ts';

t.test('a run from its order to its result, with two agents whose clocks differ', async (t) => {
  const steps: string[] = [];
  const scene = await stage(t, {
    driver: {
      prepare: async (_, { progress, target, baseDirectory }) => {
        steps.push(`prepare ${target} ${baseDirectory}`);
        progress('a table is made');
      },
      verify: async (_, { writes }) => {
        steps.push('verify');
        return reconcile(
          writes,
          new Map([
            ['device-0', 2],
            ['device-1', 1],
          ]),
          { source: 'database', sourceDescription: 'test' },
          true,
        );
      },
      cleanup: async () => {
        steps.push('cleanup');
      },
    },
    monitors: {
      target: () => ({
        sample: async () => ({ queue_depth: 7 }),
        describe: async () => ({ version: '1.2.3' }),
        close: () => {
          steps.push('monitor closed');
        },
      }),
    },
  });
  const { clock } = scene;
  const one = await scene.agent({ name: 'agent-1', clockOffsetUs: 1_000_000_000 });
  const two = await scene.agent({ name: 'agent-2', clockOffsetUs: -5_000_000 });
  const runId = await scene.start({ ...fakePlan, warmup: '1s', monitors: { target: {} } }, 2);
  t.match(runId, /^[0-9a-z]{12}$/);

  const shares = [await clock.until(one.prepare()), await clock.until(two.prepare([], ['few ports are free']))];
  t.same(
    shares.map(({ runId: run, share }) => [run, share?.slots, share?.of]),
    [
      [runId, [0], 2],
      [runId, [1], 2],
    ],
  );
  t.equal(shares[0]?.plan?.baseDirectory, '/plans');
  t.match(JSON.parse(shares[0]?.plan?.json ?? ''), { name: 'test run', warmup: '1s' });
  const starts = [await clock.until(one.next('start')), await clock.until(two.next('start'))];
  const [startUs] = starts.map(({ atAgentUs }) => atAgentUs - 1_000_000_000);
  t.equal((starts[1]?.atAgentUs ?? 0) + 5_000_000, startUs, 'one instant, on two clocks');
  t.ok((startUs ?? 0) > clock.nowUs(), 'and it is still to come');

  for (const text of ['driver x leaks sessions', 'driver x leaks\nsessions', 'driver x leaks sessions']) {
    one.send({ case: 'warned', value: { runId, text } });
  }
  await clock.advance(0.7e6);
  const all: number[] = [];
  for (let second = 0; second < 4; second++) {
    for (const agent of [one, two]) {
      const responseUs = [1000 * (second + 1), 250_000];
      const phase = second === 0 ? 'warmup' : 'measure';
      if (phase === 'measure') all.push(...responseUs);
      const keys = second < 2 && agent === one ? ['device-0'] : second === 0 ? ['device-1'] : [];
      agent.window(second + 1, second, [{ phase, responseUs, errors: second === 3 ? 1 : 0 }], 1, keys);
      agent.sendWindow(runId, second + 1);
    }
    await clock.advance(1e6);
  }
  t.equal((await clock.until(one.next('windowAck'))).seq >= 1, true);
  for (const agent of [one, two]) agent.sendDone(runId);
  const end = await scene.ended(runId);
  t.equal(end.state, RunState.FINISHED);
  for (const agent of [one, two]) t.equal((await clock.until(agent.next('runEnded'))).runId, runId);

  const result = await scene.result(runId);
  const upload = result.operations[0];
  t.equal(upload?.name, 'upload');
  t.equal(upload?.type, 'POST');
  t.strictSame(upload?.phases.measure.responseTime, histogramOf(all));
  t.equal(upload?.phases.warmup.requests, 4);
  t.equal(upload?.phases.measure.errors, 2);
  matchEach(t, upload?.phases.measure.errorKinds, [{ kind: 'timeout', count: 2, firstSecond: 3, lastSecond: 3 }]);
  t.equal(result.operations[1]?.phases.measure.requests, 0);
  t.match(result, {
    version: 1,
    runId,
    seed: 1,
    ending: { kind: 'completed' },
    warmupUs: 1e6,
    plannedUs: 4e6,
    measuredUs: 3e6,
    targetEnvironment: { version: '1.2.3' },
    scenarios: [{ name: 'devices', executor: 'constant-vus', maxVus: 2, droppedArrivals: 0 }],
    agents: [
      { name: 'agent-1', requests: 8, errors: 1, closingTotals: 'agree', clockOffsetUs: 1e9, startDelayUs: 1500 },
      { name: 'agent-2', requests: 8, errors: 1, closingTotals: 'agree', clockOffsetUs: -5e6 },
    ],
    timeline: { vus: [2, 2, 2, 2], all: { requests: [4, 4, 4, 4], errors: [0, 0, 0, 2] } },
    monitors: [{ name: 'target.queue_depth', seconds: [0, 1, 2, 3], values: [7, 7, 7, 7] }],
    reconciliations: [{ driver: 'fake', reconciliation: { acknowledged: 3, stored: 3, lost: 0 } }],
    thresholds: [
      { criterion: 'error_rate < 1%', isDefault: true, status: 'fail' },
      { criterion: 'lost == 0', isDefault: true, status: 'pass' },
    ],
  });
  t.matchOnly(
    result.events.map(({ text }) => text),
    ['agent agent-2 warns: few ports are free', 'agent agent-1 warns: driver x leaks sessions'],
  );
  t.equal(result.startedAt, new Date(clock.epochMs() - (clock.nowUs() - (startUs ?? 0)) / 1000).toISOString());
  t.same(steps, ['prepare http://127.0.0.1:1 /plans', 'monitor closed', 'verify', 'cleanup']);
  t.match(await scene.summary(runId), { state: RunState.FINISHED, name: 'test run', verdict: result.verdict.kind });
  t.same(
    (await scene.agents()).map(({ runId }) => runId),
    ['', ''],
    'the agents are free for the next run',
  );
});

t.test('a run waits for its agents, and says in the end how many are missing', async (t) => {
  const scene = await stage(t);
  const none = await scene.start(fakePlan, 0, 30e6);
  t.match(await scene.ended(none), {
    state: RunState.FAILED,
    reason: 'no agent had joined after 30s: start one with `bench agent --control 127.0.0.1:7070`',
  });
  await scene.agent({ name: 'a' });
  await scene.agent({ name: 'b' });
  const three = await scene.start(fakePlan, 3, 5e6);
  t.match(await scene.ended(three), {
    state: RunState.FAILED,
    reason:
      '2 of 3 agents had joined after 5s: start more with `bench agent --control 127.0.0.1:7070` or lower --expect-agents',
  });
  t.match(await scene.summary(three), { state: RunState.FAILED, reason: /^2 of 3/, verdict: '' });
});

t.test('a run takes all agents that are there once there are enough', async (t) => {
  const scene = await stage(t);
  const one = await scene.agent({ name: 'a' });
  const runId = await scene.start(fakePlan, 2);
  await scene.clock.advance(2e6);
  t.equal(one.received.length, 1, 'it waits for the second one');
  const two = await scene.agent({ name: 'b' });
  t.equal((await scene.clock.until(one.prepare(['no such file: data.csv']))).share?.of, 2);
  await scene.clock.until(two.prepare(['no such file: data.csv', 'the target http://127.0.0.1:1 cannot be reached']));
  t.match(await scene.ended(runId), {
    state: RunState.FAILED,
    reason: [
      'agent a: no such file: data.csv',
      'agent b: no such file: data.csv',
      'agent b: the target http://127.0.0.1:1 cannot be reached',
    ].join('\n'),
  });
  await scene.clock.until(one.next('runEnded'));
});

t.test(
  'a run with more agents than virtual users for its arrivals is refused, before anything is prepared',
  async (t) => {
    const scene = await stage(t, { driver: { prepare: () => Promise.reject(new Error('is not asked')) } });
    const [one] = await scene.twoAgents();
    const arrivals = (maxVus: number): PlanInput => ({
      ...fakePlan,
      scenarios: {
        arrivals: {
          executor: 'constant-arrival-rate',
          rate: 10,
          duration: '3s',
          maxVus,
          operations: [{ driver: 'fake', operation: 'upload' }],
        },
      },
    });
    t.match(await scene.ended(await scene.start(arrivals(1), 2)), {
      state: RunState.FAILED,
      reason:
        'scenario arrivals: maxVus is 1, and the run has 2 agents: an agent without a virtual user would drop all its arrivals; set maxVus to 2 or more, or run with fewer agents',
    });
    t.notOk(one?.received.some((message) => message.case === 'assignment'));
    t.match(
      await scene.ended(await scene.start(arrivals(2), 2)),
      { reason: /is not asked/ },
      'the agents are free again',
    );
  },
);

t.test('an agent that is lost or silent while it prepares fails the run', async (t) => {
  const scene = await stage(t);
  const lost = await scene.agent({ name: 'a' });
  const first = await scene.start();
  await scene.clock.until(lost.next('assignment'));
  lost.cut();
  t.match(await scene.ended(first), { state: RunState.FAILED, reason: /^agent a was lost while it prepared/ });
  await scene.agent({ name: 'b' });
  const second = await scene.start();
  t.match(await scene.ended(second), { state: RunState.FAILED, reason: 'agent b was not ready after 60 s' });
});

t.test('an agent that reads large files has as long as it may prepare, and is not taken for lost', async (t) => {
  const scene = await stage(t);
  const reading = await scene.agent({ name: 'a' });
  const runId = await scene.start();
  await scene.clock.until(reading.next('assignment'));
  // Its event loop is held up: it sends nothing, on a stream that stays.
  reading.freeze();
  t.match(await scene.ended(runId), { state: RunState.FAILED, reason: 'agent a was not ready after 60 s' });
});

t.test('why a run failed is one sentence; the log has a stack where nobody foresaw the failure', async (t) => {
  const logged: { line: string; stack: string | undefined }[] = [];
  const log: Log = (line, fields) => logged.push({ line, stack: fields?.stack });
  const operations = fakePlan.scenarios.devices?.operations ?? [];
  const devices = { executor: 'shape', shape: './shape.ts', maxVus: 2, maxDuration: '3s', operations } as const;
  const level = Object.defineProperty({ level: 0 }, 'level', {
    get() {
      throw new TypeError('level is not what it seems');
    },
  });
  const scene = await stage(t, { log, shape: () => level });
  const agent = await scene.agent();
  const unforeseen = await scene.start({ ...fakePlan, scenarios: { devices } });
  await scene.clock.until(agent.prepare());
  t.match(await scene.ended(unforeseen), { state: RunState.FAILED, reason: 'level is not what it seems' });
  const foreseen = await scene.start(fakePlan, 2, 1e6);
  await scene.ended(foreseen);
  const failures = logged.filter(({ line }) => / failed: /.test(line));
  matchEach(t, failures, [
    { line: `run ${unforeseen} failed: level is not what it seems`, stack: /TypeError: level is.*\n +at / },
    { line: new RegExp(`^run ${foreseen} failed: 1 of 2 agents had joined`), stack: undefined },
  ]);
});
