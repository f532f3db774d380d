import type { z } from 'zod';
import { agentState, newestProcesses } from '../../control/load/run-agent-state.ts';
import type { LiveParts } from '../../control/results/live-parts.ts';
import type { RunContext } from '../../control/run/run-context.ts';
import type { liveAgent } from '../api/run-events.ts';

export type AgentRow = z.infer<typeof liveAgent>;

/** Rows that one event may hold: of a thousand agents each one has new figures every second. */
const MAX_ROWS = 100;
/** How much of a core, or of a host, is worth telling. */
const CPU_STEP = 0.05;
const LAG_STEP_US = 5000;

export function agentRows({ totals }: Pick<RunContext, 'totals'>, { agents }: Pick<LiveParts, 'agents'>): AgentRow[] {
  return newestProcesses(agents).map((agent) => {
    const newest = totals.agent(agent.index).newest;
    const clock = 'clock' in agent.progress ? agent.progress.clock : { offsetUs: 0, uncertaintyUs: 0 };
    return {
      name: agent.name,
      state: agentState(agent),
      host: agent.connection.environment.host,
      vus: newest?.scenarios.reduce((sum, { vus }) => sum + vus, 0) ?? 0,
      cpuCores: thousandths(newest?.host.processCpuCores ?? 0),
      hostCpu: thousandths(newest?.host.hostCpuShare ?? 0),
      memoryBytes: newest?.host.processMemoryBytes ?? 0,
      lagUs: newest?.host.loopLagMaxUs ?? 0,
      clockOffsetUs: Math.round(clock.offsetUs),
      clockUncertaintyUs: Math.round(clock.uncertaintyUs),
      second: totals.reachedSecond(agent.index),
    };
  });
}

/** Remembers which rows were told, and finds those that are worth telling again. */
export class ToldAgents {
  readonly #told = new Map<string, AgentRow>();

  /** Those with another state first, then those that were told the longest time ago. */
  news(rows: readonly AgentRow[]): AgentRow[] {
    const before = (row: AgentRow) => this.#told.get(row.name);
    const changed = rows.filter((row) => isNews(row, before(row)));
    changed.sort((a, b) => {
      const [wasA, wasB] = [before(a), before(b)];
      const isUrgent = Number(wasB?.state !== b.state) - Number(wasA?.state !== a.state);
      return isUrgent || (wasA?.second ?? -1) - (wasB?.second ?? -1);
    });
    const told = changed.slice(0, MAX_ROWS);
    for (const row of told) this.#told.set(row.name, row);
    return told;
  }
}

function isNews(row: AgentRow, told: AgentRow | undefined): boolean {
  return (
    told === undefined ||
    told.state !== row.state ||
    told.vus !== row.vus ||
    Math.abs(told.cpuCores - row.cpuCores) >= CPU_STEP ||
    Math.abs(told.hostCpu - row.hostCpu) >= CPU_STEP ||
    Math.abs(told.lagUs - row.lagUs) >= LAG_STEP_US ||
    told.second < row.second - 10
  );
}

/** Rounded: more digits of a share or a load average are noise, and make messages long. */
export function thousandths(value: number): number {
  return Math.round(value * 1000) / 1000;
}
