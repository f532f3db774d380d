/** What outputs get adds up to the result, whatever becomes of windows, of control and of the outputs; and no run waits for them. */
import t, { type Test } from 'tap';
import { OUTPUT_DRAIN_LIMIT_US, OUTPUT_LIMIT_US } from '../../../../core/control/limits.ts';
import { ControlMetrics } from '../../../../core/control/telemetry/metrics.ts';
import { RunMetrics } from '../../../../core/control/telemetry/run-metrics.ts';
import type { Output } from '../../../../core/output.ts';
import { parseExposition } from '../../../../plugins/prometheus/text.ts';
import { RunState } from '../../../../proto/gen/bench/v1/run_pb.ts';
import { withCutOff } from '../scene/cut-off.ts';
import { memoryTransport } from '../scene/scripted-agent.ts';
import { type Stage, stage } from '../scene/stage.ts';
import { Kept, planWith, seconds, sumsOf } from './kept.ts';

const never = () => new Promise<never>(() => {});

/** The whole of a run of one agent. */
async function ranFor(t: Test, length: number, outputs: Readonly<Record<string, Output>>) {
  const scene = await stage(t, {
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, output]) => [name, () => output])),
  });
  const agent = await scene.agent();
  const plan = planWith(length, ...Object.keys(outputs));
  const runId = await scene.running([agent], { plan });
  await seconds(scene, runId, agent, 0, length);
  agent.sendDone(runId);
  const { state } = await scene.ended(runId);
  t.equal(state, RunState.FINISHED);
  const result = await scene.result(runId);
  return { result, texts: result.events.map(({ text }) => text), scene };
}

t.test('an output gets each second, what the run has come to each five, and the result', async (t) => {
  const kept = new Kept();
  const { result, texts } = await ranFor(t, 12, { kept });
  t.same(
    kept.calls.map(({ second, isCorrection }) => [second, isCorrection]),
    Array.from({ length: 12 }, (_, second) => [second, false]),
  );
  t.match(kept.calls[3], {
    startedAt: result.startedAt,
    rows: [
      {
        scenario: 'devices',
        operation: 'upload',
        type: 'POST',
        kind: 'request',
        requests: 3,
        errors: 1,
        sumUs: 253_000,
      },
    ],
    scenarios: [{ name: 'devices', vus: 1, droppedArrivals: 0 }],
    agents: [{ name: 'agent-1', state: 'here', processCpuCores: 0.25, processMemoryBytes: 1e8, loopLagUs: 1000 }],
    monitors: {},
  });
  t.equal(kept.calls[3]?.rows.length, 1, 'rows without samples are left out');
  t.same(
    kept.calls.filter(({ soFar }) => soFar).map(({ second }) => second),
    [4, 9],
  );
  t.match(kept.soFar[0], { verdict: 'fail', thresholds: [{ criterion: 'error_rate < 1%', status: 'fail' }] });
  const counts = kept.soFar.map((soFar) => sumsOf(soFar)[0]);
  t.ok(
    counts.every((count, i) => count >= 15 * (i + 1)),
    `counts ${counts} have all seconds that were given`,
  );
  t.same(kept.sums, sumsOf(result));
  t.same(kept.sums, [36, 12]);
  t.match(kept.ended, { runId: result.runId, verdict: result.verdict });
  t.ok(kept.isClosed);
  t.same(texts, [], 'nothing is said of an output that works');
});

t.test('a second to which a window comes late is given again, and then has everything', async (t) => {
  const kept = new Kept();
  const scene = await stage(t, { outputs: { kept: () => kept } });
  const [a, b] = await scene.twoAgents();
  const runId = await scene.running([a, b], { plan: planWith(12, 'kept'), policy: { lossTolerance: 1 }, forUs: 0 });
  await withCutOff(scene, runId, [a, b], {
    seconds: 12,
    back: 8,
    measured: (agent, second) => agent.window(second + 1, second, [{ responseUs: [1000, 3000] }]),
  });
  for (const agent of [a, b]) agent.sendDone(runId);
  await scene.ended(runId);
  const result = await scene.result(runId);
  const corrected = kept.calls.filter(({ isCorrection }) => isCorrection);
  t.ok(corrected.length > 0, 'some seconds are given again');
  t.ok(corrected.every(({ rows }) => rows[0]?.requests === 4));
  t.same(kept.sums, sumsOf(result));
  t.same(kept.sums, [48, 0]);
});

