import { createServer } from 'node:net';
import process from 'node:process';
import t, { type Test } from 'tap';
import {
  bytesFrame,
  continuationFrame,
  goawayFrame,
  headersFrame,
  openHeadersFrame,
  type RawHttp2Request,
  REFUSED_STREAM,
  resetFrame,
  startRawHttp2Server,
} from '../http/connections/raw-http2-server.ts';
import { startClient } from './grpc-stage.ts';

const { signal } = new AbortController();
const HEAD = { ':status': '200', 'content-type': 'application/grpc' };
const END = { 'grpc-status': '0' };

const prefixed = (length: number, text: string, flag = 0) => {
  const prefix = Buffer.from([flag, 0, 0, 0, 0]);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, Buffer.from(text)]);
};

/** What a call comes to whose answer is these frames. */
async function callOn(t: Test, answer: (request: RawHttp2Request) => void, deadlineMs = 5000) {
  const server = await startRawHttp2Server(answer);
  t.teardown(() => server.stop());
  const { client, request } = await startClient(t, server.url);
  const caller = client.join(0);
  t.teardown(() => caller.close());
  const call = await caller.call(request('x', { deadlineMs }), signal);
  return { call, server };
}

t.test('answers that are not what they say', async (t) => {
  const bodies: [body: Buffer[], reason: string][] = [
    [[prefixed(10, 'four')], 'the answer ended after 4 of the 10 bytes of its message'],
    [[prefixed(2, 'four')], 'the answer is more than one message'],
    [[prefixed(4, 'four'), prefixed(4, 'more')], 'the answer is more than one message'],
    [[prefixed(4, 'four', 1)], 'the answer is compressed, which it was not asked to be'],
    [[Buffer.from([0, 0])], 'the answer has no message'],
    [[prefixed(2 ** 31, '')], `the answer has ${2 ** 31} bytes, more than maxAnswerBytes allows (67108864)`],
  ];
  for (const [body, reason] of bodies) {
    const { call } = await callOn(t, ({ stream, socket }) => {
      socket.write(headersFrame(stream, HEAD));
      for (const bytes of body) socket.write(bytesFrame(stream, bytes));
      socket.write(headersFrame(stream, END, true));
    });
    t.match(call, { failure: /^(?:internal|resource_exhausted)$/, reason });
  }
});

t.test('interim answers without end', async (t) => {
  const { call } = await callOn(t, ({ stream, socket }) => {
    const interim = headersFrame(stream, { ':status': '103' });
    const more = () => {
      while (!socket.destroyed && socket.write(Buffer.concat(Array.from({ length: 50 }, () => interim))));
    };
    socket.on('drain', more);
    more();
  });
  t.match(call, { failure: 'protocol_error', reason: 'what the server sent is not HTTP/2' });
});

t.test('a message byte by byte', async (t) => {
  const { call } = await callOn(t, ({ stream, socket }) => {
    socket.write(headersFrame(stream, HEAD));
    for (const byte of prefixed(4, 'four')) socket.write(bytesFrame(stream, Buffer.of(byte)));
    socket.write(headersFrame(stream, END, true));
  });
  t.match(call, { failure: '', status: 0 });
  t.equal(call.message.toString(), 'four');
});

t.test('a server of something else', async (t) => {
  const html = await callOn(t, ({ stream, socket }) => {
    socket.write(headersFrame(stream, { ':status': '200', 'content-type': 'text/html' }, true));
  });
  t.match(html.call, { failure: 'unknown', reason: 'the answer is not gRPC: it has the content type text/html' });
  const missing = await callOn(t, ({ stream, socket }) => {
    socket.write(headersFrame(stream, { ':status': '404', 'content-type': 'text/html' }, true));
  });
  t.match(missing.call, {
    failure: 'unimplemented',
    status: 12,
    reason: 'the server answered with the status 404 of HTTP',
  });
});

t.test('garbage in place of frames', async (t) => {
  const { call } = await callOn(t, ({ socket }) => socket.write(Buffer.alloc(4096, 0xff)));
  t.match(call.failure, /^(?:protocol_error|connection_closed)$/);
});

t.test('a server that speaks HTTP/1.1', async (t) => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as { port: number };
  const { client, request } = await startClient(t, `http://127.0.0.1:${port}`);
  const caller = client.join(0);
  const call = await caller.call(request('x', { deadlineMs: 5000 }), signal);
  t.match(call.failure, /^(?:protocol_error|connection_closed|connection_reset)$/);
  caller.close();
});

