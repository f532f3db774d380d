import { once } from 'node:events';
import { request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import t from 'tap';
import { HeadMemory } from '../../../plugins/http/head-memory.ts';
import { READ_COMPLETE, READ_FAILED, READ_MORE, ResponseReader } from '../../../plugins/http/response-reader.ts';
import fc from '../../kit/property.ts';
import { CORPUS, type CorpusEntry, LENIENT, OVERLONG } from './corpus.ts';
import { lastProblem, readInParts } from './read-in-parts.ts';

t.test('every answer, split at every byte', async (t) => {
  for (const entry of [...CORPUS, ...LENIENT]) {
    const results = new Set<string>();
    for (let cut = 0; cut <= entry.bytes.length; cut++) results.add(readInParts(entry, [cut]));
    results.add(
      readInParts(
        entry,
        Array.from({ length: entry.bytes.length }, (_, i) => i),
      ),
    );
    t.strictSame([...results], [JSON.stringify(entry.expected)], entry.name);
  }
});

t.test('every answer, split anyhow', async () => {
  const cuts = fc.array(fc.nat(400), { maxLength: 6 });
  fc.assert(
    fc.property(fc.constantFrom(...CORPUS, ...LENIENT), cuts, (entry, cuts) => {
      return readInParts(entry, cuts) === JSON.stringify(entry.expected);
    }),
  );
});

t.test('interim answers are skipped, up to a number that only an attacker sends', async (t) => {
  const wanted = { bodyless: false, keepHead: false, keepNavigation: false, keepBody: true, memory: undefined };
  for (const [count, state] of [
    [100, READ_COMPLETE],
    [101, READ_FAILED],
  ] as const) {
    const reader = new ResponseReader();
    reader.expect(wanted);
    const interim = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n'.repeat(count);
    const bytes = Buffer.from(`${interim}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`);
    t.equal(reader.read(bytes, bytes.length), state);
    if (state === READ_FAILED) t.equal(reader.problem, 'has more than 100 interim ones before it');
  }
});

t.test('bytes that do not belong to the answer', async (t) => {
  for (const entry of OVERLONG) t.equal(readInParts(entry, []), JSON.stringify(entry.expected), entry.name);
});

t.test("Node's own client makes the same of the same bytes", async (t) => {
  for (const entry of CORPUS) t.equal(await askedByNode(entry), JSON.stringify(normal(entry)), entry.name);
});

/** Where this client takes what RFC 9112 wants a client to take: folded lines, and blanks after a chunk size. */
const MORE_LENIENT = /\r\n[ \t]|\r\n[0-9A-Fa-f]+[ \t]+[;\r]/;
/** Where this client is stricter than Node's, each a server's fault that a load test should count. */
const STRICTER = /is followed by|status below 100|switches to a protocol|does not begin with HTTP/;

t.test('answers with a byte changed, added or missing', async (t) => {
  const entries = CORPUS.filter(({ name }) => name !== 'chunked with extensions');
  const mutation = fc.record({
    entry: fc.constantFrom(...entries),
    place: fc.nat(1000),
    removed: fc.constantFrom(0, 1),
    added: fc.constantFrom('', ...'\r\n\t :;,0159afAFzZ-\x00\x7f\x80\xff/.'),
  });
  await fc.assert(
    fc.asyncProperty(mutation, fc.nat(1000), async ({ entry, place, removed, added }, cut) => {
      const at = place % (entry.bytes.length + 1);
      const bytes = entry.bytes.slice(0, at) + added + entry.bytes.slice(at + removed);
      const mutated: CorpusEntry = { ...entry, bytes, closes: true };
      const whole = readInParts(mutated, []);
      const problem = lastProblem();
      const split = readInParts(mutated, [cut % (bytes.length + 1)]);
      if (STRICTER.test(problem)) return;
      t.equal(split, whole);
      if (MORE_LENIENT.test(bytes)) return;
      t.equal(whole.includes('"failure"') ? '"failure"' : whole, await askedByNode(mutated), JSON.stringify(bytes));
    }),
    { numRuns: 500, seed: 20_261_121 },
  );
});

t.test('a folded header is kept as one line', async (t) => {
  const reader = new ResponseReader();
  reader.expect({ bodyless: false, keepHead: true, keepNavigation: false, keepBody: false, memory: undefined });
  const head = Buffer.from('HTTP/1.1 200 OK\r\nX-Long: a\r\n\tb \r\n  c\r\nContent-Length: 0\r\n\r\n');
  t.equal(reader.read(head, head.length), READ_COMPLETE);
  t.equal(reader.headText, 'HTTP/1.1 200 OK\r\nX-Long: a b c\r\nContent-Length: 0\r\n\r\n');
});

t.test('chunk sizes, extensions and trailers without an end', async (t) => {
  const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
  for (const [name, start, more] of [
    ['zeros', '', '0'],
    ['blanks', '1', ' '],
    ['an extension', '1;', 'x'],
    ['trailers', '0\r\n', 'X: y\r\n'],
    ['a folded trailer', '0\r\nX: y\r\n', ' z\r\n'],
  ] as const) {
    const bytes = `${head}${start}${more.repeat(70_000)}`;
    const cuts = Array.from({ length: bytes.length / 4000 }, (_, i) => i * 4000);
    t.match(readInParts({ name, bytes, expected: { failure: '' } }, cuts), /protocol_error/, name);
  }
});

t.test('a head of 64 KiB and more', async (t) => {
  const wanted = { bodyless: false, keepHead: false, keepNavigation: false, keepBody: false, memory: undefined };
  const line = Buffer.from(`X-Fill: ${'x'.repeat(1000)}\r\n`);
  const reader = new ResponseReader();
  reader.expect(wanted);
  let state = reader.read(Buffer.from('HTTP/1.1 200 OK\r\n'), 17);
  let lines = 0;
  for (; state === READ_MORE && lines < 1000; lines++) state = reader.read(line, line.length);
  t.equal(state, READ_FAILED);
  t.equal(reader.failure, 'header_too_large');
  t.ok(lines < 70, 'no more than 64 KiB are kept');
  reader.expect(wanted);
  t.equal(reader.read(Buffer.from('HTTP/1.1 204 N\r\n\r\n'), 18), READ_COMPLETE, 'it can be used again');
});

t.test('a body of many megabytes is counted and not kept', async (t) => {
  const reader = new ResponseReader();
  reader.expect({ bodyless: false, keepHead: false, keepNavigation: false, keepBody: true, memory: undefined });
  const head = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 8388608\r\n\r\n');
  const part = Buffer.alloc(65_536);
  let state = reader.read(head, head.length);
  for (let i = 0; i < 128; i++) {
    t.equal(state, READ_MORE);
    state = reader.read(part, part.length);
  }
  t.equal(state, READ_COMPLETE);
  t.equal(reader.bodyBytes, 8_388_608);
  t.equal(reader.body.length, 1024 * 1024);
});

/** What Node's client must come to. */
function normal({ expected }: CorpusEntry): unknown {
  return 'failure' in expected ? 'failure' : expected;
}

async function askedByNode({ bytes, method, closes }: CorpusEntry): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      if (closes) socket.end(bytes, 'latin1');
      else socket.write(bytes, 'latin1');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    return await new Promise((resolve) => {
      const failed = () => resolve(JSON.stringify('failure'));
      const asked = request({ host: '127.0.0.1', port, method: method ?? 'GET' }, (response) => {
        let body = '';
        response.setEncoding('latin1');
        response.on('data', (part) => {
          body += part;
        });
        response.on('end', () => {
          if (response.complete) resolve(JSON.stringify({ status: response.statusCode, body }));
          else failed();
        });
        response.on('error', failed);
      });
      asked.on('error', failed);
      asked.on('upgrade', (_response, socket) => {
        socket.destroy();
        failed();
      });
      asked.end();
    });
  } finally {
    server.close();
  }
}

