import type { Clock } from '../../core/clock.ts';

type Wake = () => void;

/** A turn of the event loop that takes no longer has done nothing but look at the clock and poll. */
const LONGEST_IDLE_TURN_US = 20;

/**
 * Wakes many sleepers at absolute times with one timer: a binary heap in two flat arrays, so that ten thousand sleeping
 * virtual users cost no timer objects.
 */
export class Scheduler {
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
   * @param spinUs 0: wake-ups come when the runtime's timers do, up to 2 ms late, at no cost. More: from this long before
   *   a wake-up on, the event loop is polled without rest, which is exact to some microseconds and takes a core.
   */
  constructor(clock: Clock, spinUs: number) {
    this.#clock = clock;
    this.#spinUs = spinUs;
  }

  /** Resolves at this time, or at once when it is past; early when {@link wakeAll} is called. */
  sleepUntil(atUs: number): Promise<void> {
    return new Promise((resolve) => this.at(atUs, resolve));
  }

  at(atUs: number, wake: Wake): void {
    this.#push(atUs, wake);
    if (atUs < this.#timerAtUs) this.#arm();
  }

  /** How long it has polled with nothing to do since the last call: processor time that more load could have. */
  takeIdleSpinUs(): number {
    const idleUs = this.#idleSpinUs;
    this.#idleSpinUs = 0;
    return idleUs;
  }

  /** Wakes every sleeper now: the load is to end. */
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
    if (turnUs <= LONGEST_IDLE_TURN_US) this.#idleSpinUs += turnUs;
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
