import zlib from 'node:zlib';
import { errorMessage } from '../../core/error.ts';

/** Codings that answers may be compressed with (RFC 9110, 8.4.1; RFC 7932; RFC 8878). */
export const CODINGS = ['gzip', 'br', 'deflate', 'zstd'] as const;
export type Coding = (typeof CODINGS)[number];

/** Codings applied one after another; more than this only serves attacks. */
const MAX_CODINGS = 3;

/** Why a body cannot be decompressed, as a clause that continues a sentence. */
export class DecompressionError extends Error {
  override readonly name = 'DecompressionError';
}

type Decompress = (bytes: Buffer, options: { readonly maxOutputLength: number }) => Buffer;

const DECOMPRESSORS: Readonly<Record<Coding, Decompress | undefined>> = {
  gzip: zlib.gunzipSync,
  br: zlib.brotliDecompressSync,
  deflate: (bytes, options) => (hasZlibHeader(bytes) ? zlib.inflateSync : zlib.inflateRawSync)(bytes, options),
  // Runtimes have it since 2025 only.
  zstd: (zlib as { readonly zstdDecompressSync?: Decompress }).zstdDecompressSync,
};

/** Whether this runtime can decompress it. */
export function isDecompressible(coding: Coding): boolean {
  return DECOMPRESSORS[coding] !== undefined;
}

/**
 * Decompresses a whole body. A coding that is not one of {@link CODINGS} leaves it as it is, as browsers do.
 * @param contentEncoding value of the header Content-Encoding
 * @param limitBytes the most that may come out; no more memory than that is used
 * @throws {DecompressionError} when the body is broken or too large, or the runtime lacks the coding
 */
export function decompressed(bytes: Buffer, contentEncoding: string, limitBytes: number): Buffer {
  const names = contentEncoding
    .toLowerCase()
    .split(',')
    .map((name) => name.trim().replace(/^x-gzip$/, 'gzip'))
    .filter((name) => name !== '' && name !== 'identity');
  if (names.length > MAX_CODINGS) throw new DecompressionError(`it has ${names.length} content encodings`);
  if (!names.every(isCoding)) return bytes;
  // The last coding was applied last.
  return names.reduceRight((body, coding) => decompress(body, coding, limitBytes), bytes);
}

function decompress(bytes: Buffer, coding: Coding, limitBytes: number): Buffer {
  const run = DECOMPRESSORS[coding];
  if (run === undefined) throw new DecompressionError(`it is compressed with ${coding}, which this runtime lacks`);
  // An answer may say how it would be compressed and have no body.
  if (bytes.length === 0) return bytes;
  try {
    return run(bytes, { maxOutputLength: limitBytes });
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    const reason = isTooLarge
      ? `${coding} expands it to more than the ${limitBytes / 2 ** 20} MiB that are read`
      : `it is not valid ${coding} (${errorMessage(error)})`;
    throw new DecompressionError(reason, { cause: error });
  }
}

function isCoding(name: string): name is Coding {
  return (CODINGS as readonly string[]).includes(name);
}

/** Some servers send deflate without the header of zlib (RFC 1950, 2.2), which it should have. */
function hasZlibHeader(bytes: Buffer): boolean {
  const [method = 0, flags = 0] = bytes;
  return (method & 0x0f) === 8 && ((method << 8) | flags) % 31 === 0;
}
