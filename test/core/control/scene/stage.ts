import type t from 'tap';
import { type ControlCore, createControl } from '../../../../core/control/control-plane.ts';
import type { ControlOutput } from '../../../../core/control/outputs/run-outputs.ts';
import type { MetricsSink } from '../../../../core/control/telemetry/metrics-sink.ts';
import type { Log } from '../../../../core/log.ts';
import type { LoadShape } from '../../../../core/plan/load/shape.ts';
import type { PlanInput } from '../../../../core/plan/schema.ts';
import {
  type DriverPlugin,
  defineDriver,
  defineMonitor,
  defineOutput,
  type MonitorPlugin,
  type OutputPlugin,
} from '../../../../core/plugin.ts';
import type { RunResult } from '../../../../core/stats/result.ts';
import {
  type GetRunResponse,
  OnAgentLoss,
  RunState,
  type StateChange,
  type WatchRunResponse,
} from '../../../../proto/gen/bench/v1/run_pb.ts';
import { readRun, readRunSummary } from '../../../../proto/stored-run.ts';
import type { FakeClock } from '../../../../testing/fake-clock.ts';
import { sceneClock } from './scene-clock.ts';
import { type AgentIdentity, memoryTransport, ScriptedAgent } from './scripted-agent.ts';

type Test = Pick<typeof t, 'teardown'>;

export const anyOptions = {
  '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) },
} as const;

export const fakeDriver = defineDriver({
  name: 'fake',
  description: 'for tests: agents are scripted and never open it',
  options: anyOptions,
  operations: () => [
    { name: 'upload', type: 'POST' },
    { name: 'health', type: 'GET' },
  ],
  open: () => {
    throw new Error('no agent of these tests opens a driver');
  },
});

export const fakePlan: PlanInput = {
  name: 'test run',
  target: 'http://127.0.0.1:1',
  scenarios: {
    devices: {
      executor: 'constant-vus',
      vus: 2,
      duration: '3s',
      gracefulStop: '1s',
      operations: [
        { driver: 'fake', operation: 'upload' },
        { driver: 'fake', operation: 'health' },
      ],
    },
  },
};

/** The same, this long. */
export const longPlan = (seconds: number): PlanInput =>
  ({
    ...fakePlan,
    scenarios: { devices: { ...fakePlan.scenarios.devices, duration: `${seconds}s` } },
  }) as PlanInput;

export interface StageOptions {
  readonly driver?: Partial<DriverPlugin>;
  readonly monitors?: Readonly<Record<string, MonitorPlugin['open']>>;
  readonly outputs?: Readonly<Record<string, OutputPlugin['open']>>;
  readonly ofControl?: readonly ControlOutput[];
  readonly store?: string;
  readonly isPrivate?: boolean;
  readonly shape?: LoadShape;
  readonly clock?: FakeClock;
  readonly metrics?: MetricsSink;
  /** Gets all lines of the log with their fields, beside `Stage.log`. */
  readonly log?: Log;
}

/** Control on a fake clock, without a port. */
export async function stage(test: Test, options: StageOptions = {}) {
  const { clock = sceneClock() } = options;
  const lines: string[] = [];
  const control = await createControl({
    store: options.store ?? ':memory:',
    clock,
    metrics: options.metrics,
    log: (line, fields) => {
      lines.push(line);
      options.log?.(line, fields);
    },
    address: () => '127.0.0.1:7070',
    isPrivate: options.isPrivate ?? false,
    ...(options.ofControl && { outputs: options.ofControl }),
    loaders: {
      loadDriver: async () => ({ ...fakeDriver, ...options.driver }),
      loadShape: async () => options.shape ?? (() => undefined),
      loadUser: async () => ({ drivers: ['fake'], iterate: async () => {} }),
      loadMonitor: async (name) =>
        defineMonitor({
          name,
          description: 'for tests',
          options: anyOptions,
          open: options.monitors?.[name] ?? (() => Promise.reject(new Error('no such monitor'))),
        }),
      loadOutput: async (name) =>
        defineOutput({
          name,
          description: 'for tests',
          options: anyOptions,
          open: options.outputs?.[name] ?? (() => Promise.reject(new Error('no such output'))),
        }),
    },
  });
  test.teardown(() => clock.until(control.stop('the test has ended')));
  await control.begin();
  return new Stage(control, clock, lines);
}

export class Stage {
  readonly control: ControlCore;
  readonly clock: FakeClock;
  readonly log: readonly string[];
  readonly #context = { signal: new AbortController().signal, peer: 'memory', certificate: '', cutOff: () => {} };

