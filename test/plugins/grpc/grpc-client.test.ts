import { once } from 'node:events';
import type { ServerHttp2Session } from 'node:http2';
import t from 'tap';
import { messageFrame } from '../../../plugins/grpc/message-frame.ts';
import type { UnaryCall } from '../../../plugins/grpc/unary-call.ts';
import { echo, reply, type StubCall, startClient, startStub } from './grpc-stage.ts';

const { signal } = new AbortController();
const CANCEL = 8;

const summary = ({ status, failure, reason }: UnaryCall) => ({ status, failure, reason });
const OK = { status: 0, failure: '', reason: '' };

t.test('bytes go and come as they are, with the headers of the protocol', async (t) => {
  const stub = await startStub(t, echo);
  const { client, request } = await startClient(t, `${stub.url}/prefix`);
  const caller = client.join(0);
  await caller.open();
  const bytes = Buffer.from([0, 255, 1, 2, 3]);
  const call = await caller.call({ ...request(''), frame: messageFrame(bytes) }, signal);
  t.match(summary(call), OK);
  t.same(call.message, bytes);
  t.equal(call.messageBytes, 5);
  t.match(stub.calls[0]?.headers, {
    ':method': 'POST',
    ':path': '/prefix/test.Echo/Echo',
    te: 'trailers',
    'content-type': 'application/grpc',
    'grpc-timeout': '30000m',
    'x-test': 'yes',
  });
  t.same(stub.calls[0]?.body, Buffer.concat([Buffer.from([0, 0, 0, 0, 5]), bytes]));
  const counted = await caller.call(request('only counted', { keepMessage: false }), signal);
  t.strictSame([counted.message.length, counted.messageBytes], [0, 12], 'nobody wants the message');
  t.equal(stub.calls[1]?.connection, stub.calls[0]?.connection, 'on the same connection');
  caller.close();
});

t.test('statuses, with and without a message before them', async (t) => {
  const stub = await startStub(t, (call) => {
    const { stream, index } = call;
    const escaped = { 'grpc-status': '5', 'grpc-message': 'no such caf%C3%A9 %' };
    if (index === 0)
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...escaped }, { endStream: true });
    else if (index === 1) reply(call, undefined, { 'grpc-status': '14', 'grpc-message': 'over%3A load' });
    else if (index === 2) reply(call, call.body, { 'grpc-status': '13', detail: 'x' });
    else if (index === 3) reply(call, call.body, { 'grpc-status': '99' });
    else if (index === 4) reply(call, undefined);
    else stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { endStream: true });
  });
  const { client, request } = await startClient(t, stub.url);
  const caller = client.join(0);
  const calls: UnaryCall[] = [];
  for (let i = 0; i < 6; i++) calls.push(await caller.call(request(`${i}`), signal));
  t.strictSame(calls.map(summary), [
    { status: 5, failure: '', reason: 'no such caf%C3%A9 %' },
    { status: 14, failure: '', reason: 'over: load' },
    { status: 13, failure: '', reason: '' },
    { status: 2, failure: '', reason: '' },
    { status: 13, failure: 'internal', reason: 'the answer has no message' },
    {
      status: 13,
      failure: 'internal',
      reason: 'the server ended the stream without the end of its answer, with the status',
    },
  ]);
  t.equal(calls[2]?.trailers.detail, 'x');
  t.equal(stub.sessions.length, 2, 'one connection, beside the one that looked whether the server is there');
  caller.close();
});

