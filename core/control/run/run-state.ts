import { RunState as WireState } from '../../../proto/gen/bench/v1/run_pb.ts';
import type { RunOutcome } from '../../verdict/conclusion/run-outcome.ts';

/**
 * Where a run is. Each state carries what is true in it, and nothing else.
 *
 *   queued ──wait──▶ waiting ──prepare──▶ preparing ──start──▶ running ──drain──▶ draining
 *   queued ──recover──▶ running                                running, draining ──verify──▶ verifying
 *   verifying ──finish──▶ finished                             any that has not ended ──fail──▶ failed
 *   queued ──prepare──▶ preparing ──keep──▶ prepared           of a preparation without a load
 */
export type RunState =
  | { readonly kind: 'queued' }
  /** `expected` is how many agents the run waits for; 0 means all that are there, and at least one. */
  | { readonly kind: 'waiting'; readonly expected: number }
  | { readonly kind: 'preparing'; readonly agents: number }
  /** `startUs` is the run start on control's clock. */
  | { readonly kind: 'running'; readonly startUs: number }
  /** The load ends: as planned, with an empty reason, or because the run was stopped. */
  | { readonly kind: 'draining'; readonly startUs: number; readonly reason: string }
  | { readonly kind: 'verifying' }
  | { readonly kind: 'finished'; readonly verdict: RunOutcome; readonly reason: string; readonly leftBehind: boolean }
  | { readonly kind: 'failed'; readonly reason: string; readonly leftBehind: boolean }
  /** Drivers have prepared, and nothing else was asked for. What they made is there. */
  | { readonly kind: 'prepared' };

/** In the order in which a run takes them; docs/api.md says what happens in each. */
export const RUN_STATES = [
  'queued',
  'waiting',
  'preparing',
  'running',
  'draining',
  'verifying',
  'finished',
  'failed',
  'prepared',
] as const satisfies readonly RunState['kind'][];

/** Runs in these states do not change any more. */
export const ENDED_STATES = ['finished', 'failed', 'prepared'] as const satisfies readonly RunState['kind'][];

export type EndedState = (typeof ENDED_STATES)[number];

export type RunStep =
  | { readonly kind: 'wait'; readonly expected: number }
  | { readonly kind: 'prepare'; readonly agents: number }
  | { readonly kind: 'keep' }
  | { readonly kind: 'start'; readonly startUs: number }
  /** Goes on with a load that another control process started. */
  | { readonly kind: 'recover'; readonly startUs: number }
  | { readonly kind: 'drain'; readonly reason: string }
  | { readonly kind: 'verify' }
  /** `leftBehind` in these: something that drivers made may still be there. */
  | { readonly kind: 'finish'; readonly verdict: RunOutcome; readonly reason: string; readonly leftBehind: boolean }
  | { readonly kind: 'fail'; readonly reason: string; readonly leftBehind: boolean };

/**
 * The state after a step; the same object when the step changes nothing.
 * @throws {RangeError} when the step is not possible in this state
 */
export function step(state: RunState, taken: RunStep): RunState {
  switch (taken.kind) {
    case 'wait':
      if (state.kind === 'queued') return { kind: 'waiting', expected: taken.expected };
      break;
    case 'prepare':
      if (state.kind === 'waiting') return { kind: 'preparing', agents: taken.agents };
      if (state.kind === 'queued' && taken.agents === 0) return { kind: 'preparing', agents: 0 };
      break;
    case 'keep':
      if (state.kind === 'preparing') return { kind: 'prepared' };
      break;
    case 'start':
      if (state.kind === 'preparing') return { kind: 'running', startUs: taken.startUs };
      break;
    case 'recover':
      if (state.kind === 'queued') return { kind: 'running', startUs: taken.startUs };
      break;
    case 'drain':
      if (state.kind === 'running') return { kind: 'draining', startUs: state.startUs, reason: taken.reason };
      // This step is taken every second once the planned end is over.
      if (state.kind === 'draining') {
        return state.reason === '' && taken.reason !== '' ? { ...state, reason: taken.reason } : state;
      }
      break;
    case 'verify':
      if (state.kind === 'running' || state.kind === 'draining') return { kind: 'verifying' };
      break;
    case 'finish':
      if (state.kind === 'verifying') return { ...taken, kind: 'finished' };
      break;
    case 'fail':
      if (!isEnded(state)) return { ...taken, kind: 'failed' };
      break;
  }
  throw new RangeError(`a run that is ${state.kind} cannot ${taken.kind}`);
}

export function isEnded({ kind }: { readonly kind: RunState['kind'] }): boolean {
  return ENDED_STATES.some((ended) => ended === kind);
}

export function reasonOf(state: RunState): string {
  return 'reason' in state ? state.reason : '';
}

/** Whether what drivers made may still be there. Of a run that has not ended this says nothing. */
export function leavesSomething(state: RunState): boolean {
  return state.kind === 'prepared' || ('leftBehind' in state && state.leftBehind);
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
  prepared: WireState.PREPARED,
};

/** @returns undefined for a state that this version does not know */
export function stateOfWire(wire: WireState): RunState['kind'] | undefined {
  return (Object.keys(WIRE_STATES) as RunState['kind'][]).find((kind) => WIRE_STATES[kind] === wire);
}

export function wireState(kind: RunState['kind']): WireState {
  return WIRE_STATES[kind];
}
