import type { Done, WindowReport, ClosingTotal as WireTotal } from '../../../proto/gen/bench/v1/agent_pb.ts';
import { wholeNumber } from '../../../proto/histogram-reader.ts';
import { phaseFromWire, WireError } from '../../../proto/window-codec.ts';
import type { FinalTotals } from '../../stats/agent-totals.ts';
import type { RunShape } from '../../stats/merge.ts';
import type { FinalTotal } from '../../stats/window.ts';
import type { ClockEstimate } from '../agents/clock-estimate.ts';

/** How far an agent has come in a run. */
export type Progress =
  | { readonly kind: 'preparing' }
  | { readonly kind: 'prepared' }
  /** Told to start. */
  | { readonly kind: 'started'; readonly clock: ClockEstimate }
  /** Its load has ended; windows may still be missing. */
  | { readonly kind: 'closing'; readonly clock: ClockEstimate; readonly done: FinalReport }
  /** All its windows are merged. */
  | {
      readonly kind: 'closed';
      readonly clock: ClockEstimate;
      readonly done: FinalReport;
      /** Where its own totals differ from what was merged. */
      readonly differences: readonly string[];
    };

export interface FinalReport extends FinalTotals {
  readonly lastSeq: number;
  readonly startDelayUs: number;
  /** When it said so, on control's clock. */
  readonly atUs: number;
  /** From second 0 to the end of its load, without what was in flight then. Undefined: it has not said. */
  readonly loadUs?: number | undefined;
}

/** @throws {WireError} when an agent that is this far cannot have measured the window */
export function checkReport(progress: Progress, { seq }: Pick<WindowReport, 'seq'>): void {
  if (progress.kind === 'preparing' || progress.kind === 'prepared') throw new WireError('a window before the start');
  if ('done' in progress && seq > progress.done.lastSeq) {
    throw new WireError(`window ${seq} after Done, which said that ${progress.done.lastSeq} is the last`);
  }
}

/**
 * @param atUs when it came, on control's clock
 * @throws {WireError} when it cannot be the end of an agent in a run of this shape
 */
export function closingOf(done: Done, atUs: number, shape: RunShape): FinalReport {
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
    totals: totals.map((total) => totalOf(total, shape)),
    acknowledged: wholeNumber(acknowledged, 'done.acknowledged'),
    unknown: wholeNumber(unknown, 'done.unknown'),
    startDelayUs,
  };
}

function totalOf(total: WireTotal, { operations }: RunShape): FinalTotal {
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