  constructor(control: ControlCore, clock: FakeClock, log: readonly string[]) {
    this.control = control;
    this.clock = clock;
    this.log = log;
  }

  /** An agent that has joined. */
  async agent(options: AgentIdentity = {}): Promise<ScriptedAgent> {
    const agent = new ScriptedAgent(this.clock, options);
    void agent.join(memoryTransport(this.control));
    await this.clock.until(agent.next('welcome'));
    return agent;
  }

  /** Agents a and b, which have joined. */
  async twoAgents(): Promise<readonly [ScriptedAgent, ScriptedAgent]> {
    return [await this.agent({ name: 'a' }), await this.agent({ name: 'b' })];
  }

  async start(
    plan: PlanInput = fakePlan,
    expectAgents = 1,
    agentsTimeoutUs = 30e6,
    policy: object = {},
  ): Promise<string> {
    const message = {
      plan: { json: JSON.stringify(plan), baseDirectory: '/plans' },
      expectAgents,
      agentsTimeoutUs,
      command: 'bench run',
      onAgentLoss: OnAgentLoss.UNSPECIFIED,
      agentLabels: {},
      note: '',
      tags: [],
      elastic: false,
      ...policy,
    };
    return (await this.control.runs.startRun(message as never, this.#context)).runId as string;
  }

  /** A preparation without a load. */
  async prepare(plan: PlanInput = fakePlan): Promise<string> {
    const message = { plan: { json: JSON.stringify(plan), baseDirectory: '/plans' }, command: 'bench prepare' };
    return (await this.control.runs.preparePlan(message as never, this.#context)).runId as string;
  }

  /** A run of these agents, this long into its load. */
  async running(
    agents: readonly ScriptedAgent[],
    { plan = fakePlan, policy = {}, forUs = 1e6 }: { plan?: PlanInput; policy?: object; forUs?: number } = {},
  ): Promise<string> {
    const runId = await this.start(plan, agents.length, 30e6, policy);
    for (const agent of agents) await this.clock.until(agent.prepare());
    for (const agent of agents) await this.clock.until(agent.next('start'));
    await this.clock.advance(forUs);
    return runId;
  }

  /** One second of each of these agents, with one operation. @param firstSecond of their first window */
  async second(runId: string, at: number, agents: readonly ScriptedAgent[], firstSecond = 0): Promise<void> {
    const seq = at - firstSecond + 1;
    for (const agent of agents) {
      agent.window(seq, at, [{ responseUs: [1000] }]);
      agent.sendWindow(runId, seq);
    }
    await this.clock.advance(1e6);
  }

  async stop(runId: string, reason: string, abort = false): Promise<void> {
    await this.control.runs.stopRun({ runId, reason, abort } as never, this.#context);
  }

  async cleanUp(runId: string) {
    return this.control.runs.cleanUpRun({ runId } as never, this.#context);
  }

  async delete(runId: string, force = false): Promise<void> {
    await this.control.runs.deleteRun({ runId, force } as never, this.#context);
  }

  async change(runId: string, request: object): Promise<{ atUs: number }> {
    const { atUs = 0 } = await this.control.runs.changeLoad({ runId, ...request } as never, this.#context);
    return { atUs };
  }

  watch(runId: string, signal: AbortSignal = this.#context.signal): AsyncIterable<WatchRunResponse> {
    const request = { runId } as never;
    return this.control.runs.watchRun(request, { ...this.#context, signal }) as AsyncIterable<WatchRunResponse>;
  }

  /** The run's last state; time passes until it is reached. */
  async ended(runId: string): Promise<StateChange> {
    return this.clock.until(this.reached(runId, RunState.FINISHED, RunState.FAILED, RunState.PREPARED));
  }

  /** Resolves with the first of these states. */
  async reached(runId: string, ...states: RunState[]): Promise<StateChange> {
    for await (const { event } of this.watch(runId)) {
      if (event.case === 'state' && states.includes(event.value.state)) return event.value;
    }
    throw new Error('the run ended in another state');
  }

  async summary(runId: string) {
    return readRunSummary(this.#getRun(runId));
  }

  async list() {
    return (await this.control.runs.listRuns({} as never, this.#context)).runs ?? [];
  }

  async agents() {
    return (await this.control.runs.listAgents({} as never, this.#context)).agents ?? [];
  }

  async result(runId: string): Promise<RunResult> {
    return JSON.parse((await readRun(this.#getRun(runId))).resultJson ?? 'null');
  }

  #getRun(runId: string): AsyncIterable<GetRunResponse> {
    return this.control.runs.getRun({ runId } as never, this.#context) as AsyncIterable<GetRunResponse>;
  }
}
