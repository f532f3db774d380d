import { KeptBody } from '../../core/text/kept-body.ts';

/** As {@link boundedBytes}, in UTF-8. */
export async function boundedText(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string | undefined> {
  return (await boundedBytes(body, maxBytes))?.toString('utf8');
}

/**
 * Reads the body of an answer, and stops reading when it is larger than it can sensibly be.
 * @returns undefined when the body has more than `maxBytes`
 */
export async function boundedBytes(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer | undefined> {
  const kept = new KeptBody();
  // Returning from the loop ends the stream.
  for await (const chunk of body) if (!kept.take(chunk, maxBytes)) return undefined;
  return kept.bytes;
}
