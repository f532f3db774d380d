import type { AgentLink } from '../agents/agent-connection.ts';
import type { Labels, Roster } from '../agents/agent-registry.ts';
import type { Participant } from './run-agent.ts';
import type { Crew } from './run-agents.ts';

export interface NewcomersOptions {
  readonly crew: Crew;
  readonly roster: Roster;
  readonly labels: Labels;
  /** Second 0 on control's clock. */
  readonly startUs: number;
  readonly admitted: (member: Participant) => void;
}

/** Admits agents that come while the load runs, one after the other. @returns ends it */
export function admitNewcomers({ crew, roster, labels, startUs, admitted }: NewcomersOptions): () => void {
  const over = new AbortController();
  const seen = new WeakSet<AgentLink>();
  let isBusy = false;
  const look = async (): Promise<void> => {
    const next = roster.idle(labels).find((link) => !seen.has(link));
    if (isBusy || over.signal.aborted || next === undefined) return;
    isBusy = true;
    seen.add(next);
    const member = await crew.admit(next, startUs, over.signal);
    isBusy = false;
    if (member) admitted(member);
    await look();
  };
  const unwatch = roster.watch(() => void look());
  void look();
  return () => {
    over.abort(new Error('the load has ended'));
    unwatch();
  };
}
