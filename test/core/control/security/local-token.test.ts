/** Who gets into a control without TLS, over real connections. */

import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect as connectHttp2,
  createServer as createHttp2Server,
  type ServerHttp2Stream,
} from 'node:http2';
import { type AddressInfo, connect, createServer } from 'node:net';
import * as grpc from '@grpc/grpc-js';
import t, { type Test } from 'tap';
import { runAgent } from '../../../../agents/agent.ts';
import { type ControlOptions, startControl } from '../../../../core/control/server.ts';
import { RunService } from '../../../../proto/gen/bench/v1/run_pb.ts';
import { createClient, LocalToken } from '../../../../proto/rpc/adapter.ts';
import { NONCE, PROOF, proofOf } from '../../../../proto/rpc/local-token.ts';
import { tokenInterceptor } from '../../../../proto/rpc/token-interceptor.ts';
import { everyCall, PATHS } from '../../../kit/every-call.ts';
import { accessThrough, accessTo, interceptorsFor, LOCAL_ACCESS } from '../../../kit/local-access.ts';
import { ScriptedControl } from '../../../kit/scripted-control.ts';
import { LOCAL_CONTROL, servedControl } from '../scene/served-control.ts';
import { fakeDriver } from '../scene/stage.ts';

const WRONG = 'the-token-of-somebody-else';

async function started(t: Test, options: Partial<ControlOptions> = {}) {
  const loaded: string[] = [];
  const loadDriver = async (reference: string) => {
    loaded.push(reference);
    return fakeDriver;
  };
  const control = await servedControl(t, { loaders: { ...LOCAL_CONTROL.loaders, loadDriver }, ...options });
  return { ...control, loaded };
}

/** Sends this header with each call, and asks for no proof. */
function withHeader(authorization: string): grpc.ClientOptions {
  const interceptor: grpc.Interceptor = (options, nextCall) =>
    new grpc.InterceptingCall(nextCall(options), {
      start(metadata, listener, next) {
        metadata.set('authorization', authorization);
        next(metadata, listener);
      },
    });
  return { interceptors: [interceptor] };
}

t.test('no call is answered without the token, with another, or with a part of it', async (t) => {
  const { address } = await started(t);
  const plain = grpc.credentials.createInsecure();
  const { token } = LOCAL_ACCESS;
  for (const [what, options] of Object.entries({
    'no token': {},
    'an empty one': withHeader('Bearer '),
    'a wrong one': withHeader(`Bearer ${WRONG}`),
    'a part of it': withHeader(`Bearer ${token.slice(0, -1)}`),
    'more than it': withHeader(`Bearer ${token}x`),
    'another scheme': withHeader(`Basic ${token}`),
    'the token without a scheme': withHeader(token),
  })) {
    for (const [path, { came }] of Object.entries(await everyCall(address, plain, options))) {
      const isServed = !/Nothing|EnrollService/.test(path);
      t.match(came, isServed ? /^UNAUTHENTICATED 0$/ : /^(UNAUTHENTICATED|UNIMPLEMENTED) 0$/, `${what}: ${path}`);
    }
  }
  const right = await everyCall(address, plain, interceptorsFor(address));
  t.equal(Object.keys(right).length, PATHS.length);
  t.notOk(Object.values(right).some(({ came }) => came.startsWith('UNAUTHENTICATED')));
});

t.test('no plugin is loaded for a caller that is not known, nor for a plan that is no plan', async (t) => {
  const { address, loaded } = await started(t);
  const scenarios = {
    s: { executor: 'constant-vus', vus: 1, duration: '1s', operations: [{ driver: './x.mjs', operation: 'health' }] },
  };
  const order = (plan: object) => ({ plan: { json: JSON.stringify(plan), baseDirectory: '/tmp' } });
  const stranger = createClient(RunService, address, new LocalToken(address, () => WRONG));
  const plain = createClient(RunService, address);
  const known = createClient(RunService, address, accessTo(address));
  t.teardown(() => [stranger, plain, known].forEach((client) => void client.close()));
  for (const [client, message] of [
    [stranger, /^what answers at 127\.0\.0\.1:\d+ does not prove that it is the control there and knows the token/],
    [plain, /^this control accepts only callers that have its token: run /],
  ] as const) {
    await t.rejects(client.startRun(order({ name: 'x', scenarios })), { code: 'UNAUTHENTICATED', message });
  }
  await t.rejects(known.startRun(order({ name: 'x', scenarios, vus: 'many' })), { code: 'INVALID_ARGUMENT' });
  t.same(loaded, []);
  await known.startRun(order({ name: 'x', scenarios }));
  t.same(new Set(loaded), new Set(['./x.mjs']));
});

