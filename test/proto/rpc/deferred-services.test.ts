import { once } from 'node:events';
import { connect } from 'node:http2';
import * as grpc from '@grpc/grpc-js';
import t, { type Test } from 'tap';
import { addDeferredServices, type ServiceTarget } from '../../../proto/rpc/deferred-services.ts';

interface Text {
  readonly text: string;
}

const json = (value: object) => Buffer.from(JSON.stringify(value));
const methodAt = (path: string, requestStream: boolean, responseStream: boolean) => ({
  ...{ path, requestStream, responseStream },
  ...{ requestSerialize: json, responseSerialize: json },
  requestDeserialize: (bytes: Buffer) => JSON.parse(bytes.toString()) as Text,
  responseDeserialize: (bytes: Buffer) => JSON.parse(bytes.toString()) as Text,
});
/** As libraries name them: by the method, or by the name that it has in their handlers. */
const ECHO = { Echo: { ...methodAt('/lib.Echo/Echo', false, false), originalName: 'echo' } };
const STREAMS = { Repeat: methodAt('/lib.Echo/Repeat', false, true), Talk: methodAt('/lib.Echo/Talk', true, true) };

function library(target: ServiceTarget): void {
  target.addService(ECHO, {
    echo: (call: grpc.ServerUnaryCall<Text, Text>, done: grpc.sendUnaryData<Text>) => {
      if (call.request.text === 'no') done({ code: grpc.status.NOT_FOUND, details: 'nothing is there' });
      else done(null, call.request);
    },
  });
  target.addService(STREAMS, {
    Repeat: (call: grpc.ServerWritableStream<Text, Text>) => {
      for (let i = 0; i < 2; i++) call.write(call.request);
      call.end();
    },
    Talk: (call: grpc.ServerDuplexStream<Text, Text>) => {
      call.on('end', () => call.end());
      call.on('data', (message: Text) => call.write({ text: message.text.toUpperCase() }));
    },
  });
}

async function served(t: Test, load: () => Promise<typeof library>) {
  const server = new grpc.Server();
  addDeferredServices(
    server,
    [
      { path: '/lib.Echo/Echo', kind: 'unary' },
      { path: '/lib.Echo/Repeat', kind: 'server_streaming' },
      { path: '/lib.Echo/Talk', kind: 'bidi_streaming' },
    ],
    load,
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  t.teardown(() => {
    client.close();
    server.forceShutdown();
  });
  const asBytes = (bytes: Buffer) => bytes;
  const read = (call: grpc.ClientReadableStream<Buffer>) =>
    new Promise<string[]>((resolve, reject) => {
      const heard: string[] = [];
      call.on('data', (bytes: Buffer) => heard.push((JSON.parse(bytes.toString()) as Text).text));
      call.on('end', () => resolve(heard)).on('error', reject);
    });
  return {
    port,
    echo: (request: Buffer) =>
      new Promise<string>((resolve, reject) => {
        client.makeUnaryRequest('/lib.Echo/Echo', asBytes, asBytes, request, (error, answer) =>
          error ? reject(error) : resolve((JSON.parse(String(answer)) as Text).text),
        );
      }),
    repeat: (request: Buffer) => read(client.makeServerStreamRequest('/lib.Echo/Repeat', asBytes, asBytes, request)),
    talk: (requests: readonly Buffer[]) => {
      const call = client.makeBidiStreamRequest('/lib.Echo/Talk', asBytes, asBytes);
      for (const request of requests) call.write(request);
      call.end();
      return read(call);
    },
  };
}

t.test('a library is loaded once, with the first call, and carries out calls of each kind', async (t) => {
  let loads = 0;
  const { echo, repeat, talk } = await served(t, async () => {
    loads++;
    return library;
  });
  t.equal(loads, 0, 'nobody has asked');
  const [echoed, repeated, talked] = await Promise.all([
    echo(json({ text: 'a' })),
    repeat(json({ text: 'b' })),
    talk([json({ text: 'c' }), json({ text: 'd' })]),
  ]);
  t.strictSame([echoed, repeated, talked], ['a', ['b', 'b'], ['C', 'D']]);
  await t.rejects(echo(json({ text: 'no' })), { code: grpc.status.NOT_FOUND, details: 'nothing is there' });
  t.equal(loads, 1);
});

t.test('what cannot be read fails its own call, and a library that cannot be loaded is tried again', async (t) => {
  let isThere = false;
  const { echo, repeat, talk } = await served(t, async () => {
    if (!isThere) throw new Error('no file is free');
    return library;
  });
  await t.rejects(echo(json({ text: 'a' })), { code: grpc.status.INTERNAL, details: 'no file is free' });
  await t.rejects(talk([json({ text: 'a' })]), { code: grpc.status.INTERNAL, details: 'no file is free' });
  isThere = true;
  const garbage = Buffer.from('{');
  for (const failing of [echo(garbage), repeat(garbage), talk([garbage])] as readonly Promise<unknown>[]) {
    await t.rejects(failing, { code: grpc.status.INTERNAL });
  }
  t.equal(await echo(json({ text: 'a' })), 'a');
});

t.test('whoever asks without end and reads no answer has one kept for each stream, and 64 streams', async (t) => {
  let answered = 0;
  const { port, talk } = await served(t, async () => (target) => {
    library({
      addService(service, implementation) {
        const { Talk } = implementation as { Talk?: (call: grpc.ServerDuplexStream<Text, Text>) => void };
        const counted = (call: grpc.ServerDuplexStream<Text, Text>) => {
          const write = (message: Text) => {
            answered++;
            return call.write({ text: message.text.repeat(30_000) });
          };
          Talk?.({ ...call, on: call.on, end: call.end, write } as unknown as typeof call);
        };
        target.addService(service, { ...implementation, ...(Talk && { Talk: counted }) });
      },
    });
  });
  const session = connect(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: 0 } });
  t.teardown(() => session.destroy());
  await once(session, 'remoteSettings');
  const question = json({ text: 'a' });
  const framed = Buffer.concat([Buffer.from([0, 0, 0, 0, question.length]), question]);
  const streams = Array.from({ length: 70 }, () => {
    const head = { ':method': 'POST', ':path': '/lib.Echo/Talk', 'content-type': 'application/grpc', te: 'trailers' };
    const stream = session.request(head);
    stream.on('error', () => {});
    stream.write(Buffer.concat(new Array(100).fill(framed)));
    return stream;
  });
  let refused = 0;
  for (const stream of streams) stream.on('response', (headers) => headers['grpc-status'] === '8' && refused++);
  const roundTrip = () => new Promise<void>((resolve) => session.ping(() => resolve()));
  while (answered < 64 || refused < 6) await roundTrip();
  for (let i = 0; i < 20; i++) await roundTrip();
  t.equal(answered, 64);
  t.equal(refused, 6);
  for (const stream of streams) stream.close(8);
  await Promise.all(streams.map((stream) => stream.closed || once(stream, 'close')));
  const heard = await talk(Array.from({ length: 20 }, () => question));
  t.equal(heard.length, 20, 'whoever reads is answered to the end');
});