t.test('a deadline, and what is cut off, reset the stream alone', async (t) => {
  const resets: number[] = [];
  const stub = await startStub(t, (call) => {
    call.stream.on('close', () => resets.push(call.stream.rstCode ?? 0));
    if (call.body.includes('echo')) echo(call);
  });
  const { client, request } = await startClient(t, stub.url);
  const caller = client.join(0);
  const late = await caller.call(request('silent', { deadlineMs: 500 }), signal);
  t.strictSame(summary(late), {
    status: 4,
    failure: 'deadline_exceeded',
    reason: 'no complete answer within 500 ms',
  });
  const stop = new AbortController();
  const cut = caller.call(request('silent'), stop.signal);
  while (stub.calls.length < 2) await new Promise(setImmediate);
  stop.abort();
  t.match(summary(await cut), { failure: 'aborted', reason: 'the run has cut it off' });
  t.match(summary(await caller.call(request('echo'), stop.signal)), {
    failure: 'aborted',
    reason: 'the run was stopped',
  });
  t.match(summary(await caller.call(request('echo'), signal)), OK);
  t.equal(new Set(stub.calls.map(({ connection }) => connection)).size, 1, 'the connection goes on');
  t.equal(resets[0], CANCEL, 'the server is told');
  const closed = caller.call(request('silent'), signal);
  caller.close();
  t.match(summary(await closed), { failure: 'aborted', reason: 'the session was closed' });
});

t.test('large messages both ways', async (t) => {
  const stub = await startStub(t, echo);
  const { client, request } = await startClient(t, stub.url);
  const caller = client.join(0);
  const text = 'abcdefgh'.repeat(2 ** 20);
  const call = await caller.call(request(text), signal);
  t.match(summary(call), OK);
  t.ok(call.message.equals(Buffer.from(text)));
  const refused = await caller.call(request(text, { maxAnswerBytes: 1000 }), signal);
  t.strictSame(summary(refused), {
    status: 8,
    failure: 'resource_exhausted',
    reason: 'the answer has 8388608 bytes, more than maxAnswerBytes allows (1000)',
  });
  t.match(summary(await caller.call(request('x'), signal)), OK);
  caller.close();
});

t.test('shared connections carry many calls at a time, as many as the server takes', async (t) => {
  let underWay = 0;
  let most = 0;
  const stub = await startStub(
    t,
    (call) => {
      underWay++;
      most = Math.max(most, underWay);
      setTimeout(() => {
        underWay--;
        echo(call);
      }, 2);
    },
    { settings: { maxConcurrentStreams: 5 } },
  );
  const { client, request } = await startClient(t, stub.url, { connections: { pool: 2 } });
  const callers = Array.from({ length: 60 }, (_, n) => client.join(n));
  const calls = await Promise.all(callers.map((caller, n) => caller.call(request(`user ${n}`), signal)));
  t.ok(
    calls.every((call, n) => call.status === 0 && call.message.toString() === `user ${n}`),
    'each has its own answer',
  );
  t.equal(stub.sessions.length, 3, 'two connections, beside the one that looked whether the server is there');
  t.ok(most > 2 && most <= 10, `${most} calls at a time`);
  for (const caller of callers) caller.close();
  const again = client.join(60);
  t.match(summary(await again.call(request('x'), signal)), OK, 'closing a user leaves the connection to the others');
});

