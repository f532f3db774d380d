const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 5_000;

/**
 * How long to wait before the next attempt to reach control. The delay doubles with each failure, and has jitter so that
 * many agents do not come at the same moment.
 * @param failures attempts in a row that have failed before this one
 * @param random uniform in [0, 1)
 * @returns milliseconds
 */
export function reconnectDelayMs(failures: number, random: number): number {
  const longest = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(failures, 10));
  return Math.round(longest * (0.5 + random / 2));
}

/** An agent that has said nothing for this long sends a heartbeat. Control gives it up after three of them are missing. */
export const HEARTBEAT_US = 1_000_000;
/** Heartbeats without a word from control after which a connection is dead: control says something every two seconds. */
const MAX_SILENT_BEATS = 5;
/** The same before control's first word, because thousands of agents may join a control at the same time. */
const MAX_BEATS_TO_WELCOME = 30;

/**
 * How long control has been silent on one connection. When the state of a connection is lost on the way (in a NAT, in a
 * firewall, on a host without power), nothing comes any more, and TCP notices that only after a quarter of an hour.
 *
 * Silence is counted in the agent's own heartbeats and not in time: an agent that was held up itself, or suspended, has not
 * listened either.
 */
export class Silence {
  #beats = 0;
  #maxBeats = MAX_BEATS_TO_WELCOME;

  /** Called for each message from control. */
  heard(): void {
    this.#beats = 0;
    this.#maxBeats = MAX_SILENT_BEATS;
  }

  /** Called at each heartbeat of the agent. */
  beat(): void {
    this.#beats++;
  }

  get isTooLong(): boolean {
    return this.#beats >= this.#maxBeats;
  }
}
