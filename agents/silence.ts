/** Of an agent: whoever has said nothing for this long says that it is there; three in a row may be late before control calls it lost. */
export const HEARTBEAT_US = 1_000_000;
/** Control says something at least each second: when so many heartbeats pass without a word, the connection is dead. */
const MAX_SILENT_BEATS = 5;
/** Before the first word: thousands of agents may come to a control at once. */
const MAX_BEATS_TO_WELCOME = 30;

/**
 * How long control has said nothing on one connection. A link whose state was lost on the way (a NAT, a firewall, a host
 * without power) says nothing for ever, and TCP notices only after a quarter of an hour. Counted in the agent's own
 * heartbeats and not in time: an agent that was itself held up has not heard either.
 */
export class Silence {
  #beats = 0;
  #most = MAX_BEATS_TO_WELCOME;

  heard(): void {
    this.#beats = 0;
    this.#most = MAX_SILENT_BEATS;
  }

  /** To be called at each heartbeat. */
  beat(): void {
    this.#beats++;
  }

  get isTooLong(): boolean {
    return this.#beats >= this.#most;
  }
}
