import { MAX_NAME_LENGTH, MAX_VOID_REASON, type Phase, type RatioWindow } from '../core/stats/window.ts';
import type { Phase as WirePhase } from './gen/bench/v1/window_pb.ts';
import { wholeNumber } from './histogram-reader.ts';
import { readFields, text } from './read-fields.ts';
import { FIXED64, LENGTH_DELIMITED, VARINT, WireError, type WireReader } from './wire-reader.ts';

/**
 * Reads a bench.v1.RatioWindow.
 * @param phaseOf throws a {@link WireError} for a number that is no phase
 * @throws {WireError}
 */
export function ratioOf(reader: WireReader, phaseOf: (phase: WirePhase, field: string) => Phase): RatioWindow {
  let name = '';
  let phase: WirePhase = 0;
  let hits = 0;
  let of = 0;
  let voidReason = '';
  readFields(reader, (number, kind) => {
    if (number === 1 && kind === LENGTH_DELIMITED) name = text(reader, MAX_NAME_LENGTH, 'ratios.name');
    else if (number === 2 && kind === VARINT) phase = reader.uint32() as WirePhase;
    else if (number === 3 && kind === FIXED64) hits = wholeNumber(reader.double(), 'ratios.hits');
    else if (number === 4 && kind === FIXED64) of = wholeNumber(reader.double(), 'ratios.of');
    else if (number === 5 && kind === LENGTH_DELIMITED) {
      voidReason = text(reader, MAX_VOID_REASON, 'ratios.void_reason');
    } else return false;
    return true;
  });
  if (hits > of) throw new WireError(`ratios.hits is ${hits}, more than the ${of} that ratios.of has`);
  return { name, phase: phaseOf(phase, 'ratios.phase'), hits, of, ...(voidReason !== '' && { voidReason }) };
}
