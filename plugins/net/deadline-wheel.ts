/**
 * Waits until sockets have read what has arrived. The loop of Node polls for data between these two; Deno reads in a task beside
 * its loop, which is done within some milliseconds.
 */
export const afterReading: (then: () => void) => void =
  'Deno' in globalThis ? (then) => void setTimeout(then, 20) : (then) => void setImmediate(() => setImmediate(then));

/** Something with a time limit, counted in ticks of a {@link DeadlineWheel}. */
export interface Limited {
  /** The first tick in which it is over time; 0 means no limit. */
  deadlineTick: number;
  /** Its position among the wheel's members, −1 while it is not one. Only the wheel writes it. */
  wheelIndex: number;
  /** Called in the tick that finds it over time; it must then set its deadline anew. */
  overTime(): void;
}

const COARSEST_TICK_MS = 100;
const FINEST_TICK_MS = 5;
/** Ticks within the shortest limit, so that it fires late by a tenth of itself at the most. */
const TICKS_PER_LIMIT = 20;

/** More ticks at once than this mean that the event loop was held up. */
const MAX_TICKS_AT_ONCE = 2;

/**
 * Time limits without a timer per request: one coarse clock checks all connections. A limit fires up to two ticks late
 * and never early. The clock is as fine as the shortest limit needs that it has been asked for. Ticks follow the system's clock: an
 * event loop that is held up, by a target that sends without end or by others on the host, makes no limit longer.
 */
export class DeadlineWheel {
  /** The current tick. */
  tick = 1;
  #tickMs = COARSEST_TICK_MS;
  #shortestMs = Number.POSITIVE_INFINITY;
  readonly #members: Limited[] = [];
  readonly #nowMs: () => number;
  /** How many ticks the clock had passed at this time; undefined while it is stopped, and {@link advance} alone counts. */
  #passed: { readonly tick: number; readonly atMs: number } | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param nowMs monotonic, in milliseconds */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  get tickMs(): number {
    return this.#tickMs;
  }

  /** The first tick in which something with this limit, counted from now, is over time. @param limitMs milliseconds */
  after(limitMs: number): number {
    if (limitMs < this.#shortestMs) this.#refine(limitMs);
    return this.#current() + Math.ceil(limitMs / this.#tickMs) + 1;
  }

  start(): void {
    if (this.#timer !== undefined) return;
    this.#passed = { tick: this.tick, atMs: this.#nowMs() };
    this.#timer = setInterval(() => this.pass(), this.#tickMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#passed = undefined;
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

  /** How many members are like this. */
  count(isCounted: (member: Limited) => boolean): number {
    return this.#members.reduce((count, member) => (isCounted(member) ? count + 1 : count), 0);
  }

  /** Advances to the tick that the clock has reached. The timer calls it, and tests do. */
  pass(): void {
    if (this.#passed === undefined) return;
    const tick = this.#current();
    const ticks = tick - this.#passed.tick;
    this.#passed = { tick, atMs: this.#passed.atMs + ticks * this.#tickMs };
    // An answer that came while nothing was read has come in time.
    if (ticks > MAX_TICKS_AT_ONCE) afterReading(() => this.#catchUp());
    else this.#catchUp();
  }

  #catchUp(): void {
    const missed = (this.#passed?.tick ?? 0) - this.tick;
    if (missed > 0) this.advance(missed);
  }

  #current(): number {
    if (this.#passed === undefined) return this.tick;
    const { tick, atMs } = this.#passed;
    return Math.max(this.tick, tick + Math.floor((this.#nowMs() - atMs) / this.#tickMs));
  }

  /** Advances by this many ticks. */
  advance(ticks = 1): void {
    this.tick += ticks;
    // The loop runs backwards, so that a member that removes itself moves only one that was checked already.
    for (let i = this.#members.length - 1; i >= 0; i--) {
      const member = this.#members[i];
      if (member && member.deadlineTick !== 0 && this.tick >= member.deadlineTick) member.overTime();
    }
  }

  /** Makes ticks short enough for a limit; what is left of the limits under way stays the same time. */
  #refine(limitMs: number): void {
    this.#shortestMs = limitMs;
    const before = this.#tickMs;
    this.#tickMs = Math.min(before, Math.max(FINEST_TICK_MS, Math.floor(limitMs / TICKS_PER_LIMIT)));
    if (this.#tickMs === before) return;
    for (const member of this.#members) {
      if (member.deadlineTick === 0) continue;
      member.deadlineTick = this.tick + Math.ceil(((member.deadlineTick - this.tick) * before) / this.#tickMs);
    }
    if (this.#timer === undefined) return;
    this.stop();
    this.start();
  }
}
