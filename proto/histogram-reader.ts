import {
  BUCKET_COUNT,
  bucketIndex,
  EMPTY_HISTOGRAM,
  type EncodedHistogram,
  encodedHistogram,
  HIGHEST_TRACKABLE_US,
} from '../core/stats/histogram.ts';
import { FIXED64, LENGTH_DELIMITED, VARINT, WireError, type WireReader } from './wire-reader.ts';

const field = (number: number, kind: number) => (number << 3) | kind;
const MIN_US = field(1, FIXED64);
const MAX_US = field(2, FIXED64);
const SUM_US = field(3, FIXED64);
const INDEX_DELTAS = field(4, LENGTH_DELIMITED);
const INDEX_DELTA = field(4, VARINT);
const COUNTS = field(6, LENGTH_DELIMITED);
const COUNT = field(6, VARINT);

/**
 * Reads a bench.v1.Histogram and checks it.
 * @param name of the field, for the error
 * @throws {WireError}
 */
export function readHistogram(reader: WireReader, name: string): EncodedHistogram {
  let deltas: number[] = [];
  let counts: number[] = [];
  let minUs = 0;
  let maxUs = 0;
  let sumUs = 0;
  const end = reader.enter();
  while (!reader.isAtEnd) {
    const tag = reader.tag();
    if (tag === INDEX_DELTAS) deltas = reader.packed(deltas);
    else if (tag === COUNTS) counts = reader.packed(counts);
    else if (tag === MIN_US) minUs = reader.double();
    else if (tag === MAX_US) maxUs = reader.double();
    else if (tag === SUM_US) sumUs = reader.double();
    else if (tag === INDEX_DELTA) deltas.push(reader.uint32());
    else if (tag === COUNT) counts.push(reader.uint32());
    else reader.skip(tag);
  }
  reader.leave(end);
  if (deltas.length !== counts.length) {
    throw new WireError(`${name} has ${deltas.length} index_deltas and ${counts.length} counts`);
  }
  if (deltas.length === 0) return EMPTY_HISTOGRAM;
  const indices = deltas;
  let index = 0;
  let count = 0;
  for (let i = 0; i < deltas.length; i++) {
    const delta = deltas[i] as number;
    index += delta;
    if ((delta === 0 && i > 0) || index >= BUCKET_COUNT) {
      throw new WireError(
        `${name}.index_deltas[${i}] leads to bucket ${index}: they must rise and stay below ${BUCKET_COUNT}`,
      );
    }
    if (counts[i] === 0) throw new WireError(`${name}.counts[${i}] is 0, and must be positive`);
    indices[i] = index;
    count += counts[i] as number;
  }
  wholeNumber(minUs, name, '.min_us');
  wholeNumber(maxUs, name, '.max_us');
  wholeNumber(sumUs, name, '.sum_us');
  // A histogram's range of buckets comes from its least and greatest value: if they were wrong, buckets would be lost.
  if (bucketOf(minUs) !== indices[0] || bucketOf(maxUs) !== index || minUs > maxUs) {
    throw new WireError(
      `${name} goes from bucket ${indices[0]} to ${index}, which min_us ${minUs} and max_us ${maxUs} do not`,
    );
  }
  if (sumUs < count * minUs || sumUs > count * maxUs) {
    throw new WireError(`${name}.sum_us is ${sumUs}, which ${count} values from ${minUs} to ${maxUs} cannot add up to`);
  }
  return encodedHistogram(minUs, maxUs, sumUs, indices, counts);
}

/** @param part of what has the name; joined to it only for the error. @throws {WireError} */
export function wholeNumber(value: number, name: string, part = ''): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new WireError(`${name}${part} is ${value}, and must be a whole number, not negative`);
}

function bucketOf(us: number): number {
  return bucketIndex(Math.min(us, HIGHEST_TRACKABLE_US));
}
