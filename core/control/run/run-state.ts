import { RunState as WireState } from '../../../proto/gen/bench/v1/run_pb.ts';
import type { RunOutcome } from '../../verdict/verdict.ts';

/** Where a run is. Each state carries what is true in it, and nothing else. */
export type RunState =
  | { readonly kind: 'queued' }
  /** `expected` 0: whoever is there, at least one. */
  | { readonly kind: 'waiting'; readonly expected: number }
  | { readonly kind: 'preparing'; readonly agents: number }
  /** `startUs`: second 0 on control's monotonic clock. */
  | { readonly kind: 'running'; readonly startUs: number }
  /** The load ends: as planned (no reason), or because someone asked for it. */
  | { readonly kind: 'draining'; readonly startUs: number; readonly reason: string }
  | { readonly kind: 'verifying' }
  | { readonly kind: 'finished'; readonly verdict: RunOutcome; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };

export type RunStep =
  | { readonly kind: 'wait'; readonly expected: number }
  | { readonly kind: 'prepare'; readonly agents: number }
  | { readonly kind: 'start'; readonly startUs: number }
  /** Its load had started under another control process. */
  | { readonly kind: 'take-up'; readonly startUs: number }
  | { readonly kind: 'drain'; readonly reason: string }
  | { readonly kind: 'verify' }
  | { readonly kind: 'finish'; readonly verdict: RunOutcome; readonly reason: string }
  | { readonly kind: 'fail'; readonly reason: string };

/**
 * The state after a step.
 * @throws {RangeError} when the step is not possible in this state
 */
export function step(state: RunState, taken: RunStep): RunState {
  switch (taken.kind) {
    case 'wait':
      if (state.kind === 'queued') return { kind: 'waiting', expected: taken.expected };
      break;
    case 'prepare':
      if (state.kind === 'waiting') return { kind: 'preparing', agents: taken.agents };
      break;
    case 'start':
      if (state.kind === 'preparing') return { kind: 'running', startUs: taken.startUs };
      break;
    case 'take-up':
      if (state.kind === 'queued') return { kind: 'running', startUs: taken.startUs };
      break;
    case 'drain':
      if (state.kind === 'running') return { kind: 'draining', startUs: state.startUs, reason: taken.reason };
      // As planned it is told each second.
      if (state.kind === 'draining') {
        return state.reason === '' && taken.reason !== '' ? { ...state, reason: taken.reason } : state;
      }
      break;
    case 'verify':
      if (state.kind === 'running' || state.kind === 'draining') return { kind: 'verifying' };
      break;
    case 'finish':
      if (state.kind === 'verifying') return { kind: 'finished', verdict: taken.verdict, reason: taken.reason };
      break;
    case 'fail':
      if (!isEnded(state)) return { kind: 'failed', reason: taken.reason };
      break;
  }
  throw new RangeError(`a run that is ${state.kind} cannot ${taken.kind}`);
}

export function isEnded(state: RunState): boolean {
  return state.kind === 'finished' || state.kind === 'failed';
}

export function reasonOf(state: RunState): string {
  return 'reason' in state ? state.reason : '';
}

const WIRE_STATES: Readonly<Record<RunState['kind'], WireState>> = {
  queued: WireState.QUEUED,
  waiting: WireState.WAITING_FOR_AGENTS,
  preparing: WireState.PREPARING,
  running: WireState.RUNNING,
  draining: WireState.DRAINING,
  verifying: WireState.VERIFYING,
  finished: WireState.FINISHED,
  failed: WireState.FAILED,
};

export function wireState(kind: RunState['kind']): WireState {
  return WIRE_STATES[kind];
}