t.test('until the token can be found, callers are told to try again', async (t) => {
  const published = Promise.withResolvers<void>();
  const at = Promise.withResolvers<string>();
  const publish = (address: string) => {
    at.resolve(address);
    return published.promise;
  };
  const starting = started(t, { access: { ...LOCAL_ACCESS, publish } });
  const address = await at.promise;
  const client = createClient(RunService, address, accessTo(address));
  t.teardown(() => client.close());
  await t.rejects(client.listRuns({}), { code: 'UNAVAILABLE', message: 'control is starting' });
  published.resolve();
  await starting;
  await t.resolves(client.listRuns({}));
});

t.test('a token that was replaced while the call was on its way is worth another try', async (t) => {
  const { address } = await started(t);
  const tokens = [WRONG, LOCAL_ACCESS.token];
  const client = createClient(RunService, address, new LocalToken(address, () => tokens.shift() ?? LOCAL_ACCESS.token));
  t.teardown(() => client.close());
  await t.rejects(client.listRuns({}), { code: 'UNAVAILABLE', message: 'it was started again' });
  await t.resolves(client.listRuns({}));
});

t.test('an agent takes no work from a process that only listens where control should', async (t) => {
  for (const [token, reason] of [
    [LOCAL_ACCESS.token, /does not prove that it is the control there and knows the token, so it was sent nothing/],
    ['', /there is no token by which it could be known/],
  ] as const) {
    const stranger = new ScriptedControl();
    const port = await stranger.listen();
    t.teardown(() => stranger.close());
    const loaded: string[] = [];
    const agent = runAgent({
      control: `127.0.0.1:${port}`,
      access: new LocalToken(`127.0.0.1:${port}`, () => token),
      name: 'a1',
      labels: {},
      drivers: [],
      loadDriver: async (reference: string) => {
        loaded.push(reference);
        return fakeDriver;
      },
      log: () => {},
      signal: new AbortController().signal,
    });
    t.match(await agent, { kind: 'refused', reason });
    t.same([stranger.received, loaded], [[], []], 'it was not told who joins');
  }
});

