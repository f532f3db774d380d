/** A target, a control and agents as processes of their own, for what goes wrong between them. */
import type { Test } from 'tap';
import YAML from 'yaml';
import { freePort } from '../../core/cli/processes/free-port.ts';
import type { RunResult } from '../../core/stats/result.ts';
import { OnAgentLoss, RunService, RunState } from '../../proto/gen/bench/v1/run_pb.ts';
import { createClient } from '../../proto/rpc/adapter.ts';
import { readRun, readRunSummary } from '../../proto/stored-run.ts';
import { type BenchProcess, type StartOptions, workbench } from '../e2e/bench-process.ts';
import { SEARCH_PLAN, uploadPlan } from '../e2e/plans.ts';
import { accessTo, LOCAL_ACCESS } from '../kit/local-access.ts';

const RESULT_LIMIT_MS = 90_000;

export interface FleetOptions {
  /** Of control, in place of `runs.sqlite`. */
  readonly store?: string;
  /** Beside the plan, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

export class Fleet {
  readonly address: string;
  readonly target: BenchProcess;
  readonly #bench: ReturnType<typeof workbench>;
  readonly url: string;
  readonly #client: ReturnType<typeof clientOf>;
  readonly #store: string;
  control: BenchProcess;

  private constructor(
    bench: ReturnType<typeof workbench>,
    target: BenchProcess,
    url: string,
    port: number,
    store: string,
  ) {
    this.#bench = bench;
    this.#store = store;
    this.target = target;
    this.url = url;
    this.address = `127.0.0.1:${port}`;
    this.control = this.#startControl();
    this.#client = clientOf(this.address);
  }

  static async start(t: Test, { store = 'runs.sqlite', files = {} }: FleetOptions = {}): Promise<Fleet> {
    const bench = workbench(t, { 'plan.yaml': uploadPlan(60), ...files });
    const target = bench.start(['target', '--port', '0', '--db', 'rows.sqlite']);
    const [, url = ''] = await target.said(/^Target on (\S+),/m);
    const fleet = new Fleet(bench, target, url, await freePort(), store);
    t.teardown(() => fleet.#client.close());
    await fleet.control.said(/^Control on/m);
    return fleet;
  }

  /** A command that asks this control. */
  bench([command = '', ...args]: readonly string[], env: NodeJS.ProcessEnv = {}): BenchProcess {
    return this.#start([command, ...args, '--control', this.address], { env });
  }

  /** @param through where it finds control */
  startWatch(runId: string, through: string): BenchProcess {
    return this.#start(['watch', runId, '--control', through]);
  }

  /** @param through where it finds control; control itself without it */
  async agent(name: string, through = this.address, options: Partial<StartOptions> = {}): Promise<BenchProcess> {
    const agent = this.startAgent(name, through, options);
    await agent.said(/^joined control/m);
    return agent;
  }

  /** It may or may not join. */
  startAgent(name: string, through = this.address, options: Partial<StartOptions> = {}): BenchProcess {
    return this.#start(['agent', '--control', through, '--name', name], options);
  }

  get folder(): string {
    return this.#bench.folder;
  }

  get port(): number {
    return Number(this.address.slice(this.address.lastIndexOf(':') + 1));
  }

  async killControl(): Promise<void> {
    this.control.kill('SIGKILL');
    await this.control.ended;
  }

  async startControlAgain(): Promise<void> {
    this.control = this.#startControl();
    await this.control.said(/^Control on/m);
  }

  /** @returns the run's id, as soon as its load has started */
  async run(seconds: number, expectAgents: number, onAgentLoss?: OnAgentLoss): Promise<string> {
    const runId = await this.order(seconds, expectAgents, onAgentLoss);
    await this.reached(runId, [RunState.RUNNING]);
    return runId;
  }

  /** @returns the run's id; it may have to wait for its turn */
  order(seconds: number, expectAgents: number, onAgentLoss: OnAgentLoss = OnAgentLoss.CONTINUE): Promise<string> {
    return this.orderPlan(uploadPlan(seconds), expectAgents, onAgentLoss);
  }

  /** {@link SEARCH_PLAN}. @returns the run's id, as soon as its load has started */
  async search(onAgentLoss?: OnAgentLoss): Promise<string> {
    const runId = await this.orderPlan(SEARCH_PLAN, 2, onAgentLoss);
    await this.reached(runId, [RunState.RUNNING]);
    return runId;
  }