t.test('of an agent that was away for minutes, an output that works misses nothing', async (t) => {
  const kept = new Kept();
  const scene = await stage(t, { outputs: { kept: () => kept } });
  const [a, b] = await scene.twoAgents();
  const runId = await scene.running([a, b], { plan: planWith(200, 'kept'), policy: { lossTolerance: 1 }, forUs: 0 });
  await withCutOff(scene, runId, [a, b], {
    seconds: 200,
    back: 199,
    measured: (agent, second) => agent.window(second + 1, second, [{ responseUs: [1000, 3000] }]),
  });
  for (const agent of [a, b]) agent.sendDone(runId);
  await scene.ended(runId);
  const result = await scene.result(runId);
  t.same(kept.sums, sumsOf(result));
  t.same(kept.sums, [800, 0]);
  t.ok(kept.calls.filter(({ isCorrection }) => isCorrection).length > 60);
  t.same(
    result.events.filter(({ text }) => text.startsWith('output')),
    [],
  );
});

t.test('a second that gets a late window while it waits is given whole, as new, and once', async (t) => {
  const kept = new Kept();
  let isAway = true;
  const flaky: Output = {
    async second(figures, signal) {
      if (isAway) throw new Error('503');
      await kept.second(figures, signal);
    },
    end() {},
    close() {},
  };
  const scene = await stage(t, { outputs: { flaky: () => flaky } });
  const [a, b] = await scene.twoAgents();
  const runId = await scene.running([a, b], { plan: planWith(40, 'flaky'), policy: { lossTolerance: 1 }, forUs: 0 });
  for (let second = 0; second < 40; second++) {
    await scene.clock.advance(1e6);
    if (second === 2) b.cut();
    for (const agent of [a, b]) agent.window(second + 1, second, [{ responseUs: [1000, 3000] }]);
    a.sendWindow(runId, second + 1);
    if (second < 2) b.sendWindow(runId, second + 1);
    if (second === 26) isAway = false;
    if (second !== 16) continue;
    void b.join(memoryTransport(scene.control));
    await scene.clock.until(b.next('welcome'));
    for (let missing = 3; missing <= 17; missing++) b.sendWindow(runId, missing);
  }
  for (let seq = 18; seq <= 40; seq++) b.sendWindow(runId, seq);
  await scene.clock.advance(1e6);
  for (const agent of [a, b]) agent.sendDone(runId);
  await scene.ended(runId);
  const result = await scene.result(runId);
  const early = kept.calls.filter(({ second }) => second < 12);
  t.same(
    early.map(({ second, isCorrection, agents, rows }) => [second, isCorrection, agents.length, rows[0]?.requests]),
    Array.from({ length: 12 }, (_, second) => [second, false, 2, 4]),
  );
  t.same(kept.sums, sumsOf(result));
});

t.test('an output that fails for a while gets what it has missed', async (t) => {
  const kept = new Kept();
  let calls = 0;
  const { result, texts } = await ranFor(t, 20, {
    flaky: {
      async second(figures, signal) {
        if (++calls <= 3) throw new Error('503');
        await kept.second(figures, signal);
      },
      end: (result) => kept.end(result),
      close() {},
    },
  });
  t.same(
    kept.calls.map(({ second }) => second),
    Array.from({ length: 20 }, (_, second) => second),
  );
  t.same(kept.sums, sumsOf(result));
  t.same(texts, ['output flaky failed: 503; the run goes on, and 60 s are kept for it', 'output flaky works again']);
  t.ok(kept.ended);
});