t.test('headers without end', async (t) => {
  const before = process.memoryUsage.rss();
  let sent = 0;
  const { call } = await callOn(
    t,
    ({ stream, socket }) => {
      socket.write(openHeadersFrame(stream, HEAD));
      const more = Buffer.concat(
        Array.from({ length: 100 }, () => continuationFrame(stream, { 'x-more': 'a'.repeat(120) })),
      );
      const write = () => {
        if (socket.destroyed || sent > 64 << 20) return;
        sent += more.length;
        if (socket.write(more)) setImmediate(write);
        else socket.once('drain', write);
      };
      write();
    },
    1000,
  );
  t.not(call.failure, '');
  t.ok(process.memoryUsage.rss() - before < 256 << 20, `${sent} bytes of headers are not kept`);
});

t.test('large answers of calls that share a connection do not wait for each other', async (t) => {
  const server = await startRawHttp2Server(({ stream, socket }) => {
    socket.write(headersFrame(stream, { ...HEAD, ...END }, true));
  });
  t.teardown(() => server.stop());
  const { client, request } = await startClient(t, server.url, { connections: { pool: 1 } });
  for (let i = 0; i < 2; i++) await client.join(i).call(request('x'), signal);
  const window = server.requests[1]?.window ?? 0;
  t.ok(window > 8 << 20, `a server may send ${window} bytes before it hears that they have come`);
});

t.test('a stream that the server resets', async (t) => {
  const kinds: Record<number, string> = {
    1: 'internal: the server reset the stream (PROTOCOL_ERROR)',
    2: 'internal: the server reset the stream (INTERNAL_ERROR)',
    8: 'cancelled: the server reset the stream (CANCEL)',
    11: 'resource_exhausted: the server reset the stream (ENHANCE_YOUR_CALM)',
    12: 'permission_denied: the server reset the stream (INADEQUATE_SECURITY)',
  };
  for (const [code, expected] of Object.entries(kinds)) {
    const { call } = await callOn(t, ({ stream, socket }) => socket.write(resetFrame(stream, Number(code))));
    t.equal(`${call.failure}: ${call.reason}`, expected);
  }
});

t.test('a stream that the server ends without an answer, or in the middle of one', async (t) => {
  const NO_ERROR = 0;
  const silent = await callOn(t, ({ stream, socket }) => socket.write(resetFrame(stream, NO_ERROR)));
  t.match(silent.call, { failure: 'internal', reason: 'the server ended the stream without an answer' });
  const lacking = await callOn(t, ({ stream, socket }) => {
    socket.write(Buffer.concat([headersFrame(stream, HEAD), bytesFrame(stream, prefixed(9, 'four'))]));
    socket.write(resetFrame(stream, NO_ERROR));
  });
  t.match(lacking.call, {
    failure: 'internal',
    reason: 'the server ended the stream without the end of its answer, with the status',
    messageBytes: 4,
  });
  const gone = await callOn(t, ({ socket }) => socket.end());
  t.match(gone.call, { failure: /^connection_(?:closed|reset)$/ });
});

t.test('an answer that comes together with the end of the connection counts', async (t) => {
  const { call } = await callOn(t, ({ stream, socket }) => {
    const answer = [
      headersFrame(stream, HEAD),
      bytesFrame(stream, prefixed(4, 'four')),
      headersFrame(stream, END, true),
    ];
    socket.end(Buffer.concat([goawayFrame(stream, 0), ...answer]));
  });
  t.match(call, { failure: '', status: 0 });
  t.equal(call.message.toString(), 'four');
});

t.test('a call that the server has not processed is sent once more', async (t) => {
  const answer = ({ stream, socket }: RawHttp2Request) => {
    socket.write(headersFrame(stream, HEAD));
    socket.write(bytesFrame(stream, prefixed(2, 'ok')));
    socket.write(headersFrame(stream, END, true));
  };
  const refused = await callOn(t, (request) => {
    if (request.index === 0) request.socket.write(resetFrame(request.stream, REFUSED_STREAM));
    else answer(request);
  });
  t.match(refused.call, { failure: '', status: 0, isResent: true });
  const always = await callOn(t, ({ stream, socket }) => socket.write(resetFrame(stream, REFUSED_STREAM)));
  t.match(always.call, { failure: 'unavailable', reason: 'the server reset the stream (REFUSED_STREAM)' });
  t.equal(always.server.requests.length, 2);
  const leftOut = await callOn(t, (request) => {
    if (request.index === 0) request.socket.write(goawayFrame(0, 0));
    else answer(request);
  });
  t.match(leftOut.call, { failure: '', status: 0 });
  t.equal(leftOut.server.requests.length, 2);
  const angry = await callOn(t, ({ stream, socket }) => socket.write(goawayFrame(stream, 11)));
  t.match(angry.call, {
    failure: 'connection_closed',
    reason: 'the server closed the connection (GOAWAY, ENHANCE_YOUR_CALM)',
  });
});
