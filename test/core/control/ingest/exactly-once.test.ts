/** Real agents and a real control, on a network that doubles, re-orders, loses and cuts: every operation counts once. */

import t from 'tap';
import { type AgentExit, runAgent } from '../../../../agents/index.ts';
import type { PlanInput } from '../../../../core/plan/schema.ts';
import { type DriverPlugin, defineDriver } from '../../../../core/plugin.ts';
import { reconcile } from '../../../../core/stats/reconcile.ts';
import { RunState } from '../../../../proto/gen/bench/v1/run_pb.ts';
import type { FakeClock } from '../../../../testing/fake-clock.ts';
import { OK } from '../../../kit/engine.ts';
import fc from '../../../kit/property.ts';
import { FaultyNetwork } from '../scene/faulty-network.ts';
import { anyOptions, fakeDriver, stage } from '../scene/stage.ts';

const SECONDS = 6;

const plan: PlanInput = {
  name: 'on a bad network',
  scenarios: {
    devices: {
      executor: 'constant-vus',
      vus: 4,
      duration: `${SECONDS}s`,
      gracefulStop: '1s',
      thinkTime: { uniform: ['20ms', '300ms'] },
      operations: [{ driver: 'fake', operation: 'upload' }],
    },
  },
};

/** A target: what it was sent, by device. */
function targetOn(clock: FakeClock) {
  const rows = new Map<string, number>();
  const driver: DriverPlugin = defineDriver({
    name: 'fake',
    description: '',
    options: anyOptions,
    operations: fakeDriver.operations,
    open: (_, context) => ({
      connect: ({ index, random }) => {
        const key = `device-${index}`;
        const tally = context.tally(key);
        return {
          send: () =>
            new Promise((resolve) => {
              clock.after(1000 + Math.floor(random.next() * 80_000), () => {
                rows.set(key, (rows.get(key) ?? 0) + 1);
                tally.acknowledged++;
                resolve(OK);
              });
            }),
          close: () => {},
        };
      },
      close: () => {},
    }),
  });
  return { rows, driver };
}

const trouble = fc.record({
  atMs: fc.integer({ min: 0, max: SECONDS * 1000 }),
  kind: fc.constantFrom('cut' as const, 'silence' as const),
  /** How long a silence lasts. */
  forMs: fc.integer({ min: 100, max: 5000 }),
});

t.test('doubled, re-ordered, lost and cut: what was sent, stored, merged and told are one number', async (t) => {
  const seen = { doubled: 0, overtaken: 0, streams: 0, runs: 0 };
  const property = fc.asyncProperty(
    fc.array(trouble, { maxLength: 4 }),
    fc.double({ min: 0, max: 0.9, noNaN: true }),
    fc.integer({ min: 0, max: 2_000_000 }),
    fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
    async (troubles, doubled, mostDelayUs, stream) => {
      const rows = { of: new Map<string, number>() };
      const verify: DriverPlugin['verify'] = async (_, { writes }) =>
        reconcile(writes, rows.of, { source: 'target', sourceDescription: 'the test' }, true);
      const scene = await stage(t, { driver: { verify } });
      const target = targetOn(scene.clock);
      rows.of = target.rows;
      const random = () => stream.next().value as number;
      const network = new FaultyNetwork(scene.control, scene.clock, { random, doubled, mostDelayUs });
      const leave = new AbortController();
      const clock = {
        nowUs: () => scene.clock.nowUs(),
        epochMs: () => scene.clock.epochMs(),
        uptimeUs: () => scene.clock.uptimeUs(),
        after: (us: number, callback: () => void) => scene.clock.after(us, callback),
        soon: (callback: () => void) => void setImmediate(callback),
      };
      const agents = ['a', 'b'].map((name): Promise<AgentExit> => {
        const { connect } = network;
        const common = {
          control: 'memory',
          labels: {},
          drivers: [],
          log: () => {},
          loadDriver: async () => target.driver,
        };
        return runAgent({ ...common, name, clock, connect, signal: leave.signal });
      });
      const runId = await scene.start(plan, 2);
      const { state, reason } = await scene.clock.until(scene.reached(runId, RunState.RUNNING, RunState.FAILED));
      if (state === RunState.FAILED) {
        leave.abort();
        await scene.clock.until(Promise.all(agents));
        // Where messages take more than a second each way, no clock can be measured in time, and no load begins.
        fc.pre(!reason.includes('does not answer clock probes'));
        throw new Error(reason);
      }
      for (const { atMs, kind, forMs } of troubles) {
        scene.clock.after(atMs * 1000, () => network[kind]());
        if (kind === 'silence') scene.clock.after((atMs + forMs) * 1000, () => network.cut());
      }
      await scene.ended(runId);
      const result = await scene.result(runId);
      leave.abort();
      await scene.clock.until(Promise.all(agents));
      const sent = [...target.rows.values()].reduce((sum, count) => sum + count, 0);
      const merged = result.operations[0]?.phases.measure.requests;
      const told = result.timeline.all.requests.reduce((sum, count) => sum + count, 0);
      const { lost, extra, acknowledged } = result.reconciliations[0]?.reconciliation ?? {};
      seen.doubled += network.doubled;
      seen.overtaken += network.overtaken;
      seen.streams += network.streams;
      seen.runs++;
      fc.pre(sent > 0);
      const sums = [merged, told, acknowledged, lost, extra, ...result.agents.map((agent) => agent.closingTotals)];
      const wanted = [sent, sent, sent, 0, 0, 'agree', 'agree'];
      if (JSON.stringify(sums) !== JSON.stringify(wanted)) {
        throw new Error(
          `${JSON.stringify(sums)} instead of ${JSON.stringify(wanted)}: ${JSON.stringify(result.events)}`,
        );
      }
    },
  );
  await fc.assert(property, { numRuns: 25 });
  t.ok(seen.doubled > 100 && seen.overtaken > 100 && seen.streams > 2 * seen.runs, JSON.stringify(seen));
});