t.test(
  'whoever listens where control should is sent neither the token nor a request, whatever it answers',
  async (t) => {
    const plan = { json: '{"name":"a plan of mine"}', baseDirectory: '/home/me' };
    const head = { ':status': 200, 'content-type': 'application/grpc' };
    const answers: Readonly<Record<string, (stream: ServerHttp2Stream) => void>> = {
      success: (stream) => {
        stream.respond(head, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' })).end();
      },
      'a challenge with no proof': (stream) =>
        stream.respond({ ...head, 'grpc-status': '16', [NONCE]: 'x', [PROOF]: 'x' }, { endStream: true }),
      'a head alone': (stream) => stream.respond(head),
    };
    for (const [what, answer] of Object.entries(answers)) {
      const heard: string[] = [];
      const server = createHttp2Server().on('stream', (stream: ServerHttp2Stream, headers) => {
        heard.push(JSON.stringify(headers));
        stream.on('data', (data) => heard.push(String(data))).on('error', () => {});
        answer(stream);
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      t.teardown(() => server.close());
      const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      const client = createClient(RunService, address, accessTo(address));
      await t.rejects(client.startRun({ plan }), { code: 'UNAUTHENTICATED', message: /so it was sent nothing/ }, what);
      client.close();
      t.ok(heard.length > 0, 'it was called');
      t.notMatch(heard.join(), new RegExp(`${LOCAL_ACCESS.token}|a plan of mine|authorization`));
    }
  },
);

t.test('a proof is good once, for one call, over the connection on which it was asked for', async (t) => {
  const [one, other] = [await started(t), await started(t)];
  const ask = async (session: ClientHttp2Session, path: string, headers: Record<string, string>) => {
    const request = {
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    };
    const stream = session.request(request);
    stream.on('error', () => {}).end(Buffer.alloc(5));
    const [answer] = (await once(stream, 'response')) as [Record<string, string>];
    stream.close();
    return answer;
  };
  const opened = (port: number) => {
    const session = connectHttp2(`http://127.0.0.1:${port}`).on('error', () => {});
    t.teardown(() => session.destroy());
    return session;
  };
  const [session, second, elsewhere] = [opened(one.port), opened(one.port), opened(other.port)];
  const list = '/bench.v1.RunService/ListRuns';
  const proven = async (path = list) => {
    const callerNonce = 'mine';
    const challenge = await ask(session, path, { [NONCE]: callerNonce });
    const controlNonce = challenge[NONCE] ?? '';
    const { localAddress, localPort } = session.socket;
    const call = { path, control: one.address, caller: `${localAddress}:${localPort}`, callerNonce, controlNonce };
    t.equal(challenge[PROOF], proofOf(LOCAL_ACCESS.token, 'control', call));
    return { [NONCE]: controlNonce, [PROOF]: proofOf(LOCAL_ACCESS.token, 'caller', call) };
  };
  const first = await proven();
  t.equal((await ask(session, list, first))['grpc-status'], undefined, 'taken: it has a head');
  t.equal((await ask(session, list, first))['grpc-status'], '16', 'a second time');
  t.equal((await ask(session, '/bench.v1.RunService/ListAgents', await proven()))['grpc-status'], '16', 'another call');
  t.equal((await ask(second, list, await proven()))['grpc-status'], '16', 'another connection');
  t.equal((await ask(elsewhere, list, await proven()))['grpc-status'], '16', 'another control with the same token');
  const returned = { ...(await proven()), [PROOF]: (await ask(session, list, { [NONCE]: 'x' }))[PROOF] ?? '' };
  t.equal((await ask(session, list, returned))['grpc-status'], '16', "control's own proof");
});

t.test('nobody can pass calls on to control, but through a tunnel that the caller knows of', async (t) => {
  const control = await started(t);
  const relay = createServer((socket) => {
    const onward = connect(control.port, '127.0.0.1');
    socket
      .on('error', () => {})
      .pipe(onward.on('error', () => {}))
      .pipe(socket);
    t.teardown(() => socket.destroy());
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  t.teardown(() => relay.close());
  const address = `127.0.0.1:${(relay.address() as AddressInfo).port}`;
  // The second one was connected before control had its port back: the address is right, the connection another one.
  const behind = tokenInterceptor(accessTo(control.address), { endpoint: '127.0.0.1:9' });
  for (const options of [undefined, { interceptors: [behind] }]) {
    const client = createClient(RunService, address, accessTo(address));
    t.teardown(() => client.close());
    if (options === undefined)
      await t.rejects(client.listRuns({}), { code: 'UNAUTHENTICATED', message: /a tunnel to it/ });
    else {
      const calls = await everyCall(address, grpc.credentials.createInsecure(), options);
      t.match(calls['/bench.v1.RunService/ListRuns']?.came, /^UNAUTHENTICATED 0$/);
    }
  }
  const known = createClient(RunService, address, accessThrough(address, control.address));
  t.teardown(() => known.close());
  await t.resolves(known.listRuns({}));
});

t.test('a call that is cancelled, or late, before it was proven ends at once', async (t) => {
  const server = createHttp2Server().on('stream', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createClient(RunService, address, accessTo(address));
  t.teardown(() => client.close());
  const cancelled = new AbortController();
  const call = client.listRuns({}, { signal: cancelled.signal });
  cancelled.abort();
  await t.rejects(call, { code: 'CANCELLED' });
  await t.rejects(client.listRuns({}, { timeoutMs: 20 }), { code: 'DEADLINE_EXCEEDED' });
});

t.test('the token goes to no other address than its own', async (t) => {
  const heard: unknown[] = [];
  const server = createServer((socket) => {
    socket.on('data', (data) => heard.push(data)).on('error', () => {});
  });
  server.listen(0, '127.0.0.2');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const client = createClient(RunService, `127.0.0.2:${port}`, accessTo('127.0.0.1:9'));
  await t.rejects(client.listRuns({}), { code: 'UNAVAILABLE' });
  client.close();
  t.same(heard, []);
});

t.test('without certificates and without a token control does not start', async (t) => {
  const options = { listen: { host: '127.0.0.1', port: 0 }, access: {}, store: ':memory:', log: () => {} };
  await t.rejects(startControl(options as never), { message: 'a control without TLS needs a token for its callers' });
});

t.test('the name localhost stands for one address, whoever else listens on the other', async (t) => {
  const { address } = await started(t, { listen: { host: 'localhost', port: 0 } });
  t.match(address, /^127\.0\.0\.1:\d+$/);
});

t.test('who is not known cannot make control keep much', async (t) => {
  const { address, port } = await started(t);
  const client = createClient(RunService, address);
  t.teardown(() => client.close());
  const plan = { json: 'x'.repeat(5_000_000), baseDirectory: '/' };
  for (let i = 0; i < 3; i++)
    await t.rejects(client.startRun({ plan }), { code: /UNAUTHENTICATED|RESOURCE_EXHAUSTED|UNAVAILABLE/ });
  const many = await Promise.allSettled(Array.from({ length: 150 }, () => client.listRuns({})));
  t.ok(
    many.some((call) => call.status === 'rejected' && call.reason.code === 'UNAVAILABLE'),
    'the connection is closed',
  );
  const known = createClient(RunService, address, accessTo(address));
  t.teardown(() => known.close());
  await t.resolves(known.startRun({ plan }).catch(({ code }: { code: string }) => t.equal(code, 'INVALID_ARGUMENT')));
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  t.teardown(() => socket.destroy());
});
