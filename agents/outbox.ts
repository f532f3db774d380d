import type { Window } from '../core/stats/window.ts';
import { encodeWindow } from '../proto/window-codec.ts';

/** A window on its way to control. */
export interface KeptWindow {
  /** 1, 2, 3, … within one run of one agent process. */
  readonly seq: number;
  /** An encoded bench.v1.Window. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** When the window was closed, on the agent's clock. */
  readonly madeUs: number;
}

/** The windows of one run that control has not acknowledged yet. They are kept to be sent again after a reconnect. */
export class Outbox {
  readonly #unacked: KeptWindow[] = [];
  #lastSeq = 0;

  add(bytes: Uint8Array<ArrayBuffer>, nowUs: number): KeptWindow {
    const kept = { seq: ++this.#lastSeq, bytes, madeUs: nowUs };
    this.#unacked.push(kept);
    return kept;
  }

  /** Called when control has stored every window up to and including `seq`. @returns the windows that this removes */
  acknowledge(seq: number): readonly KeptWindow[] {
    let count = 0;
    while (count < this.#unacked.length && (this.#unacked[count] as KeptWindow).seq <= seq) count++;
    return this.#unacked.splice(0, count);
  }

  get unacked(): readonly KeptWindow[] {
    return this.#unacked;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }
}

/** Control takes messages of up to 16 MB; a window stays well below that. */
const MAX_WINDOW_BYTES = 8 * 1024 * 1024;

/**
 * Encodes a window, as several windows of the same second when one would be too large for a message. That happens when a
 * driver tallies hundreds of thousands of keys, or when thousands of operations each fail in dozens of ways. Control adds the
 * parts up; of virtual users it takes the number in the last part.
 */
export function encodeWindows(window: Window, maxBytes = MAX_WINDOW_BYTES): Uint8Array<ArrayBuffer>[] {
  const bytes = encodeWindow(window);
  if (bytes.length <= maxBytes) return [bytes];
  const parts = halves(window);
  return parts === undefined ? [bytes] : parts.flatMap((part) => encodeWindows(part, maxBytes));
}

/** Undefined when there is nothing to divide. */
function halves(window: Window): [Window, Window] | undefined {
  const { operations, writes, scenarios, script = { rows: [], checks: [] } } = window;
  const { rows } = script;
  if (operations.length <= 1 && writes.length <= 1 && rows.length <= 1) return undefined;
  const operation = Math.ceil(operations.length / 2);
  const write = Math.ceil(writes.length / 2);
  const row = Math.ceil(rows.length / 2);
  return [
    {
      ...window,
      continues: true,
      operations: operations.slice(0, operation),
      writes: writes.slice(0, write),
      ...(window.script !== undefined && { script: { ...script, rows: rows.slice(0, row) } }),
    },
    {
      ...window,
      operations: operations.slice(operation),
      writes: writes.slice(write),
      scenarios: scenarios.map(({ scenario, vus }) => ({ scenario, vus, droppedArrivals: 0, missedArrivals: 0 })),
      timings: [],
      ratios: undefined,
      ...(window.script !== undefined && { script: { rows: rows.slice(row), checks: [] } }),
    },
  ];
}
