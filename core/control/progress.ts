import type { Done, ClosingTotal as WireTotal } from '../../proto/gen/bench/v1/agent_pb.ts';
import { phaseFromWire } from '../../proto/window-codec.ts';
import type { AgentClosing } from '../stats/agent-totals.ts';
import type { ClosingTotal } from '../stats/window.ts';
import type { ClockEstimate } from './agent-clock.ts';

/** How far an agent has come in a run. */
export type Progress =
  | { readonly kind: 'preparing' }
  | { readonly kind: 'prepared' }
  /** Told to start. */
  | { readonly kind: 'started'; readonly clock: ClockEstimate }
  /** Its load has ended; windows may still be missing. */
  | { readonly kind: 'closing'; readonly clock: ClockEstimate; readonly done: Closing }
  /** All its windows are merged. */
  | {
      readonly kind: 'closed';
      readonly clock: ClockEstimate;
      readonly done: Closing;
      /** Where its own totals differ from what was merged. */
      readonly differences: readonly string[];
    };

export interface Closing extends AgentClosing {
  readonly lastSeq: number;
  readonly startDelayUs: number;
  /** When it said so, on control's clock. */
  readonly atUs: number;
  /** From second 0 to the end of its load, without what was in flight then. Undefined: it has not said. */
  readonly loadUs?: number | undefined;
}

/** @param atUs when it came, on control's clock */
export function closingOf(done: Done, atUs: number): Closing {
  const { lastSeq, totals, acknowledged, unknown, firstStartDelayUs } = done;
  const startDelayUs = Number.isFinite(firstStartDelayUs) ? firstStartDelayUs : 0;
  const loadUs = done.loadUs !== undefined && done.loadUs >= 0 ? done.loadUs : undefined;
  return { atUs, loadUs, lastSeq, totals: totals.map(totalOf), acknowledged, unknown, startDelayUs };
}

function totalOf({ operation, phase, count, errors, responseSumUs, serviceSumUs }: WireTotal): ClosingTotal {
  const totalPhase = phaseFromWire(phase, 'totals.phase');
  return { operation, phase: totalPhase, count, errors, responseSumUs, serviceSumUs };
}
