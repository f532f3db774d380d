import type { Done, Leaving, WindowReport, ClosingTotal as WireTotal } from '../../../proto/gen/bench/v1/agent_pb.ts';
import { wholeNumber } from '../../../proto/histogram-reader.ts';
import { phaseFromWire, WireError } from '../../../proto/window-codec.ts';
import type { FinalTotals } from '../../stats/agent-totals.ts';
import type { RunShape } from '../../stats/run-shape.ts';
import type { FinalTotal } from '../../stats/window.ts';
import { oneLine } from '../../text/printable.ts';
import type { ClockEstimate } from '../agents/clock-estimate.ts';

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

/** What an agent says at the end of its load. */
export interface FinalReport extends FinalTotals {
  readonly lastSeq: number;
  readonly startDelayUs: number;
  /** When the message came, on control's clock. */
  readonly atUs: number;
  /** From the run start until the agent began no more operations; undefined when it does not say. */
  readonly loadUs?: number | undefined;
}

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

/** @throws {WireError} when an agent that is this far cannot have measured the window */
export function checkReport(progress: Progress, { seq }: Pick<WindowReport, 'seq'>): void {
  if (progress.kind === 'preparing' || progress.kind === 'prepared') throw new WireError('a window before the start');
  if ('done' in progress && seq > progress.done.lastSeq) {
    throw new WireError(`window ${seq} after Done, which said that ${progress.done.lastSeq} is the last`);
  }
}

/**
 * @param atUs when the message came, on control's clock
 * @throws {WireError} when it cannot be the end of an agent in a run of this shape
 */
export function finalReportOf(done: Done, atUs: number, shape: RunShape): FinalReport {
  const { lastSeq, totals, acknowledged, unknown, firstStartDelayUs: startDelayUs, loadUs } = done;
  const most = 2 * shape.operations;
  if (totals.length > most) {
    throw new WireError(
      `done.totals are ${totals.length}, where a plan of ${shape.operations} operations has at most ${most}`,
    );
  }
  if (!(Math.abs(startDelayUs) <= Number.MAX_SAFE_INTEGER)) {
    throw new WireError(`done.first_start_delay_us is ${startDelayUs}, which is no time since the start`);
  }
  if (loadUs !== undefined && !(loadUs >= 0 && loadUs <= Number.MAX_SAFE_INTEGER)) {
    throw new WireError(`done.load_us is ${loadUs}, which is no time since the start`);
  }
  return {
    atUs,
    loadUs,
    lastSeq,
    totals: totals.map((total) => finalTotalOf(total, shape)),
    acknowledged: wholeNumber(acknowledged, 'done.acknowledged'),
    unknown: wholeNumber(unknown, 'done.unknown'),
    startDelayUs,
  };
}

function finalTotalOf(total: WireTotal, { operations }: RunShape): FinalTotal {
  const { operation } = total;
  if (operation >= operations) {
    throw new WireError(`done.totals of operation ${operation} of a plan that has ${operations}`);
  }
  return {
    operation,
    phase: phaseFromWire(total.phase, 'done.totals.phase'),
    count: wholeNumber(total.count, 'done.totals.count'),
    errors: wholeNumber(total.errors, 'done.totals.errors'),
    responseSumUs: wholeNumber(total.responseSumUs, 'done.totals.response_sum_us'),
    serviceSumUs: wholeNumber(total.serviceSumUs, 'done.totals.service_sum_us'),
  };
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
