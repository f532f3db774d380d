const LENGTH_OF_FOUR_BYTES = 63 << 2;

/**
 * Bytes in the block format of Snappy, not made smaller: one literal after the length.
 * https://github.com/google/snappy/blob/main/format_description.txt
 */
export function snappyLiteral(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const head: number[] = [];
  let length = bytes.length;
  for (; length > 127; length >>>= 7) head.push((length & 127) | 128);
  head.push(length);
  if (bytes.length > 0) {
    head.push(LENGTH_OF_FOUR_BYTES);
    for (let shift = 0; shift < 32; shift += 8) head.push(((bytes.length - 1) >>> shift) & 255);
  }
  const block = new Uint8Array(head.length + bytes.length);
  block.set(head);
  block.set(bytes, head.length);
  return block;
}
