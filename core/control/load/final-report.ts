import type { Done, ClosingTotal as WireTotal } from '../../../proto/gen/bench/v1/agent_pb.ts';
import { wholeNumber } from '../../../proto/histogram-reader.ts';
import { phaseFromWire, WireError } from '../../../proto/window-codec.ts';
import type { RunShape } from '../../stats/run-shape.ts';
import type { FinalTotals } from '../../stats/totals/agent-totals.ts';
import { type FinalTotal, SCRIPT_TOTALS } from '../../stats/window.ts';

/** What an agent says at the end of its load. */
export interface FinalReport extends FinalTotals {
  readonly lastSeq: number;
  readonly startDelayUs: number;
  /** When the message came, on control's clock. */
  readonly atUs: number;
  /** From the run start until the agent began no more operations; undefined when it does not say. */
  readonly loadUs?: number | undefined;
}

/**
 * @param atUs when the message came, on control's clock
 * @throws {WireError} when it cannot be the end of an agent in a run of this shape
 */
export function finalReportOf(done: Done, atUs: number, shape: RunShape): FinalReport {
  const { lastSeq, totals, acknowledged, unknown, firstStartDelayUs: startDelayUs, loadUs } = done;
  const most = 2 * rowsOfTotals(shape);
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

/** How many rows an agent sums up: those of the plan, and all that scripts named. */
function rowsOfTotals({ operations, hasScripts }: RunShape): number {
  return operations + (hasScripts ? SCRIPT_TOTALS.length : 0);
}

function finalTotalOf(total: WireTotal, shape: RunShape): FinalTotal {
  const { operation } = total;
  if (operation >= rowsOfTotals(shape)) {
    throw new WireError(`done.totals of operation ${operation} of a plan that has ${shape.operations}`);
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