t.test(
  'GOAWAY: what is under way ends, what the server leaves out is sent again, the next has a new connection',
  async (t) => {
    const held: StubCall[] = [];
    const stub = await startStub(t, (call) => {
      if (call.body.includes('hold')) held.push(call);
      else echo(call);
    });
    const { client, request } = await startClient(t, stub.url, { connections: { pool: 1 } });
    const caller = client.join(0);
    t.match(summary(await caller.call(request('first'), signal)), OK);
    const waiting = caller.call(request('hold'), signal);
    while (held.length === 0) await new Promise(setImmediate);
    const session = stub.sessions[1] as ServerHttp2Session;
    session.goaway(0, 2 ** 31 - 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const next = await client.join(1).call(request('next'), signal);
    t.match(summary(next), OK);
    t.equal(stub.calls.at(-1)?.connection, 2, 'on a connection of its own');
    echo(held[0] as StubCall);
    t.match(summary(await waiting), OK, 'the old connection has still answered');
  },
);

t.test('GOAWAY of a server that takes no new connection: what is under way still ends', async (t) => {
  const held: StubCall[] = [];
  const stub = await startStub(t, (call) => {
    held.push(call);
  });
  const { client, request } = await startClient(t, stub.url, { connections: { pool: 1 } });
  const waiting = client.join(0).call(request('hold'), signal);
  while (held.length === 0) await new Promise(setImmediate);
  const session = stub.sessions[1] as ServerHttp2Session;
  session.goaway(0, 2 ** 31 - 1);
  stub.server.close();
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.match(summary(await client.join(1).call(request('next'), signal)), { failure: 'connection_refused' });
  echo(held[0] as StubCall);
  t.match(summary(await waiting), OK);
});

t.test('after a GOAWAY, calls that still end on the old connection take no places of the new one', async (t) => {
  const held: StubCall[] = [];
  const stub = await startStub(
    t,
    (call) => {
      if (call.body.includes('hold')) held.push(call);
      else echo(call);
    },
    { settings: { maxConcurrentStreams: 1 } },
  );
  const { client, request } = await startClient(t, stub.url, { connections: { pool: 1 } });
  t.match(summary(await client.join(0).call(request('first'), signal)), OK);
  const long = client.join(0).call(request('hold'), signal);
  while (held.length === 0) await new Promise(setImmediate);
  const waiting = client.join(1).call(request('waiting'), signal);
  (stub.sessions[1] as ServerHttp2Session).goaway(0, 2 ** 31 - 1);
  t.match(summary(await waiting), OK, 'it has waited for a place on the connection that is about to close');
  t.match(summary(await client.join(2).call(request('next'), signal)), OK);
  t.strictSame(
    stub.calls.map(({ connection }) => connection),
    [1, 1, 2, 2],
  );
  echo(held[0] as StubCall);
  t.match(summary(await long), OK);
  const last = client.join(0).call(request('hold'), signal);
  while (held.length === 1) await new Promise(setImmediate);
  client.close();
  t.match(summary(await last), { failure: 'aborted', reason: 'the session was closed' });
});

t.test('closing cuts off what is under way on an old connection too', async (t) => {
  const stub = await startStub(t, () => {});
  const { client, request } = await startClient(t, stub.url, { connections: { pool: 1 } });
  const old = client.join(0).call(request('hold'), signal);
  while (stub.calls.length === 0) await new Promise(setImmediate);
  const session = stub.sessions[1] as ServerHttp2Session;
  session.goaway(0, 2 ** 31 - 1);
  const next = client.join(1).call(request('hold'), signal);
  while (stub.calls.length === 1) await new Promise(setImmediate);
  client.close();
  t.match([summary(await old), summary(await next)], [{ failure: 'aborted' }, { failure: 'aborted' }]);
  if (!session.destroyed) await once(session, 'close');
});

t.test('a call that HTTP/2 cannot carry takes no place on the connection', async (t) => {
  const stub = await startStub(t, echo, { settings: { maxConcurrentStreams: 1 } });
  const { client, request } = await startClient(t, stub.url, { connections: { pool: 1 } });
  const caller = client.join(0);
  t.match(summary(await caller.call(request('first'), signal)), OK);
  const wrong = { ...request('x'), headers: { ...request('x').headers, ':x': 'y' } };
  t.match(summary(await caller.call(wrong, signal)), { failure: 'bad_request' });
  t.match(summary(await caller.call(request('next'), signal)), OK);
});

t.test('a server that is killed and comes back', async (t) => {
  const first = await startStub(t, ({ body, stream }) => {
    if (body.includes('kill')) stream.session?.destroy();
  });
  const { client, request } = await startClient(t, first.url);
  const caller = client.join(0);
  t.match(summary(await caller.call(request('kill'), signal)), { failure: /^connection_(?:closed|reset)$/ });
  const silent = caller.call(request('silent'), signal);
  while (first.calls.length < 2) await new Promise(setImmediate);
  await first.kill();
  t.match(summary(await silent), { failure: /^connection_(?:closed|reset)$/ });
  t.match(summary(await caller.call(request('nobody'), signal)), {
    status: 14,
    failure: 'connection_refused',
    reason: 'connection refused',
  });
  const second = await startStub(t, echo, {}, first.port);
  t.match(summary(await caller.call(request('back'), signal)), OK);
  t.equal(second.calls.length, 1);
  caller.close();
});
