/**
 * Who may make which call: every path that control serves, for everybody who could try it. A call that is new has no row
 * here, and fails the test until somebody has decided who may make it.
 */

import * as grpc from '@grpc/grpc-js';
import t, { type Test } from 'tap';
import { createAuthority, createRequest, issueClient } from '../../../../core/control/security/certificates.ts';
import { ROLES, type Role } from '../../../../core/control/security/role.ts';
import { initSecurity, readSecurity } from '../../../../core/control/security/security-folder.ts';
import { tlsCredentials, unverifiedCredentials } from '../../../../proto/rpc/adapter.ts';
import { type Answer, everyCall, PATHS } from '../../../kit/every-call.ts';
import { interceptorsFor } from '../../../kit/local-access.ts';
import { servedControl } from '../scene/served-control.ts';

const EVERYBODY: readonly Role[] = ROLES;
const READERS: readonly Role[] = ['viewer', 'operator'];

interface Row {
  /** Whoever has a valid certificate of one of these roles. */
  readonly roles: readonly Role[];
  /** Also without a certificate. Nobody can, where it is not said. */
  readonly needsNone?: true;
  /** What an empty message comes to for those who may. */
  readonly comesTo: string;
}

const MATRIX: Readonly<Record<string, Row>> = {
  '/bench.v1.AgentService/Session': { roles: ['agent'], comesTo: 'OK 1' },
  '/bench.v1.AgentService/GetContent': { roles: ['agent'], comesTo: 'NOT_FOUND 0' },
  '/bench.v1.RunService/SendContents': { roles: ['operator'], comesTo: 'FAILED_PRECONDITION 0' },
  '/bench.v1.RunService/StartRun': { roles: ['operator'], comesTo: 'INVALID_ARGUMENT 0' },
  '/bench.v1.RunService/PreparePlan': { roles: ['operator'], comesTo: 'INVALID_ARGUMENT 0' },
  '/bench.v1.RunService/StopRun': { roles: ['operator'], comesTo: 'NOT_FOUND 0' },
  '/bench.v1.RunService/ChangeLoad': { roles: ['operator'], comesTo: 'NOT_FOUND 0' },
  '/bench.v1.RunService/CleanUpRun': { roles: ['operator'], comesTo: 'NOT_FOUND 0' },
  '/bench.v1.RunService/UpdateRun': { roles: ['operator'], comesTo: 'NOT_FOUND 0' },
  '/bench.v1.RunService/DeleteRun': { roles: ['operator'], comesTo: 'NOT_FOUND 0' },
  '/bench.v1.RunService/WatchRun': { roles: READERS, comesTo: 'NOT_FOUND 0' },
  '/bench.v1.RunService/GetRun': { roles: READERS, comesTo: 'NOT_FOUND 0' },
  '/bench.v1.RunService/ListRuns': { roles: READERS, comesTo: 'OK 1' },
  '/bench.v1.RunService/ListAgents': { roles: READERS, comesTo: 'OK 1' },
  '/bench.v1.RunService/ListBaselines': { roles: READERS, comesTo: 'OK 1' },
  '/bench.v1.RunService/SetBaseline': { roles: ['operator'], comesTo: 'INVALID_ARGUMENT 0' },
  '/bench.v1.RunService/RemoveBaseline': { roles: ['operator'], comesTo: 'NOT_FOUND 0' },
  '/bench.v1.EnrollService/GetAuthority': { roles: EVERYBODY, needsNone: true, comesTo: 'OK 1' },
  '/bench.v1.EnrollService/Enroll': { roles: EVERYBODY, needsNone: true, comesTo: 'UNAUTHENTICATED 0' },
  '/grpc.health.v1.Health/Check': { roles: EVERYBODY, comesTo: 'OK 1' },
  '/grpc.health.v1.Health/List': { roles: EVERYBODY, comesTo: 'OK 1' },
  '/grpc.health.v1.Health/Watch': { roles: EVERYBODY, comesTo: 'CANCELLED 1' },
  '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo': { roles: EVERYBODY, comesTo: 'OK 1' },
  '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo': { roles: EVERYBODY, comesTo: 'OK 1' },
};

/** A path that nobody serves tells nobody anything. */
const UNKNOWN = '/bench.v1.Nothing/AtAll';
const UNIMPLEMENTED = { came: 'UNIMPLEMENTED 0', details: /does not implement the method/ };

const NO_CERTIFICATE = {
  came: 'UNAUTHENTICATED 0',
  details: 'this control accepts only callers with a certificate: ask for an invitation (`bench control invite`)',
};
const REVOKED = {
  came: 'UNAUTHENTICATED 0',
  details: 'the certificate was revoked: ask for a new invitation (`bench control invite`)',
};
const STRANGER = {
  came: 'UNAUTHENTICATED 0',
  details:
    'this control accepts only callers that have its token: run the command as the user who started control, or give the token with --token-file or in BENCH_CONTROL_TOKEN',
};
const wrongRole = (role: Role) => ({
  came: 'PERMISSION_DENIED 0',
  details: `the certificate is for the role ${role}, which may not do this: ask for an invitation for another role (\`bench control invite --role\`)`,
});

