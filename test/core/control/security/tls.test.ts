/** Who gets in over TLS, with real handshakes. */

import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import * as grpc from '@grpc/grpc-js';
import { service as healthService } from 'grpc-health-check';
import t, { type Test } from 'tap';
import { AuthInterceptor } from '../../../../core/control/security/auth-interceptor.ts';
import { CallerLog } from '../../../../core/control/security/caller-log.ts';
import { CertificateAuthentication } from '../../../../core/control/security/certificate-authentication.ts';
import {
  createAuthority,
  createRequest,
  issueClient,
  type KeyedCertificate,
  publicKeyHash,
} from '../../../../core/control/security/certificates.ts';
import { Invitations } from '../../../../core/control/security/invitations.ts';
import { ROLES, type Role } from '../../../../core/control/security/role.ts';
import { initSecurity, readSecurity } from '../../../../core/control/security/security-folder.ts';
import { ServerTls, startControl } from '../../../../core/control/server.ts';
import { AgentService } from '../../../../proto/gen/bench/v1/agent_pb.ts';
import { EnrollService } from '../../../../proto/gen/bench/v1/enroll_pb.ts';
import { RunService } from '../../../../proto/gen/bench/v1/run_pb.ts';
import {
  addService,
  createClient,
  SERVER_OPTIONS,
  tlsCredentials,
  unverifiedCredentials,
} from '../../../../proto/rpc/adapter.ts';
import { readRun } from '../../../../proto/stored-run.ts';
import { sceneClock } from '../scene/scene-clock.ts';
import { LOCAL_CONTROL, servedControl } from '../scene/served-control.ts';

const PLAN = { plan: { json: '{}', baseDirectory: '/' } };

async function secured(t: Test) {
  const folder = t.testdir();
  await initSecurity(folder, [], Date.now());
  const security = await readSecurity(folder, Date.now());
  const control = await servedControl(t, { access: { security: folder } });
  return { ...control, folder, security, book: new Invitations(folder) };
}

type Secured = Awaited<ReturnType<typeof secured>>;

/** A certificate as an invitation brings it. */
async function certificateFor({ address, security, book }: Secured, role: Role) {
  const token = await book.invite(role, 60_000, Date.now());
  const { key, request } = await createRequest();
  const client = createClient(EnrollService, address, tlsCredentials(address, security));
  try {
    const { certificatePem } = await client.enroll({ token, requestPem: request });
    return { token, own: { certificate: certificatePem, key } };
  } finally {
    client.close();
  }
}

/** What each kind of call comes to: a status, or `taken` when it went through to the handler. */
async function attempts(t: Test, address: string, credentials: grpc.ChannelCredentials) {
  const runs = createClient(RunService, address, credentials);
  const agents = createClient(AgentService, address, credentials);
  const Health = grpc.makeGenericClientConstructor(healthService, 'Health');
  const health = new Health(address, credentials, { 'grpc.ssl_target_name_override': 'control.bench.internal' });
  t.teardown(() => [runs, agents, health].forEach((client) => void client.close()));
  const comesTo = (call: Promise<unknown>) =>
    call.then(
      () => 'taken',
      ({ code }: { code: string }) => (['INVALID_ARGUMENT', 'NOT_FOUND'].includes(code) ? 'taken' : code),
    );
  const session = async () => {
    const stream = agents.session();
    stream.send({ message: { case: 'heartbeat', value: {} } });
    for await (const _ of stream.messages);
  };
  return {
    start: await comesTo(runs.startRun(PLAN)),
    stop: await comesTo(runs.stopRun({ runId: 'x' })),
    list: await comesTo(runs.listRuns({})),
    get: await comesTo(readRun(runs.getRun({ runId: 'x' }))),
    session: await comesTo(session()),
    health: await comesTo(
      new Promise<void>((resolve, reject) =>
        health.check?.({ service: '' }, (error: grpc.ServiceError | null) =>
          error ? reject(named(error)) : resolve(),
        ),
      ),
    ),
  };
}

function named({ code }: grpc.ServiceError) {
  return { code: grpc.status[code] };
}

const all = (what: string) => ({ start: what, stop: what, list: what, get: what, session: what, health: what });

