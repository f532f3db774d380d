import { type MonotonicClock, monotonicClock } from '../../core/clock.ts';

/** Time and timers, injected so that tests run on a fake one. */
export interface Clock extends MonotonicClock {
  /** Calls back in the event loop's next turn, after pending input and output. */
  soon(callback: () => void): void;
}

export const systemClock: Clock = {
  ...monotonicClock,
  soon: (callback) => {
    setImmediate(callback);
  },
};