/** Everything that the server was given to serve. */
async function started(t: Test, folder?: string) {
  const { addService } = grpc.Server.prototype;
  const added = t.capture(grpc.Server.prototype, 'addService', addService);
  const control = await servedControl(t, folder === undefined ? {} : { access: { security: folder } });
  const served = added().flatMap(({ args: [service] }) => Object.values(service).map(({ path }) => path));
  return { ...control, served };
}

async function secured(t: Test) {
  const folder = t.testdir();
  await initSecurity(folder, [], Date.now());
  const security = await readSecurity(folder, Date.now());
  const { signer, book } = security.invitations as NonNullable<typeof security.invitations>;
  const control = await started(t, folder);
  const holder = async (role: Role, as: 'valid' | 'revoked' | 'unrecorded' | 'foreign') => {
    const { key, request } = await createRequest();
    const nowMs = Date.now();
    const token = await book.invite(role, 60_000, nowMs);
    const issued =
      as === 'valid' || as === 'revoked'
        ? await book.redeem(token, request, signer, nowMs)
        : await issueClient(as === 'foreign' ? await createAuthority(nowMs) : signer, request, role, nowMs);
    if (as === 'revoked') await book.revoke(token.slice(0, 6));
    return tlsCredentials(control.address, { ...security, own: { certificate: issued.certificate, key } });
  };
  return { ...control, holder };
}

const hasNone = (row: Row) => (row.needsNone ? { came: row.comesTo } : NO_CERTIFICATE);

t.test('over TLS each path takes its roles, and refuses everybody else in the same words', async (t) => {
  const { address, served, holder } = await secured(t);
  t.same(new Set(Object.keys(MATRIX)), new Set(served), 'each path has its row');
  t.same(new Set([...Object.keys(MATRIX), UNKNOWN]), new Set(PATHS));

  const callers: [who: string, credentials: grpc.ChannelCredentials, expected: (row: Row) => object][] = [
    ['without a certificate', unverifiedCredentials(), hasNone],
    ['with an operator certificate of another control', await holder('operator', 'foreign'), hasNone],
    [
      'with an operator certificate that was never issued here',
      await holder('operator', 'unrecorded'),
      (row) => (row.needsNone ? { came: row.comesTo } : REVOKED),
    ],
  ];
  for (const role of ROLES) {
    callers.push(
      [
        `with the certificate of an ${role}`,
        await holder(role, 'valid'),
        (row) => (row.roles.includes(role) ? { came: row.comesTo } : wrongRole(role)),
      ],
      [
        `with the revoked certificate of an ${role}`,
        await holder(role, 'revoked'),
        (row) => (row.needsNone ? { came: row.comesTo } : REVOKED),
      ],
    );
  }
  for (const [who, credentials, expected] of callers) {
    const answers = await everyCall(address, credentials);
    for (const [path, row] of Object.entries(MATRIX)) t.match(answers[path], expected(row), `${path} ${who}`);
    t.match(answers[UNKNOWN], UNIMPLEMENTED, `${UNKNOWN} ${who}`);
  }
  for (const [who, credentials, options] of [
    ['in the clear', grpc.credentials.createInsecure(), {}],
    ['in the clear with a token', grpc.credentials.createInsecure(), interceptorsFor(address)],
  ] as const) {
    for (const [path, answer] of Object.entries(await everyCall(address, credentials, options)))
      t.match(answer, { came: 'UNAVAILABLE 0' }, `${path} ${who}`);
  }
});

t.test('without TLS whoever has the token may make each call, and nobody else any', async (t) => {
  const { address, served } = await started(t);
  const plain = grpc.credentials.createInsecure();
  const isServed = (path: string) => served.includes(path);
  t.same(
    Object.keys(MATRIX).filter((path) => !isServed(path)),
    ['/bench.v1.EnrollService/GetAuthority', '/bench.v1.EnrollService/Enroll'],
    'there are no certificates to enroll for',
  );
  const expectedOf: [who: string, answers: Record<string, Answer>, expected: (row: Row) => object][] = [
    ['with the token', await everyCall(address, plain, interceptorsFor(address)), ({ comesTo }) => ({ came: comesTo })],
    ['without a token', await everyCall(address, plain), () => STRANGER],
  ];
  for (const [who, answers, expected] of expectedOf) {
    for (const [path, row] of Object.entries(MATRIX))
      t.match(answers[path], isServed(path) ? expected(row) : UNIMPLEMENTED, `${path} ${who}`);
    t.match(answers[UNKNOWN], UNIMPLEMENTED, `${UNKNOWN} ${who}`);
  }
  const compressed = { ...interceptorsFor(address), 'grpc.default_compression_algorithm': 2 };
  for (const [path, { details }] of Object.entries(await everyCall(address, plain, compressed)))
    if (isServed(path))
      t.match(
        details,
        /^compressed messages are not taken|^this control takes no code/,
        `${path} with compressed messages`,
      );
  for (const [path, answer] of Object.entries(await everyCall(address, unverifiedCredentials())))
    t.match(answer, { came: 'UNAVAILABLE 0' }, `${path} over TLS`);
});