t.test('each role may do its own, and who has no certificate of this authority nothing', async (t) => {
  const control = await secured(t);
  const { address, security } = control;
  const denied = 'PERMISSION_DENIED';
  const rights: Record<Role, object> = {
    operator: { ...all('taken'), session: denied },
    viewer: { ...all('taken'), start: denied, stop: denied, session: denied },
    agent: { ...all(denied), session: 'taken', health: 'taken' },
  };
  for (const role of ROLES) {
    const { own } = await certificateFor(control, role);
    t.same(await attempts(t, address, tlsCredentials(address, { ...security, own })), rights[role], role);
  }
  t.same(await attempts(t, address, unverifiedCredentials()), all('UNAUTHENTICATED'), 'without a certificate');

  const stranger = await createAuthority(Date.now());
  const { key, request } = await createRequest();
  const { certificate } = await issueClient(stranger, request, 'operator', Date.now());
  const forged = tlsCredentials(address, { ...security, own: { certificate, key } });
  t.same(await attempts(t, address, forged), all('UNAUTHENTICATED'), 'a certificate of another authority');

  const unrecorded = await issueClient(security.invitations?.signer as never, request, 'operator', Date.now());
  const lost = tlsCredentials(address, { ...security, own: { certificate: unrecorded.certificate, key } });
  t.same(await attempts(t, address, lost), all('UNAUTHENTICATED'), 'a certificate that control knows nothing of');
  t.same(await attempts(t, address, grpc.credentials.createInsecure()), all('UNAVAILABLE'), 'without TLS');
});

t.test('a client that pins the authority does not talk to another control', async (t) => {
  const { address, security } = await secured(t);
  const { certificate } = await createAuthority(Date.now());
  t.not(publicKeyHash(certificate), publicKeyHash(security.authority));
  const client = createClient(EnrollService, address, tlsCredentials(address, { authority: certificate }));
  t.teardown(() => client.close());
  await t.rejects(client.getAuthority({}), { code: 'UNAVAILABLE' });
});

t.test('one who guesses tokens has to wait', async (t) => {
  const { address, security, log } = await secured(t);
  const client = createClient(EnrollService, address, tlsCredentials(address, security));
  t.teardown(() => client.close());
  const codes: string[] = [];
  for (let i = 0; i < 100; i++) {
    await client
      .enroll({ token: `guess0.${'0'.repeat(32)}`, requestPem: '' })
      .catch(({ code }: { code: string }) => codes.push(code));
  }
  t.same(codes.slice(0, 10), new Array(10).fill('UNAUTHENTICATED'));
  t.same(new Set(codes.slice(10)), new Set(['RESOURCE_EXHAUSTED']));
  t.equal(log.filter((line) => /failed to join/.test(line)).length, 10, 'and does not fill the log');
});

t.test('a rack that is started at once joins at once, from one address', async (t) => {
  const { address, security, book } = await secured(t);
  const token = await book.invite('agent', 60_000, Date.now());
  const { request } = await createRequest();
  const clients = Array.from({ length: 30 }, () =>
    createClient(EnrollService, address, tlsCredentials(address, security)),
  );
  t.teardown(() => clients.forEach((client) => void client.close()));
  await Promise.all(clients.map((client) => client.getAuthority({})));
  const roles = clients.map(async (client) => (await client.enroll({ token, requestPem: request })).role);
  t.same(await Promise.all(roles), new Array(30).fill('agent'));
});

for (const whose of ['no certificate', 'a certificate that was revoked']) {
  t.test(`who has ${whose} cannot make control keep much`, async (t) => {
    const control = await secured(t);
    await cannotMakeKeepMuch(t, control, whose === 'no certificate' ? undefined : await revoked(control));
  });
}

t.test('calls whose callers never close their side leave nothing behind, or are counted', async (t) => {
  const { address } = await secured(t);
  const session = connectHttp2(`https://${address}`, { rejectUnauthorized: false });
  t.teardown(() => session.destroy());
  const call = (path: string) => {
    const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc' });
    stream.on('error', () => {}).resume();
    return stream;
  };
  const rejected = call(`/${RunService.typeName}/ListRuns`);
  const [{ 'grpc-status': code }] = await once(rejected, 'response');
  t.equal(Number(code), grpc.status.UNAUTHENTICATED, 'the status comes first');
  await once(rejected, 'close');
  const told: string[] = [];
  for (let i = 0; i < 5; i++) {
    const twoMessages = call(`/${EnrollService.typeName}/GetAuthority`);
    twoMessages.write(Buffer.alloc(10));
    const [{ 'grpc-message': details }] = await once(twoMessages, 'response');
    told.push(decodeURI(details));
  }
  t.match(told[3], /^Received a second request/);
  t.match(told[4], /may have 4 calls open/);
});

