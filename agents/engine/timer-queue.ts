import type { Clock } from '../../core/clock.ts';

type Wake = () => void;

/** A turn of the event loop that is no longer than this did nothing but read the clock and poll. */
const MAX_IDLE_TURN_US = 20;

/**
 * Calls back at absolute times of the clock, in microseconds, in order of time. It is a binary heap in two flat arrays and
 * uses one timer of the runtime, so that ten thousand sleeping virtual users need no timer object each.
 */
export class TimerQueue {
  readonly #clock: Clock;
  readonly #spinUs: number;
  readonly #times: number[] = [];
  readonly #wakes: Wake[] = [];
  #cancelTimer: (() => void) | undefined;
  #timerAtUs = Number.POSITIVE_INFINITY;
  #spinning = false;
  #lastTurnUs = 0;
  #idleSpinUs = 0;

  /**
   * @param spinUs with 0, callbacks come when the runtime's timers fire, up to 2 ms late, at no cost; with more, the event
   *   loop is polled from this many microseconds before a callback is due, which is exact to a few microseconds and uses a
   *   core meanwhile
   */
  constructor(clock: Clock, spinUs: number) {
    this.#clock = clock;
    this.#spinUs = spinUs;
  }

  /** Resolves at this time, at once when it has passed, and early when {@link wakeAll} is called. */
  sleepUntil(atUs: number): Promise<void> {
    return new Promise((resolve) => this.at(atUs, resolve));
  }

  /** Calls `wake` once, as {@link sleepUntil} resolves; it cannot be cancelled. */
  at(atUs: number, wake: Wake): void {
    this.#push(atUs, wake);
    if (atUs < this.#timerAtUs) this.#arm();
  }

  /** Microseconds of polling without anything to do since the last call: processor time that is free for more load. */
  takeIdleSpinUs(): number {
    const idleUs = this.#idleSpinUs;
    this.#idleSpinUs = 0;
    return idleUs;
  }

  /** Calls every waiting callback now. Called when the load ends. */
  wakeAll(): void {
    const wakes = this.#wakes.splice(0);
    this.#times.length = 0;
    this.#disarm();
    for (const wake of wakes) wake();
  }

  #arm(): void {
    this.#disarm();
    const next = this.#times[0];
    if (next === undefined || this.#spinning) return;
    const delayUs = next - this.#clock.nowUs();
    if (delayUs <= this.#spinUs) {
      this.#spinning = true;
      this.#clock.soon(this.#spin);
      return;
    }
    this.#timerAtUs = next;
    this.#cancelTimer = this.#clock.after(delayUs - this.#spinUs, this.#fire);
  }

  #disarm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#timerAtUs = Number.POSITIVE_INFINITY;
  }

  readonly #fire = (): void => {
    this.#cancelTimer = undefined;
    this.#timerAtUs = Number.POSITIVE_INFINITY;
    this.#wakeDue(this.#clock.nowUs());
    this.#arm();
  };

  readonly #spin = (): void => {
    this.#spinning = false;
    const nowUs = this.#clock.nowUs();
    const turnUs = nowUs - this.#lastTurnUs;
    if (turnUs <= MAX_IDLE_TURN_US) this.#idleSpinUs += turnUs;
    this.#wakeDue(nowUs);
    this.#lastTurnUs = nowUs;
    this.#arm();
  };

  #wakeDue(nowUs: number): void {
    while (this.#times.length > 0 && (this.#times[0] as number) <= nowUs) this.#pop()();
  }

  #push(atUs: number, wake: Wake): void {
    const times = this.#times;
    const wakes = this.#wakes;
    let i = times.length;
    times.push(atUs);
    wakes.push(wake);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if ((times[parent] as number) <= atUs) break;
      times[i] = times[parent] as number;
      wakes[i] = wakes[parent] as Wake;
      i = parent;
    }
    times[i] = atUs;
    wakes[i] = wake;
  }

  #pop(): Wake {
    const times = this.#times;
    const wakes = this.#wakes;
    const first = wakes[0] as Wake;
    const lastTime = times.pop() as number;
    const lastWake = wakes.pop() as Wake;
    const size = times.length;
    if (size === 0) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= size) break;
      if (child + 1 < size && (times[child + 1] as number) < (times[child] as number)) child++;
      if ((times[child] as number) >= lastTime) break;
      times[i] = times[child] as number;
      wakes[i] = wakes[child] as Wake;
      i = child;
    }
    times[i] = lastTime;
    wakes[i] = lastWake;
    return first;
  }
}
