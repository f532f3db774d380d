/** A process: one agent's part of an hour-long run on a fake clock. Prints a {@link SimulatedMemory} as JSON. */

import process from 'node:process';
import { create } from '@bufbuild/protobuf';
import { AssignedRun } from '../../../agents/assigned-run.ts';
import type { AgentMessage } from '../../../agents/control-connection.ts';
import { realLoad } from '../../../agents/generator.ts';
import type { Clock } from '../../../core/clock.ts';
import type { PlanInput } from '../../../core/plan/schema.ts';
import { type Driver, type DriverPlugin, defineDriver, type Outcome } from '../../../core/plugin.ts';
import { ANY_FILE } from '../../../core/secret-files.ts';
import { AssignmentSchema } from '../../../proto/gen/bench/v1/agent_pb.ts';
import { FakeClock } from '../../../testing/fake-clock.ts';
import { LONG_MINUTES, SHORT_MINUTES, type SimulatedMemory } from './simulated-hour.ts';

const MINUTE_US = 60e6;
const OK: Outcome = { ok: true, errorKind: '', message: '', status: 200, bytesSent: 100, bytesReceived: 200 };
const FAILED: Outcome = { ...OK, ok: false, errorKind: 'http_500', message: 'the status is 500', status: 500 };
const MEAN_LATENCY_US = 50_000;

/** Latencies are exponentially distributed, so that the histograms fill; one operation in a hundred fails. */
function simulatedDriver(clock: Clock): DriverPlugin {
  const driver = (tally: (key: string) => { acknowledged: number }): Driver => ({
    connect: ({ index, random }) => {
      const writes = tally(`device-${index}`);
      return {
        send: () =>
          new Promise((resolve) => {
            clock.after(-Math.log(1 - random.next()) * MEAN_LATENCY_US, () => {
              writes.acknowledged++;
              resolve(random.next() < 0.01 ? FAILED : OK);
            });
          }),
        close: () => {},
      };
    },
    close: () => {},
  });
  return defineDriver({
    name: 'simulated',
    description: '',
    options: { '~standard': { version: 1, vendor: 'benchmark', validate: (value: unknown) => ({ value }) } },
    operations: () => [{ name: 'write', type: 'TEST' }],
    open: (_options, context) => driver((key) => context.tally(key)),
  });
}

const plan: PlanInput = {
  name: 'An hour',
  scenarios: {
    users: {
      executor: 'constant-vus',
      vus: 50,
      duration: `${LONG_MINUTES}m`,
      thinkTime: { uniform: ['1s', '3s'] },
      operations: [{ driver: 'simulated' }],
    },
  },
};

const clock = new FakeClock();
let done = false;
const run = new AssignedRun({
  assignment: create(AssignmentSchema, {
    runId: 'simulated',
    share: { of: 1, slots: [0] },
    plan: { json: JSON.stringify(plan) },
  }),
  epoch: 'epoch',
  clock,
  loadDriver: async () => simulatedDriver(clock),
  files: { secrets: ANY_FILE },
  content: () => {
    throw new Error('nothing is sent with this run');
  },
  load: realLoad,
  acknowledged: () => {},
  log: (line) => process.stderr.write(`${line}\n`),
  send: control,
});

/** Control takes every window at once. */
function control(message: AgentMessage): void {
  if (message.case === 'window') run.acknowledge({ seq: message.value.seq ?? 0, controlUs: clock.nowUs() });
  if (message.case === 'prepared' && message.value.problems?.length) throw new Error(message.value.problems.join('; '));
  if (message.case === 'done') done = true;
}

function usedBytes(): number {
  const { gc } = (globalThis as { Bun?: { gc(full: boolean): void } }).Bun ?? {};
  if (gc === undefined) throw new Error('memory is compared after a full garbage collection: run this on Bun');
  for (let i = 0; i < 3; i++) gc(true);
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

await run.prepare();
void run.start(clock.nowUs());
await clock.advance(SHORT_MINUTES * MINUTE_US);
const afterShortBytes = usedBytes();
await clock.advance((LONG_MINUTES - SHORT_MINUTES) * MINUTE_US - 1e6);
const afterLongBytes = usedBytes();
await clock.advance(2e6);
if (!done) throw new Error('the simulated run did not come to its end');
process.stdout.write(`${JSON.stringify({ afterShortBytes, afterLongBytes } satisfies SimulatedMemory)}\n`);
