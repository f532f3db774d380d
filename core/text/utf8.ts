import { BenchError } from '../error.ts';

const LINE_FEED = 10;

/**
 * Decodes UTF-8; a byte order mark stays in the text.
 * @throws {BenchError} with the code `not_utf8` and the number of the first line that is not UTF-8, as a clause that
 *   continues a sentence
 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder().decode(bytes);
  } catch (error) {
    throw new BenchError(
      'not_utf8',
      `line ${firstWrongLine(bytes)} is not UTF-8 text; save the file with the encoding UTF-8`,
      {
        cause: error,
      },
    );
  }
}

/** A decoder that has failed keeps its state on some runtimes, so each text gets one of its own. */
function decoder(): TextDecoder {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
}

/** A line feed is never a part of another character in UTF-8, so each line can be checked alone. */
function firstWrongLine(bytes: Uint8Array): number {
  let start = 0;
  for (let line = 1; ; line++) {
    const end = bytes.indexOf(LINE_FEED, start);
    try {
      decoder().decode(bytes.subarray(start, end < 0 ? bytes.length : end));
    } catch {
      return line;
    }
    if (end < 0) return line;
    start = end + 1;
  }
}
