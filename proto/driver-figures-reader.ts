/** What drivers count beside their operations, as windows bring it: timings, ratios and written rows. */
import { EMPTY_HISTOGRAM } from '../core/stats/histogram.ts';
import {
  MAX_NAME_LENGTH,
  MAX_VOID_REASON,
  type RatioWindow,
  type TimingWindow,
  type WriteTallyEntry,
} from '../core/stats/window.ts';
import type { Phase as WirePhase } from './gen/bench/v1/window_pb.ts';
import { readHistogram, wholeNumber } from './histogram-reader.ts';
import { phaseFromWire, readFields, text } from './read-fields.ts';
import { FIXED64, LENGTH_DELIMITED, VARINT, WireError, type WireReader } from './wire-reader.ts';

/** Reads a bench.v1.TimingWindow. @throws {WireError} */
export function timingOf(reader: WireReader): TimingWindow {
  let name = '';
  let phase: WirePhase = 0;
  let histogram = EMPTY_HISTOGRAM;
  readFields(reader, (number, kind) => {
    if (number === 1 && kind === LENGTH_DELIMITED) name = text(reader, MAX_NAME_LENGTH, 'timings.name');
    else if (number === 2 && kind === VARINT) phase = reader.uint32() as WirePhase;
    else if (number === 3 && kind === LENGTH_DELIMITED) histogram = readHistogram(reader, 'timings.histogram');
    else return false;
    return true;
  });
  return { name, phase: phaseFromWire(phase, 'timings.phase'), histogram };
}

/** Reads a bench.v1.RatioWindow. @throws {WireError} */
export function ratioOf(reader: WireReader): RatioWindow {
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
  return { name, phase: phaseFromWire(phase, 'ratios.phase'), hits, of, ...(voidReason !== '' && { voidReason }) };
}

/** Reads a bench.v1.WriteTally. @throws {WireError} */
export function writeOf(reader: WireReader): WriteTallyEntry {
  let driver = 0;
  let key = '';
  let acknowledged = 0;
  let unknown = 0;
  readFields(reader, (number, kind) => {
    if (number === 1 && kind === LENGTH_DELIMITED) key = text(reader, MAX_NAME_LENGTH, 'writes.key');
    else if (number === 4 && kind === VARINT) driver = reader.uint32();
    else if (number === 2 && kind === FIXED64) acknowledged = wholeNumber(reader.double(), 'writes.acknowledged');
    else if (number === 3 && kind === FIXED64) unknown = wholeNumber(reader.double(), 'writes.unknown');
    else return false;
    return true;
  });
  return { driver, key, acknowledged, unknown };
}
