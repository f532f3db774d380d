import type { WindowReport } from '../../../proto/gen/bench/v1/agent_pb.ts';
import type { Share } from '../../plan/split.ts';
import type { RunTotals } from '../../stats/merge.ts';
import type { EarlyExit } from './early-exit.ts';
import type { RunAgent } from './run-agent.ts';

export interface RunAgentContext {
  readonly runId: string;
  /** An agent that has prepared what another control process assigned is not ready. */
  readonly attempt: string;
  readonly totals: RunTotals;
  readonly nowUs: () => number;
  /** Resolves when what was settled before is stored, or cannot be for now. */
  readonly stored: () => Promise<void>;
  /** Told of every change of progress or presence. */
  changed(agent: RunAgent): void;
  window(agent: RunAgent, report: WindowReport): void;
  leaving(agent: RunAgent, departure: EarlyExit): void;
  /** Another control process had told it to stop. */
  stoppedBefore(agent: RunAgent): void;
  /** It is on a new stream. */
  back(agent: RunAgent): void;
  /** Something that a person may want to know of. */
  note(text: string): void;
}

/** What an agent is to do, and where. */
export interface Part {
  readonly plan: { readonly json: string; readonly baseDirectory: string };
  /** At the start; undefined for one that came while the load ran. */
  readonly share: Share | undefined;
  /** Part of its load stays with it when its share goes to others. */
  readonly keepsIterations: boolean;
  /** Part of its load is of a time, and not to be done later; the rest are iterations. */
  readonly isTimed: boolean;
}