t.test(
  'one that cannot be opened, one that fails, one that hangs and one that throws at once change nothing',
  async (t) => {
    const alone = await ranFor(t, 70, {});
    const metrics = new ControlMetrics(() => ({ agents: {}, runs: {} }), new RunMetrics());
    t.teardown(() => metrics.close());
    let storedUs = Number.NEGATIVE_INFINITY;
    const scene: Stage = await stage(t, {
      metrics,
      outputs: {
        away: () => {
          throw new Error('connection refused');
        },
        hung: () => ({ second: never, end: never, close: never }),
        good: () => ({
          second() {},
          end() {
            storedUs = scene.clock.nowUs();
          },
          close() {},
        }),
        stuck: never,
        wrong: () => ({
          second: () => {
            throw new Error('500');
          },
          end: () => Promise.reject(new Error('501')),
          close: () => Promise.reject(new Error('502')),
        }),
      },
    });
    const agent = await scene.agent();
    const runId = await scene.running([agent], { plan: planWith(70, 'away', 'hung', 'good', 'stuck', 'wrong') });
    await seconds(scene, runId, agent, 0, 70);
    agent.sendDone(runId);
    const notices: string[] = [];
    const watching = (async () => {
      for await (const { event } of scene.watch(runId)) if (event.case === 'notice') notices.push(event.value);
    })();
    t.equal((await scene.ended(runId)).state, RunState.FINISHED);
    await scene.clock.until(watching);
    const result = await scene.result(runId);
    // Between the two, the result is stored, which takes real time, in which any of this clock's may pass.
    const drainedUs = Math.max(...result.events.map(({ atUs }) => atUs)) - 70e6;
    const endedUs = scene.clock.nowUs() - storedUs;
    t.ok(drainedUs <= OUTPUT_DRAIN_LIMIT_US + 1e6, `the outputs hold the result up for ${drainedUs / 1e6} s`);
    t.ok(endedUs <= OUTPUT_LIMIT_US + OUTPUT_DRAIN_LIMIT_US + 1e6, `and then the run for ${endedUs / 1e6} s`);
    const { operations, timeline } = alone.result;
    t.same(
      { operations: result.operations, timeline: result.timeline, verdict: result.verdict },
      { operations, timeline, verdict: alone.result.verdict },
    );
    t.same(result.events.map(({ text }) => text).sort(), [
      'output away failed: connection refused; the run goes on, and 60 s are kept for it',
      'output away: 70 of 70 seconds could not be given to it while the run went on',
      'output hung failed: no answer within 10 s; the run goes on, and 60 s are kept for it',
      'output hung: 70 of 70 seconds could not be given to it while the run went on',
      'output stuck failed: no answer within 10 s; the run goes on, and 60 s are kept for it',
      'output stuck: 70 of 70 seconds could not be given to it while the run went on',
      'output wrong failed: 500; the run goes on, and 60 s are kept for it',
      'output wrong: 70 of 70 seconds could not be given to it while the run went on',
    ]);
    const dropped = parseExposition(await metrics.page()).filter(({ name }) => name.endsWith('_export_dropped_total'));
    t.same(
      dropped.map(({ labels, value }) => [labels.output, value]).sort(),
      ['away', 'hung', 'stuck', 'wrong'].map((name) => [name, 70]),
    );
    t.same(notices.filter((text) => /taken|closed/.test(text)).sort(), [
      'output away has not taken the result: connection refused',
      'output hung could not be closed: it was not closed within 5 s',
      'output hung has not taken the result: no answer within 10 s',
      'output stuck has not taken the result: no answer within 10 s',
      'output wrong could not be closed: 502',
      'output wrong has not taken the result: 501',
    ]);
  },
);

t.test('an output that opens when the run is over is closed', async (t) => {
  const opening = Promise.withResolvers<Output>();
  const scene = await stage(t, { outputs: { slow: () => opening.promise } });
  const agent = await scene.agent();
  const runId = await scene.running([agent], { plan: planWith(3, 'slow') });
  await seconds(scene, runId, agent, 0, 3);
  agent.sendDone(runId);
  await scene.ended(runId);
  const kept = new Kept();
  opening.resolve(kept);
  await scene.clock.advance(1e6);
  t.ok(kept.isClosed);
});
