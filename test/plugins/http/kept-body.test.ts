import t from 'tap';
import { KeptBody, MAX_KEPT_BYTES } from '../../../plugins/http/kept-body.ts';
import { ResponseReader } from '../../../plugins/http/response-reader.ts';

t.test('bytes are kept in their order, up to the limit', async (t) => {
  const kept = new KeptBody();
  kept.append(Buffer.from('xabcx'), 1, 4);
  kept.append(Buffer.from('d'), 0, 1);
  t.equal(kept.bytes.toString(), 'abcd');
  kept.clear();
  t.equal(kept.bytes.length, 0);
  const part = Buffer.alloc(300_000, 'y');
  for (let i = 0; i < 5; i++) kept.append(part, 0, part.length);
  t.equal(kept.bytes.length, MAX_KEPT_BYTES);
  t.ok(kept.bytes.every((byte) => byte === 121));
});

t.test('a body in chunks of one byte takes no more memory than a body in one piece', async (t) => {
  const readers = Array.from({ length: 60 }, () => new ResponseReader());
  const head = Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
  const chunks = Buffer.from('1\r\nx\r\n'.repeat(10_000));
  const before = process.memoryUsage();
  for (const reader of readers) {
    reader.expect({ bodyless: false, keepHead: false, keepNavigation: false, keepBody: true, memory: undefined });
    reader.read(head, head.length);
    for (let i = 0; i < 5; i++) reader.read(chunks, chunks.length);
    t.equal(reader.body.length, 50_000);
  }
  const { heapUsed, external } = process.memoryUsage();
  // One object for each byte would be 3,000,000 objects of 100 bytes and more.
  t.ok(heapUsed + external - before.heapUsed - before.external < 60e6);
});
