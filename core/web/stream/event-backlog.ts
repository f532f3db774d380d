import type { Clock } from '../../clock.ts';
import type { RunEventName } from '../api/run-events.ts';

/** How long a client may be away and still go on where it was. */
const KEPT_US = 600e6;
/** Lines of the log that a new client gets. */
const MAX_LOG_LINES = 100;

export interface KeptEvent {
  readonly id: string;
  readonly name: RunEventName | undefined;
  readonly us: number;
  /** As it is sent, by the role of who reads it. Most events are the same for all. */
  readonly bytes: Readonly<Record<'viewer' | 'operator', Uint8Array>>;
}

const NOTHING = new Uint8Array();

/** The events of a run's last ten minutes, as they were sent. */
export class EventBacklog {
  readonly #clock: Pick<Clock, 'nowUs'>;
  #kept: KeptEvent[];
  #number: number;

  /** @param number of the first event in ids */
  constructor(clock: Pick<Clock, 'nowUs'>, second: number, number: number) {
    this.#clock = clock;
    this.#number = number;
    // A client that came before the first event can go on as well.
    const id = `${second}.${this.#number++}`;
    this.#kept = [{ id, name: undefined, us: clock.nowUs(), bytes: { viewer: NOTHING, operator: NOTHING } }];
  }

  get lastId(): string {
    return this.#kept.at(-1)?.id ?? '';
  }

  /** @param encode makes the bytes for each role */
  add(name: RunEventName, second: number, encode: (id: string) => KeptEvent['bytes']): KeptEvent {
    const id = `${second}.${this.#number++}`;
    const us = this.#clock.nowUs();
    const kept = { id, name, us, bytes: encode(id) };
    this.#kept.push(kept);
    const first = this.#kept.findIndex((event) => event.us >= us - KEPT_US);
    if (first > 0) this.#kept = this.#kept.slice(first);
    return kept;
  }

  /** What came after the event with this id; undefined when it is not kept. */
  after(id: string): readonly KeptEvent[] | undefined {
    const at = this.#kept.findLastIndex((event) => event.id === id);
    return at < 0 ? undefined : this.#kept.slice(at + 1);
  }

  newest(name: RunEventName): KeptEvent | undefined {
    return this.#kept.findLast((event) => event.name === name);
  }

  /** The last ones, the oldest first. */
  all(name: RunEventName): readonly KeptEvent[] {
    return this.#kept.filter((event) => event.name === name).slice(-MAX_LOG_LINES);
  }
}