  /** @param yaml of a plan; without a target it is the fleet's */
  async orderPlan(
    yaml: string,
    expectAgents: number,
    onAgentLoss: OnAgentLoss = OnAgentLoss.CONTINUE,
    terms: { elastic?: boolean; lossTolerance?: number } = {},
  ): Promise<string> {
    const plan = { target: this.url, ...YAML.parse(yaml) };
    const { runId } = await this.#client.startRun({
      plan: { json: JSON.stringify(plan), baseDirectory: this.folder },
      expectAgents,
      onAgentLoss,
      ...terms,
    });
    return runId;
  }

  /** Ends the target. @returns how many rows it has written */
  async rows(): Promise<number> {
    this.target.kill('SIGTERM');
    return Number(/(\d+) rows written/.exec((await this.target.ended).stderr)?.[1]);
  }

  /** Also over times when control is away. */
  async result(runId: string): Promise<RunResult> {
    await this.reached(runId, [RunState.FINISHED]);
    return JSON.parse((await readRun(this.#client.getRun({ runId }))).resultJson ?? 'null');
  }

  async reached(runId: string, states: readonly RunState[]): Promise<void> {
    const endMs = Date.now() + RESULT_LIMIT_MS;
    for (;;) {
      const summary = await readRunSummary(this.#client.getRun({ runId }, { timeoutMs: 5000 })).catch(() => undefined);
      if (summary && states.includes(summary.state)) return;
      if (summary?.state === RunState.FAILED) throw new Error(`the run failed: ${summary.reason}`);
      if (Date.now() > endMs) throw new Error(`the run is ${summary?.state ?? 'not to be seen'} and not ${states}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  #startControl(): BenchProcess {
    return this.#start(['control', '--port', String(this.port), '--store', this.#store]);
  }

  /** Through a proxy control is at another address than the one that it leaves its token for, and proves. */
  #start(args: readonly string[], options: Partial<StartOptions> = {}): BenchProcess {
    const access = { BENCH_CONTROL_TOKEN: LOCAL_ACCESS.token, BENCH_CONTROL_TUNNEL: `127.0.0.1:${this.port}` };
    return this.#bench.start(args, { ...options, env: { ...access, ...options.env } });
  }
}

function clientOf(address: string) {
  return createClient(RunService, address, accessTo(address));
}

/** Every request of the result, all phases. */
export function requestsOf({ operations }: RunResult): number {
  return operations.reduce((sum, { phases }) => sum + phases.warmup.requests + phases.measure.requests, 0);
}

/** Uploads that were acknowledged, as the result has them. */
export function uploadsOf({ operations }: RunResult): number {
  const { warmup, measure } = operations.find(({ name }) => name === 'upload')?.phases ?? {};
  return (warmup?.requests ?? 0) + (measure?.requests ?? 0);
}

/** Rows that the target acknowledged and does not have. */
export function lossOf({ reconciliations }: RunResult): number | undefined {
  return reconciliations[0]?.reconciliation.lost;
}

export function totalsOf({ agents }: RunResult): (readonly [name: string, closingTotals: string])[] {
  return agents.map(({ name, closingTotals }) => [name, closingTotals] as const);
}

/** What the levels of {@link SEARCH_PLAN} come to in a search that nothing cuts short. */
export const WHOLE_SEARCH = [
  [20, 'search', 'holds'],
  [40, 'search', 'holds'],
  [40, 'confirm', 'holds'],
];

export function levelsOf({ search }: RunResult): (readonly [level: number, purpose: string, outcome: string])[] {
  return (search?.levels ?? []).map(({ level, purpose, outcome }) => [level, purpose, outcome] as const);
}

export function checkOf({ validity }: RunResult, name: string): { ok: boolean; finding: string } | undefined {
  return validity.find((check) => check.name === name);
}

export function textsOf({ events }: RunResult): string[] {
  return events.map(({ text }) => text);
}

/** Checks of how well this machine could generate the load: other tests share it. */
const OF_THE_MACHINE = /^(generator|send-delay|clock|start-skew)/;

/** What keeps the result from being believed, beside a machine that has too much to do; a sentence each. */
export function doubtsOf({ validity, thresholds }: RunResult): string[] {
  const checks = validity.filter(({ name, ok }) => !ok && !OF_THE_MACHINE.test(name)).map(({ finding }) => finding);
  return [...checks, ...thresholds.filter(({ status }) => status === 'fail').map(({ criterion }) => criterion)];
}
