import type { Clock } from '../core/clock.ts';
import type { HostSample } from '../core/stats/window.ts';
import { Engine, type EngineOptions } from './engine/engine.ts';
import type { Recorder } from './engine/recorder.ts';
import { HostMonitor } from './host/host-monitor.ts';
import { StallWatch } from './host/stall-watch.ts';

/** Generates an agent's share of a load: the engine, or the simulation in its place. */
export type Generator = Pick<Engine, Exclude<keyof Engine, 'recorder'>> & {
  /** Read once, at the end of the load, for the final totals. */
  readonly recorder: Pick<Recorder, 'finalTotals' | 'tallied' | 'firstStartDelayUs'>;
};

/** Measures the agent's process and host until it is stopped. */
export interface HostWatch {
  /**
   * Figures since the last call. Called once per window.
   * @param idleUs microseconds of processor time since the last call that were spent polling, which is not load
   */
  take(idleUs: number): HostSample;
  /** Forgets what was measured before: called when the load starts. */
  restart(): void;
  stop(): void;
}

export type GeneratorOptions = Omit<EngineOptions, 'stallWatch'> & {
  /** The plugin whose code a stack leads through, such as `driver "./x.ts"`. Undefined where nobody knows. */
  readonly pluginIn?: ((stack: string) => string | undefined) | undefined;
};

/** Makes the parts of an agent that the simulation replaces. */
export interface LoadSource {
  watchHost(clock: Clock): HostWatch;
  createGenerator(options: GeneratorOptions): Generator;
}

export const realLoad: LoadSource = {
  watchHost: (clock) => new HostMonitor(clock),
  createGenerator: ({ pluginIn = () => undefined, ...options }) => {
    const { warn } = options;
    return new Engine({ ...options, stallWatch: new StallWatch({ pluginIn, warn }) });
  },
};
