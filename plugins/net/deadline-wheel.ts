/** Something with a time limit, counted in ticks of a {@link DeadlineWheel}. */
export interface Limited {
  /** The first tick in which it is over time; 0 means no limit. */
  deadlineTick: number;
  /** Its position among the wheel's members, −1 while it is not one. Only the wheel writes it. */
  wheelIndex: number;
  /** Called in the tick that finds it over time; it must then set its deadline anew. */
  overTime(): void;
}

/**
 * Time limits without a timer per request: one coarse clock checks all connections. A limit fires up to two ticks late
 * and never early.
 */
export class DeadlineWheel {
  /** The current tick. */
  tick = 1;
  readonly tickMs: number;
  readonly #members: Limited[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param shortestMs the shortest of the limits that it will watch, in milliseconds */
  constructor(shortestMs: number) {
    this.tickMs = Math.min(100, Math.max(5, Math.floor(shortestMs / 20)));
  }

  /** The smallest number of ticks that never ends before the limit. */
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
    member.wheelIndex = this.#members.length;
    this.#members.push(member);
  }

  /** Does nothing for one that is not a member. */
  remove(member: Limited): void {
    const index = member.wheelIndex;
    if (index < 0) return;
    member.wheelIndex = -1;
    const last = this.#members.pop();
    if (last === undefined || last === member) return;
    this.#members[index] = last;
    last.wheelIndex = index;
  }

  /** Advances by one tick. The timer calls it, and tests do. */
  advance(): void {
    this.tick += 1;
    // The loop runs backwards, so that a member that removes itself moves only one that was checked already.
    for (let i = this.#members.length - 1; i >= 0; i--) {
      const member = this.#members[i];
      if (member && member.deadlineTick !== 0 && this.tick >= member.deadlineTick) member.overTime();
    }
  }
}