t.test('the head of a redirect is that of this answer, also where it is remembered', async (t) => {
  const reader = new ResponseReader();
  const answer = (request: { readonly memory: HeadMemory; readonly keepHead?: boolean }, head: string) => {
    const bytes = Buffer.alloc(Math.ceil((head.length + 4) / 4) * 4);
    const length = bytes.write(`${head}\r\n\r\n`, 'latin1');
    reader.expect({ bodyless: false, keepHead: false, keepNavigation: true, keepBody: false, ...request });
    t.equal(
      reader.read(bytes, length, new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)),
      READ_COMPLETE,
    );
    return reader.headText;
  };
  const redirect = 'HTTP/1.1 301 Moved\r\nLocation: /new\r\nContent-Length: 0';
  const plain = 'HTTP/1.1 200 OK\r\nContent-Length: 0';
  const order = 'HTTP/1.1 201 Created\r\nLocation: /orders/2\r\nContent-Length: 0';
  const moved = { memory: new HeadMemory() };
  const ordered = { memory: new HeadMemory(), keepHead: true };
  const listed = { memory: new HeadMemory() };
  for (const time of ['first', 'second', 'third']) {
    t.match(answer(ordered, order), 'Location: /orders/2', `${time} order`);
    t.equal(answer(listed, plain), '', `${time} answer whose head nobody needs`);
    t.match(answer(ordered, order), 'Location: /orders/2');
    t.match(answer(moved, redirect), 'Location: /new', `${time} redirect`);
    reader.expect({ bodyless: false, keepHead: true, keepNavigation: true, keepBody: false, memory: undefined });
    t.equal(reader.headText, '', 'an answer that never comes has no head');
  }
});
