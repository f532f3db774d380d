import type { AgentConnection } from '../agents/agent-connection.ts';
import type { AgentRegistry, Labels } from '../agents/agent-registry.ts';
import type { RunAgent } from './run-agent.ts';
import type { RunAgents } from './run-agents.ts';

export interface NewcomersOptions {
  readonly runAgents: RunAgents;
  readonly registry: AgentRegistry;
  readonly labels: Labels;
  /** Second 0 on control's clock. */
  readonly startUs: number;
  readonly admitted: (agent: RunAgent) => void;
}

/** Admits agents that come while the load runs, one after the other. @returns ends it */
export function admitNewcomers({ runAgents, registry, labels, startUs, admitted }: NewcomersOptions): () => void {
  const over = new AbortController();
  const seen = new WeakSet<AgentConnection>();
  let isBusy = false;
  const look = async (): Promise<void> => {
    const next = registry.idle(labels).find((connection) => !seen.has(connection));
    if (isBusy || over.signal.aborted || next === undefined) return;
    isBusy = true;
    seen.add(next);
    const agent = await runAgents.admit(next, startUs, over.signal);
    isBusy = false;
    if (agent) admitted(agent);
    await look();
  };
  const unwatch = registry.watch(() => void look());
  void look();
  return () => {
    over.abort(new Error('the load has ended'));
    unwatch();
  };
}
