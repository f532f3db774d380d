import { existsSync } from 'node:fs';
import * as grpc from '@grpc/grpc-js';
import t, { type Test } from 'tap';
import { enroll } from '../../../../core/cli/client/enroll.ts';
import { publicKeyHash } from '../../../../core/control/security/certificates.ts';
import { initSecurity, readSecurity } from '../../../../core/control/security/security-folder.ts';
import { ServerTls } from '../../../../core/control/server.ts';
import { EnrollService } from '../../../../proto/gen/bench/v1/enroll_pb.ts';
import { addService, SERVER_OPTIONS } from '../../../../proto/rpc/adapter.ts';

const TOKEN = `abc123.${'0'.repeat(32)}`;

/** What answers in control's place, with a certificate of its own authority. */
async function impostor(t: Test, saysOfItself: (own: string) => { authority: string; role?: string }) {
  const folder = t.testdir({});
  await initSecurity(folder, [], Date.now());
  const security = await readSecurity(folder, Date.now());
  const { authority, role = 'agent' } = saysOfItself(security.authority);
  const tokens: string[] = [];
  const server = new grpc.Server(SERVER_OPTIONS);
  addService(server, EnrollService, {
    getAuthority: () => ({ authorityPem: authority }),
    enroll({ token }: { token: string }) {
      tokens.push(token);
      return { certificatePem: 'a certificate', role };
    },
  } as never);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', new ServerTls(security), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  t.teardown(() => server.forceShutdown());
  return { address: `127.0.0.1:${port}`, own: security.authority, tokens };
}

t.beforeEach((t) => {
  const before = process.env.XDG_CONFIG_HOME;
  process.env.XDG_CONFIG_HOME = t.testdir();
  t.teardown(() => {
    if (before === undefined) delete process.env.XDG_CONFIG_HOME;
    else process.env.XDG_CONFIG_HOME = before;
  });
});

t.test('the token goes to nobody but the authority of the hash, whatever else is shown beside it', async (t) => {
  const folder = t.testdir();
  await initSecurity(folder, [], Date.now());
  const { authority } = await readSecurity(folder, Date.now());
  const caHash = publicKeyHash(authority);
  for (const shown of [
    (own: string) => own,
    (own: string) => `${authority}\n${own}`,
    (own: string) => `${own}\n${authority}`,
    () => authority,
    () => 'no certificate at all',
  ]) {
    const { address, tokens } = await impostor(t, (own) => ({ authority: shown(own) }));
    await t.rejects(enroll({ address, token: TOKEN, caHash }), { name: 'CommandError' });
    t.same(tokens, []);
  }
});

t.test('a role is one of those that there are: it names a folder', async (t) => {
  const { address, own } = await impostor(t, (own) => ({ authority: own, role: '../../../elsewhere' }));
  await t.rejects(enroll({ address, token: TOKEN, caHash: publicKeyHash(own) }), {
    message: /a role that this version does not know/,
  });
  t.notOk(existsSync(`${process.env.XDG_CONFIG_HOME}/bench`));
});
