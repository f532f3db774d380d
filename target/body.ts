/**
 * Reads a body whose length nobody has told, and no more of it than is wanted.
 * @returns the text, from UTF-8; undefined when the body has more than `maxBytes`
 */
export async function boundedText(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<string | undefined> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop cancels the body.
  for await (const piece of body ?? []) {
    bytes += piece.byteLength;
    if (bytes > maxBytes) return undefined;
    pieces.push(piece);
  }
  return new TextDecoder().decode(Buffer.concat(pieces));
}
