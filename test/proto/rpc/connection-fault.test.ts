import * as grpc from '@grpc/grpc-js';
import t, { type Test } from 'tap';
import { initSecurity, readSecurity } from '../../../core/control/security/security-folder.ts';
import { ServerTls } from '../../../core/control/server.ts';
import { RunService } from '../../../proto/gen/bench/v1/run_pb.ts';
import { createClient, SERVER_OPTIONS, tlsCredentials } from '../../../proto/rpc/adapter.ts';
import { connectionFault } from '../../../proto/rpc/connection-fault.ts';

async function securityOf(folder: string) {
  await initSecurity(folder, [], Date.now());
  return readSecurity(folder, Date.now());
}

async function listen(t: Test, credentials: grpc.ServerCredentials): Promise<string> {
  const server = new grpc.Server(SERVER_OPTIONS);
  t.teardown(() => server.forceShutdown());
  return new Promise((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', credentials, (error, port) =>
      error ? reject(error) : resolve(`127.0.0.1:${port}`),
    ),
  );
}

async function failure(t: Test, address: string, credentials?: grpc.ChannelCredentials): Promise<unknown> {
  const client = createClient(RunService, address, credentials);
  t.teardown(() => client.close());
  return client.listAgents({}, { timeoutMs: 15_000 }).catch((error: unknown) => error);
}

t.test('two ends that do not agree on TLS: in words, and with what to do', async (t) => {
  const before = process.env.XDG_CONFIG_HOME;
  const folder = t.testdir({ one: {}, other: {} });
  process.env.XDG_CONFIG_HOME = folder;
  t.teardown(() => {
    if (before === undefined) delete process.env.XDG_CONFIG_HOME;
    else process.env.XDG_CONFIG_HOME = before;
  });
  const security = await securityOf(`${folder}/one`);
  const { authority: other } = await securityOf(`${folder}/other`);
  const { authority } = security;
  const secured = await listen(t, new ServerTls(security));
  const plain = await listen(t, grpc.ServerCredentials.createInsecure());
  t.match(await failure(t, secured), {
    code: 'UNAVAILABLE',
    message: /^it closes the connection$/,
    hint: /^if it speaks TLS, join it with what `bench control invite` prints/,
  });
  t.match(await failure(t, plain, tlsCredentials(plain, { authority })), {
    code: 'UNAVAILABLE',
    message: /^it does not speak TLS$/,
    hint: /^if it is a control without TLS, leave the credentials away/,
  });
  t.match(await failure(t, secured, tlsCredentials(secured, { authority: other })), {
    message: /^its certificate is of another authority$/,
    hint: /bench control invite.*--credentials$/,
  });
  t.match(await failure(t, secured, tlsCredentials('127.0.0.9:1', { authority })), {
    message: /^its certificate is not for this name but for .*127\.0\.0\.1/,
    hint: /`bench control init --host`/,
  });
});

t.test('what the runtimes say is one line without times and source lines', async (t) => {
  const said: [string, string][] = [
    ['Deadline exceeded after 15.003s,name resolution: 0.002s,Waiting for LB pick', 'no answer within 15 s'],
    ['Deadline exceeded', 'no answer in time'],
    ['Protocol error (2026-11-21T23:06:55.003Z)', 'Protocol error'],
    ['error:100000f7:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER', 'it does not speak TLS'],
    ['received corrupt message (SSL routines:ssl3_get_record:wrong version number)', 'it does not speak TLS'],
    [
      '40D3A1B3A37F0000:error:0A000410:SSL routines:ssl3_read_bytes:ssl/tls alert handshake failure:../x.c:78:\n',
      'TLS: ssl/tls alert handshake failure',
    ],
    ['unable to verify the first certificate', 'its certificate is of another authority'],
    [
      "Error [ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match certificate's altnames: Host: a. is not in the cert's altnames: DNS:b, DNS:control.bench.internal, IP Address:192.0.2.5",
      'its certificate is not for this name but for b, 192.0.2.5',
    ],
    [
      'No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:9. Resolution note: none',
      'connect ECONNREFUSED 127.0.0.1:9',
    ],
    ['one\n  two\n', 'one two'],
    ['connect EMFILE 127.0.0.1:9 - Local (undefined:undefined)', 'too many files are open here'],
  ];
  for (const [told, reason] of said) t.equal(connectionFault(told).reason, reason);
  const full = 'control has as many connections as its limit of open files allows: raise `ulimit -n` for it';
  t.same(connectionFault(full), { reason: full, hint: '' }, 'nobody is to start control, which is there');
});
