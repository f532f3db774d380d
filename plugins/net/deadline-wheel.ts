/** Something with a time limit, counted in the sweep's ticks. */
export interface Limited {
  /** The tick from which on it is over time; 0 for no limit. */
  deadlineTick: number;
  /** Its place among the members, −1 outside; belongs to the sweep. */
  sweepIndex: number;
  /** Called in the tick that finds it over time; it then sets its deadline anew. */
  overTime(): void;
}

/**
 * Time limits without a timer per request: one coarse clock looks at all connections. A limit ends up to two ticks late
 * and never early.
 */
export class Sweep {
  /** The present tick. */
  tick = 1;
  readonly tickMs: number;
  readonly #members: Limited[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param shortestMs the shortest of the limits it will watch, in milliseconds */
  constructor(shortestMs: number) {
    this.tickMs = Math.min(100, Math.max(5, Math.floor(shortestMs / 20)));
  }

  /** The limit in ticks that is no shorter than this. */
  ticks(limitMs: number): number {
    return Math.ceil(limitMs / this.tickMs) + 1;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.advance(), this.tickMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  add(member: Limited): void {
    member.sweepIndex = this.#members.length;
    this.#members.push(member);
  }

  remove(member: Limited): void {
    const place = member.sweepIndex;
    if (place < 0) return;
    member.sweepIndex = -1;
    const last = this.#members.pop();
    if (last === undefined || last === member) return;
    this.#members[place] = last;
    last.sweepIndex = place;
  }

  /** One tick: called by the timer; by tests themselves. */
  advance(): void {
    this.tick += 1;
    // Backwards, so that a member that leaves moves only one that was looked at.
    for (let i = this.#members.length - 1; i >= 0; i--) {
      const member = this.#members[i];
      if (member && member.deadlineTick !== 0 && this.tick >= member.deadlineTick) member.overTime();
    }
  }
}
