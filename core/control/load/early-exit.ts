import type { Leaving } from '../../../proto/gen/bench/v1/agent_pb.ts';
import { WireError } from '../../../proto/window-codec.ts';
import { oneLine } from '../../text/printable.ts';
import type { ClockEstimate } from '../agents/clock-estimate.ts';
import type { FinalReport } from './run-agent-state.ts';

/** The end of an agent's load before its time. */
export interface EarlyExit {
  readonly reason: string;
  /** Nobody told the agent to end. */
  readonly isByItself: boolean;
  /** Since second 0. */
  readonly atUs: number;
}

/** The part of an agent in a run when all that it did is counted. */
export interface ClosedRunAgent {
  readonly departure?: EarlyExit | undefined;
  readonly clock: ClockEstimate;
  /** Its time is since second 0. */
  readonly done: FinalReport;
}

/**
 * @param nowUs since second 0: an agent of an older version does not say when it ended
 * @throws {WireError} when it ended at no time
 */
export function earlyExitOf({ reason, byItself, atUs: saidUs }: Leaving, nowUs: number): EarlyExit {
  const atUs = saidUs ?? Math.max(0, nowUs);
  if (!(atUs >= 0 && atUs <= Number.MAX_SAFE_INTEGER))
    throw new WireError(`leaving.at_us is ${atUs}, which is no time since second 0`);
  return { reason: oneLine(reason), isByItself: byItself, atUs };
}

/** Of the agent of this name, in a sentence. */
export function inWords(name: string, { reason, isByItself }: EarlyExit): string {
  if (isByItself) return `agent ${name} has ended its load early: ${reason}`;
  return reason.includes(name) ? reason : `agent ${name} leaves: ${reason}`;
}
