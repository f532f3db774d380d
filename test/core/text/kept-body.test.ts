import t from 'tap';
import { KeptBody, MAX_KEPT_BYTES } from '../../../core/text/kept-body.ts';
import { RequestBodies } from '../../../core/web/request-bodies.ts';
import { FrameReader, messageFrame } from '../../../plugins/grpc/message-frame.ts';
import { ResponseReader } from '../../../plugins/http/response-reader.ts';
import { boundedText } from '../../../plugins/net/bounded-text.ts';
import { FakeClock } from '../../../testing/fake-clock.ts';

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

/** One buffer for all pieces: whoever keeps the pieces themselves has the last one many times. */
function* byteByByte(text: string): Generator<Buffer> {
  const piece = Buffer.alloc(1);
  for (const byte of Buffer.from(text)) {
    piece[0] = byte;
    yield piece;
  }
}

async function* sent(text: string): AsyncGenerator<Buffer> {
  yield* byteByByte(text);
}

t.test('what comes byte by byte is copied, not kept as an object for each byte', async (t) => {
  t.equal(await boundedText(sent('a page'), 6), 'a page');
  t.equal(await boundedText(sent('a page'), 5), undefined);

  const request = Object.assign(sent('{"name":"a run"}'), { headers: { 'content-type': 'application/json' } });
  t.same(await new RequestBodies(new FakeClock()).json(request as never), { name: 'a run' });

  const reader = new FrameReader({ keepMessage: true, maxAnswerBytes: 100, answerLimit: 'a test allows' });
  for (const piece of byteByByte(messageFrame(Buffer.from('a message')).toString()))
    t.equal(reader.read(piece), undefined);
  t.equal(reader.end(), undefined);
  t.equal(reader.message.toString(), 'a message');
});
