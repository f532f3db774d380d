import type { Phase } from '../core/stats/window.ts';
import { Phase as WirePhase } from './gen/bench/v1/window_pb.ts';
import { WireError, type WireReader } from './wire-reader.ts';

/** Reads one field; false when it is not known. */
export type ReadField = (number: number, kind: number) => boolean;

/** Reads a nested message. */
export function part<Result>(reader: WireReader, read: (reader: WireReader) => Result): Result {
  const outerEnd = reader.enter();
  const result = read(reader);
  reader.leave(outerEnd);
  return result;
}

/** Reads a message to its end, and skips what is not known. */
export function readFields(reader: WireReader, read: ReadField): void {
  while (!reader.isAtEnd) {
    const tag = reader.tag();
    if (!read(tag >>> 3, tag & 7)) reader.skip(tag);
  }
}

/** @throws {WireError} when there are more items than a window may have */
export function addUpTo<Item>(most: number, items: Item[], item: Item, field: string): void {
  if (items.push(item) > most) throw new WireError(`${field} are more than ${most}, the most that a window may have`);
}

/** @throws {WireError} when it has more characters */
export function text(reader: WireReader, longest: number, field: string): string {
  const value = reader.text();
  if (value.length <= longest) return value;
  throw new WireError(`${field} has ${value.length} characters; at most ${longest} are allowed`);
}

/** @throws {WireError} when it is neither */
export function phaseFromWire(phase: WirePhase, field: string): Phase {
  if (phase === WirePhase.WARMUP) return 'warmup';
  if (phase === WirePhase.MEASURE) return 'measure';
  throw new WireError(`${field} is ${phase}, which is no phase`);
}
