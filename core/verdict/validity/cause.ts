import type { Message } from '../../text/message.ts';
import type { Evidence } from './finding.ts';
import { shortList } from './finding.ts';

type Agents = Evidence['draft']['agents'];

/** A host whose CPU is used to this share has no time to spare for one more process. */
export const FULL_HOST_SHARE = 0.9;
/** An agent's process with this much of a core has no time to spare. */
const FULL_PROCESS_CORES = 0.9;

/** The CPU of one host on which agents ran, averaged over the run. */
export interface AgentHost {
  readonly names: readonly string[];
  /** 0 to 1, all processes. */
  readonly hostShare: number;
  /** 0 to 1, the processes of the agents. */
  readonly agentsShare: number;
}

/** Agents by the host that they ran on; busiest host first. */
export function agentHosts(agents: Agents): AgentHost[] {
  return [...Map.groupBy(agents, ({ environment: { host } }) => host).values()]
    .map((own) => {
      const cores = own.reduce((sum, { processCpuCores }) => sum + processCpuCores.mean, 0);
      const cpus = Math.max(1, ...own.map(({ environment }) => environment.cpus));
      const hostShare = own.reduce((most, { hostCpuShare }) => Math.max(most, hostCpuShare.mean), 0);
      return { names: own.map(({ name }) => name), hostShare, agentsShare: Math.min(1, cores / cpus) };
    })
    .toSorted((a, b) => b.hostShare - a.hostShare);
}

/**
 * Why agents were late, with the figures that show it: other processes on their host, the agents themselves, or, where
 * nothing was short of CPU, something that paused them. The sentences are `cause.…`.
 */
export function causeOf({ agents }: Evidence['draft']): Message['params'] {
  const [busiest] = agentHosts(agents);
  const full = agents.filter(({ processCpuCores }) => processCpuCores.mean >= FULL_PROCESS_CORES);
  if (full.length > 0) return { cause: 'process', names: shortList(full.map(({ name }) => name)), host: 0, agents: 0 };
  const { names = [], hostShare: host = 0, agentsShare = 0 } = busiest ?? {};
  const isOwn = agentsShare >= host / 2;
  const cause = host < FULL_HOST_SHARE ? 'paused' : isOwn ? 'agents' : 'others';
  return { cause, names: shortList(names), host, agents: agentsShare };
}
