import type { Clock } from '../core/clock.ts';
import type { HostSample } from '../core/stats/window.ts';
import { Engine, type EngineOptions } from './engine/engine.ts';
import type { Recorder } from './engine/recorder.ts';
import { HostMonitor } from './host/host-monitor.ts';

/** What makes an agent's share of a load: the engine, or the simulation in its place. */
export type Generator = Pick<Engine, Exclude<keyof Engine, 'recorder'>> & {
  /** What was recorded, for the closing totals. */
  readonly recorder: Pick<Recorder, 'closingTotals' | 'tallied' | 'firstStartDelayUs'>;
};

export interface HostWatch {
  /** @param idleUs processor time since the last call that was spent waiting */
  take(idleUs: number): HostSample;
  stop(): void;
}

/** Where an agent gets its load from. */
export interface LoadSource {
  watchHost(clock: Clock): HostWatch;
  createGenerator(options: EngineOptions): Generator;
}

export const realLoad: LoadSource = {
  watchHost: (clock) => new HostMonitor(clock),
  createGenerator: (options) => new Engine(options),
};
