import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { clientAccess } from '../../core/cli/client/client-credentials.ts';
import type { SimulationFigures } from '../../core/cli/commands/agent.ts';
import type { PlanInput } from '../../core/plan/schema.ts';
import type { RunResult } from '../../core/stats/result.ts';
import { RunService, RunState } from '../../proto/gen/bench/v1/run_pb.ts';
import { createClient, RpcError } from '../../proto/rpc/adapter.ts';
import { readRun } from '../../proto/stored-run.ts';
import { Audience, type ToldViewer } from './audience.ts';
import { BenchmarkError } from './benchmark-error.ts';
import type { Placement } from './machine.ts';
import { type ProcessUse, readProcessTree } from './measure/process-tree.ts';
import { benchCommand } from './runtimes.ts';
import { StartedProcess } from './started-process.ts';

export interface FleetLoad {
  readonly plan: PlanInput;
  /** That it lasts. */
  readonly seconds: number;
  /** How many clients read the run's stream of events over HTTP, from its start. */
  readonly viewers?: number;
  /** Is told the run's address in a browser when it starts, and looks on as long as it likes. */
  readonly look?: (url: string) => Promise<void>;
}

/** One scenario, of a virtual user on each agent, whose operations wait for nothing. */
export function fleetPlan(agents: number, operations: number, seconds: number): PlanInput {
  return {
    name: 'Simulated agents',
    scenarios: {
      simulated: {
        executor: 'constant-vus',
        vus: agents,
        duration: `${seconds}s`,
        operations: Array.from({ length: operations }, (_, i) => ({ driver: 'null', name: `operation-${i + 1}` })),
      },
    },
  };
}

/** What was seen of control while it took the windows of a run. */
export interface FleetRun {
  readonly result: RunResult;
  readonly acks: SimulationFigures;
  /** Of control, while the load was even: without its start and its end. */
  readonly cpuUs: number;
  readonly overMs: number;
  readonly peakMemoryBytes: number;
  /** The most that the live view was behind. */
  readonly behindUs: number;
  /** How many bytes each viewer was sent, and whether each saw all seconds and the end. */
  readonly told: readonly ToldViewer[];
}

/** The start of a run, with compiling and the agents' first windows, is left out. */
const EVEN_AFTER_US = 2_000_000;
const AGENTS_TIMEOUT_US = 60_000_000;

/**
 * One run of simulated agents, each with a connection of its own to a fresh control on Bun.
 * Control has the generator's core, the agents have the others.
 *
 * @throws {BenchmarkError} when there is no result
 */
export async function runFleet(
  agents: number,
  { plan, seconds, viewers = 0, look = async () => {} }: FleetLoad,
  { placement, folder }: { readonly placement: Placement; readonly folder: string },
): Promise<FleetRun> {
  const store = join(await mkdtemp(join(folder, 'fleet-')), 'runs.sqlite');
  const control = await StartedProcess.start({
    ...benchCommand('bun', ['control', '--child', '--port', '0', '--web', '127.0.0.1:0', '--store', store]),
    cores: placement.generator,
  });
  try {
    const { at, web = '' } = JSON.parse(await control.firstLine) as { at: string; web?: string };
    const simulation = await StartedProcess.start({
      ...benchCommand('bun', ['agent', '--simulate', String(agents), '--child', '--control', at, '--name', 'agent']),
      cores: undefined,
    });
    try {
      await simulation.firstLine;
      const audience = new Audience(web, viewers);
      let looking: Promise<void> | undefined;
      const seen = await watched(at, control.pid, agents, plan, seconds * 1e6, (runId) => {
        audience.come(runId);
        looking = look(`${web}runs/${runId}`);
      });
      await looking;
      const { stdout, stderr } = await simulation.end();
      const acks = stdout.trim().split('\n')[1];
      if (acks === undefined) throw new BenchmarkError(`the simulated agents told no figures: ${stderr.trim()}`);
      return { ...seen, acks: JSON.parse(acks) as SimulationFigures, told: await audience.told };
    } finally {
      simulation.kill();
    }
  } catch (error) {
    if (error instanceof RpcError) throw new BenchmarkError(error.message);
    throw error;
  } finally {
    await control.end();
  }
}

async function watched(
  address: string,
  controlPid: number,
  agents: number,
  plan: PlanInput,
  plannedUs: number,
  started: (runId: string) => void,
): Promise<Omit<FleetRun, 'acks' | 'told'>> {
  const client = createClient(RunService, address, await clientAccess(address, ['operator'], {}));
  try {
    const order = { json: JSON.stringify(plan), baseDirectory: '/' };
    const { runId } = await client.startRun({
      plan: order,
      expectAgents: agents,
      agentsTimeoutUs: AGENTS_TIMEOUT_US,
    });
    started(runId);
    const looks: { readonly atMs: number; readonly use: ProcessUse }[] = [];
    let behindUs = 0;
    for await (const { event } of client.watchRun({ runId })) {
      if (event.case === 'state' && event.value.state === RunState.FAILED) throw new BenchmarkError(event.value.reason);
      if (event.case !== 'snapshot') continue;
      const { elapsedUs, behindUs: now } = event.value;
      if (elapsedUs < EVEN_AFTER_US || elapsedUs > plannedUs) continue;
      behindUs = Math.max(behindUs, now);
      looks.push({ atMs: performance.now(), use: useOf(controlPid) });
    }
    const [first, last] = [looks[0], looks.at(-1)];
    if (first === undefined || last === undefined || first === last) {
      throw new BenchmarkError('control was too busy to show anything of the run');
    }
    const { resultJson } = await readRun(client.getRun({ runId }));
    return {
      result: JSON.parse(resultJson ?? 'null') as RunResult,
      cpuUs: last.use.cpuUs - first.use.cpuUs,
      overMs: last.atMs - first.atMs,
      peakMemoryBytes: useOf(controlPid).peakMemoryBytes,
      behindUs,
    };
  } finally {
    client.close();
  }
}

function useOf(pid: number): ProcessUse {
  const use = readProcessTree(pid);
  if (use === undefined) throw new BenchmarkError('this system does not tell what a process uses: leave out the case');
  return use;
}
