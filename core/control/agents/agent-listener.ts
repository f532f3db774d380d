import type {
  Done,
  Leaving,
  Prepared,
  RowsReturned,
  RowsWanted,
  WindowReport,
} from '../../../proto/gen/bench/v1/agent_pb.ts';
import type { ClockEstimate } from './clock-estimate.ts';

/**
 * The run that an agent takes part in, as its connection sees it: only messages of that run reach it. A method that takes
 * a message may throw a `WireError`: then the agent is refused.
 */
export interface AgentListener {
  readonly runId: string;
  /** The agent loads the plan and reads its files, which may keep it from saying anything for long. */
  readonly isPreparing: boolean;
  prepared(message: Prepared): void;
  window(message: WindowReport): void;
  /**
   * The agent has answered a clock probe.
   * @param jumpUs how far its clock has jumped since the previous one, mostly 0
   * @param probedUs when the probe was sent, on control's clock
   */
  clockProbed(estimate: ClockEstimate, jumpUs: number, probedUs: number): void;
  done(message: Done): void;
  /** The agent needs rows of what all agents use up together. */
  rowsWanted(message: RowsWanted): void;
  rowsReturned(message: RowsReturned): void;
  /** An operation in full, for those who watch. */
  traced(text: string): void;
  /** A sentence for whoever reads the result. The agent may say it again. */
  warned(text: string): void;
  /** Something happened that whoever reads the result may want to know. */
  record(text: string): void;
  /** The agent ends its load early, and drains. It may say so again after a reconnect. */
  leaving(message: Leaving): void;
  /** The agent was silent for this long, which is too long; it may come back. */
  lost(silentUs: number): void;
  /** The agent is on a new stream, and sends again what was not acknowledged. */
  back(): void;
  /** The agent will not come back. */
  gone(why: string): void;
}
