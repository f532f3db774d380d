import zlib from 'node:zlib';
import t from 'tap';
import { decompressed, isDecompressible } from '../../../plugins/http/content-coding.ts';
import fc from '../../kit/property.ts';

const LIMIT = 1 << 20;
const TEXT = Buffer.from('{"items":[1,2,3]}'.repeat(50));

const COMPRESSED: readonly (readonly [contentEncoding: string, bytes: Buffer])[] = [
  ['gzip', zlib.gzipSync(TEXT)],
  ['GZIP', zlib.gzipSync(TEXT)],
  ['x-gzip', zlib.gzipSync(TEXT)],
  ['br', zlib.brotliCompressSync(TEXT)],
  ['deflate', zlib.deflateSync(TEXT)],
  ['deflate', zlib.deflateRawSync(TEXT)],
  ['gzip, br', zlib.brotliCompressSync(zlib.gzipSync(TEXT))],
  ['identity, gzip', zlib.gzipSync(TEXT)],
];

t.test('every coding', async (t) => {
  for (const [contentEncoding, bytes] of COMPRESSED) {
    t.ok(decompressed(bytes, contentEncoding, LIMIT).equals(TEXT), contentEncoding);
  }
});

t.test('zstd', { skip: isDecompressible('zstd') ? false : 'this runtime lacks it' }, async (t) => {
  t.ok(decompressed(zlib.zstdCompressSync(TEXT), 'zstd', LIMIT).equals(TEXT));
});

t.test('what is not compressed, or in a way that nobody knows, stays as browsers leave it', async (t) => {
  for (const contentEncoding of ['identity', 'utf-8', 'aws-chunked', 'gzip, none']) {
    t.equal(decompressed(TEXT, contentEncoding, LIMIT), TEXT, contentEncoding);
  }
  t.equal(decompressed(Buffer.alloc(0), 'gzip', LIMIT).length, 0, 'an answer without a body');
});

t.test('a body that expands beyond the limit is given up, and is never in memory', async (t) => {
  const large = Buffer.alloc(64 << 20);
  const bombs: [contentEncoding: string, bytes: Buffer][] = [
    ['gzip', zlib.gzipSync(large)],
    ['deflate', zlib.deflateSync(large)],
    ['br', zlib.brotliCompressSync(large, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } })],
    ['gzip, gzip', zlib.gzipSync(zlib.gzipSync(large))],
  ];
  if (isDecompressible('zstd')) bombs.push(['zstd', zlib.zstdCompressSync(large)]);
  for (const [contentEncoding, bytes] of bombs) {
    const message = /^\w+ expands it to more than the 1 MiB that are read$/;
    t.throws(() => decompressed(bytes, contentEncoding, LIMIT), { name: 'DecompressionError', message });
  }
  t.throws(() => decompressed(TEXT, 'gzip, gzip, gzip, gzip', LIMIT), { message: 'it has 4 content encodings' });
});

t.test('no bytes do anything but give a text or an error of its kind', async () => {
  const coding = fc.constantFrom('gzip', 'br', 'deflate');
  const [cut, noise] = [fc.nat(), fc.uint8Array({ maxLength: 40 })];
  fc.assert(
    fc.property(coding, cut, noise, (contentEncoding, at, bytes) => {
      const whole = COMPRESSED.find(([name]) => name === contentEncoding)?.[1] as Buffer;
      const damaged = Buffer.concat([whole.subarray(0, at % whole.length), bytes]);
      try {
        return decompressed(damaged, contentEncoding, LIMIT).length <= LIMIT;
      } catch (error) {
        return error instanceof Error && error.name === 'DecompressionError';
      }
    }),
  );
});
