import type { Leaving } from '../../../proto/gen/bench/v1/agent_pb.ts';
import { WireError } from '../../../proto/window-codec.ts';
import { oneLine } from '../../text/printable.ts';

/** Why and when an agent ended its load before the others. */
export interface EarlyExit {
  readonly reason: string;
  /** Whether the agent ended by itself, and was not told to. */
  readonly isByItself: boolean;
  /** Since the run start. */
  readonly atUs: number;
}

/**
 * @param nowUs since the run start: an agent of an older version does not say when it ended
 * @throws {WireError} when the message names no possible time
 */
export function earlyExitOf({ reason, byItself, atUs: saidUs }: Leaving, nowUs: number): EarlyExit {
  const atUs = saidUs ?? Math.max(0, nowUs);
  if (!(atUs >= 0 && atUs <= Number.MAX_SAFE_INTEGER))
    throw new WireError(`leaving.at_us is ${atUs}, which is no time since the run start`);
  return { reason: oneLine(reason), isByItself: byItself, atUs };
}

/** What the result and those who watch are told of the early exit of the agent with this name. */
export function earlyExitSentence(name: string, { reason, isByItself }: EarlyExit): string {
  if (isByItself) return `agent ${name} has ended its load early: ${reason}`;
  return reason.includes(name) ? reason : `agent ${name} leaves: ${reason}`;
}
