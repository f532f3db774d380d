import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { CONSISTENCY, type Consistency } from '../collection-options.ts';

/** Timestamps with a meaning of their own: https://milvus.io/docs/consistency.md */
const [STRONG, EVENTUALLY, BOUNDED] = [0n, 1n, 2n];

/** Level of consistency, as requests have it. */
export function consistencyLevel(consistency: Consistency): number {
  return CONSISTENCY.indexOf(consistency);
}

/**
 * The writes that an answer must know of, as a timestamp. Servers go by the level or by this: both say the same.
 * @param lastWrite timestamp of the virtual user's last write; 0 before the first
 */
export function guarantee(consistency: Consistency, lastWrite: bigint): bigint {
  if (consistency === 'session') return lastWrite === 0n ? EVENTUALLY : lastWrite;
  return consistency === 'strong' ? STRONG : consistency === 'bounded' ? BOUNDED : EVENTUALLY;
}

/** {@link guarantee} as bytes: the last one of a field counts, so it may follow what else has been encoded. */
export function guaranteeBytes(field: number, timestamp: bigint): Uint8Array {
  return new BinaryWriter().tag(field, WireType.Varint).uint64(timestamp).finish();
}