async function revoked(control: Secured) {
  const { token, own } = await certificateFor(control, 'agent');
  await control.book.revoke(token.slice(0, 6));
  return own;
}

async function cannotMakeKeepMuch(t: Test, { address, security }: Secured, own: KeyedCertificate | undefined) {
  const credentials = tlsCredentials(address, own === undefined ? security : { ...security, own });
  const client = createClient(EnrollService, address, credentials);
  t.teardown(() => client.close());
  const enroll = (requestPem: string) =>
    client.enroll({ token: `guess0.${'0'.repeat(32)}`, requestPem }).then(
      () => 'taken',
      ({ code, message }: { code: string; message: string }) => `${code}: ${message}`,
    );
  for (let i = 0; i < 3; i++) {
    t.match(await enroll('x'.repeat(5_000_000)), /^(RESOURCE_EXHAUSTED: a message of|UNAVAILABLE)/);
  }
  t.match(await enroll('x'.repeat(1000)), /^UNAUTHENTICATED/, 'the limit is that of the message, not of the caller');
  const many = await Promise.all(Array.from({ length: 40 }, () => enroll('')));
  t.ok(
    many.some((answer) => /may have 4 calls open at the same time/.test(answer)),
    many.join('; '),
  );
  t.match(
    await enroll(''),
    /^(UNAUTHENTICATED|RESOURCE_EXHAUSTED: too many failed joins)/,
    'calls that have ended are not counted',
  );
}

t.test('who guesses many tokens at once gets no more tries than one after the other', async (t) => {
  const { address, security, log } = await secured(t);
  const client = createClient(EnrollService, address, tlsCredentials(address, security));
  t.teardown(() => client.close());
  const guess = () =>
    client.enroll({ token: `guess0.${'0'.repeat(32)}`, requestPem: '' }).then(
      () => 'OK',
      ({ code }: { code: string }) => code,
    );
  const codes = await Promise.all(Array.from({ length: 100 }, guess));
  const tried = codes.filter((code) => code === 'UNAUTHENTICATED').length;
  t.ok(tried > 0 && tried <= 10, `${tried} tries`);
  t.equal(codes.filter((code) => code === 'RESOURCE_EXHAUSTED').length, 100 - tried);
  t.equal(log.filter((line) => /failed to join/.test(line)).length, tried);
});

t.test('calls that are open end when their certificate is revoked', async (t) => {
  const control = await secured(t);
  const clock = sceneClock();
  const { token, own } = await certificateFor(control, 'viewer');
  const auth = new AuthInterceptor({
    clock,
    callers: new CallerLog(clock, () => {}),
    authentication: new CertificateAuthentication((serial) => control.book.stateOf(serial)),
  });
  const server = new grpc.Server({ ...SERVER_OPTIONS, interceptors: [auth.interceptor] });
  addService(server, RunService, {
    async *watchRun(_: unknown, { signal }: { signal: AbortSignal }) {
      yield { event: { case: 'notice', value: 'watching' } };
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  } as never);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', new ServerTls(control.security), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  const address = `127.0.0.1:${port}`;
  const client = createClient(RunService, address, tlsCredentials(address, { ...control.security, own }));
  t.teardown(() => {
    auth.close();
    client.close();
    server.forceShutdown();
  });
  const watching = client.watchRun({ runId: 'x' })[Symbol.asyncIterator]();
  t.match(await watching.next(), { value: { event: { value: 'watching' } } });
  await control.book.revoke(token.slice(0, 6));
  await clock.advance(5_000_000);
  await t.rejects(watching.next(), { code: 'UNAUTHENTICATED', message: /was revoked/ });
});

t.test('off loopback nothing is served without TLS, and nothing talks back without', async (t) => {
  for (const host of ['0.0.0.0', '::', '192.0.2.1']) {
    await t.rejects(startControl({ ...LOCAL_CONTROL, listen: { host, port: 0 } }), {
      message: new RegExp(`^control listens on ${host.replaceAll('.', '\\.')} only with TLS: .*bench control init`),
    });
  }
  const { port } = await secured(t);
  const answer = await new Promise<string>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
    let text = '';
    socket.setEncoding('latin1').on('data', (data) => {
      text += data;
    });
    socket.on('close', () => resolve(text)).on('error', () => {});
  });
  t.ok(answer.length <= 7, `a TLS alert and nothing else: ${JSON.stringify(answer)}`);
});
