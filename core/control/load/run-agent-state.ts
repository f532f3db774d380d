import type { Leaving, WindowReport } from '../../../proto/gen/bench/v1/agent_pb.ts';
import { WireError } from '../../../proto/window-codec.ts';
import { oneLine } from '../../text/printable.ts';
import type { Presence } from '../agents/agent-connection.ts';
import type { ClockEstimate } from '../agents/clock-estimate.ts';
import type { FinalReport } from './final-report.ts';

/**
 * How far an agent has come in a run.
 *
 *   preparing ──says Prepared──▶ prepared ──is told to start──▶ started
 *   started ──says Done──▶ closing ──its last window is merged──▶ closed
 *
 * Another control process recovers an agent as `started`, or as `closed` when everything was counted.
 */
export type Progress =
  | { readonly kind: 'preparing' }
  | { readonly kind: 'prepared' }
  | { readonly kind: 'started'; readonly clock: ClockEstimate }
  /** Its load has ended; windows may still be missing. */
  | { readonly kind: 'closing'; readonly clock: ClockEstimate; readonly done: FinalReport }
  | {
      readonly kind: 'closed';
      readonly clock: ClockEstimate;
      readonly done: FinalReport;
      /** Where the agent's own totals differ from what was merged, a sentence each. */
      readonly differences: readonly string[];
    };

/** Why and when an agent ended its load before the others. */
export interface EarlyExit {
  readonly reason: string;
  /** Whether the agent ended by itself, and was not told to. */
  readonly isByItself: boolean;
  /** Since the run start. */
  readonly atUs: number;
}

/** An agent of which everything is counted, as it is stored for another control process. */
export interface ClosedRunAgent {
  readonly departure?: EarlyExit | undefined;
  readonly clock: ClockEstimate;
  /** Its `atUs` is since the run start. */
  readonly done: FinalReport;
}

export const AGENT_STATES = ['preparing', 'running', 'away', 'lost', 'left', 'ended'] as const;

/** How an agent of a run is, as people are told. `left`: it ended its load before the others; `away`: it may be back in a moment. */
export type AgentState = (typeof AGENT_STATES)[number];

/** What the state of an agent is told by. */
export interface AgentSigns {
  readonly progress: Progress;
  readonly lostUs: number | undefined;
  readonly leftUs: number | undefined;
  readonly connection: { readonly presence: Presence };
}

export function agentState({ progress, lostUs, leftUs, connection }: AgentSigns): AgentState {
  if (progress.kind === 'closed') return leftUs === undefined ? 'ended' : 'left';
  if (lostUs !== undefined) return 'lost';
  if (progress.kind === 'preparing' || progress.kind === 'prepared') return 'preparing';
  if (connection.presence !== 'here') return 'away';
  return leftUs === undefined ? 'running' : 'left';
}

/** The last of the processes that took part under each name, one after the other. */
export function newestProcesses<Agent extends { readonly name: string }>(agents: readonly Agent[]): Agent[] {
  return [...new Map(agents.map((agent) => [agent.name, agent])).values()];
}

/** @throws {WireError} when an agent that is this far cannot have measured the window */
export function checkReport(progress: Progress, { seq }: Pick<WindowReport, 'seq'>): void {
  if (progress.kind === 'preparing' || progress.kind === 'prepared') throw new WireError('a window before the start');
  if ('done' in progress && seq > progress.done.lastSeq) {
    throw new WireError(`window ${seq} after Done, which said that ${progress.done.lastSeq} is the last`);
  }
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
