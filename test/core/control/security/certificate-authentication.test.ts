import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import * as grpc from '@grpc/grpc-js';
import t from 'tap';
import { z } from 'zod';
import { CertificateAuthentication } from '../../../../core/control/security/certificate-authentication.ts';
import type { CertificateState } from '../../../../core/control/security/invitations.ts';
import { SeenRecords } from '../../../../core/control/security/records.ts';

const context = { sslPeerCertificate: { subject: { O: 'bench:agent' }, serialNumber: `01${'0'.repeat(30)}` } };
const call = { path: '/bench.v1.AgentService/Session', metadata: new grpc.Metadata(), peer: '127.0.0.1:9', context };

t.test('a certificate is called revoked only when its record was looked for and is gone', async (t) => {
  let state: CertificateState = 'valid';
  const authentication = new CertificateAuthentication(() => state);
  const open = authentication.decide(call);
  t.equal(open.kind, 'accepted');
  const withdrawn = () => (open.kind === 'accepted' ? open.withdrawn?.() : undefined);
  t.equal(withdrawn(), undefined);

  state = 'unreadable';
  t.match(authentication.decide(call), {
    kind: 'rejected',
    refusal: { code: grpc.status.UNAVAILABLE, details: /cannot read its records/ },
    isOwnFault: true,
  });
  t.equal(withdrawn(), undefined, 'calls that are open go on');

  state = 'damaged';
  t.match(authentication.decide(call), { refusal: { code: grpc.status.UNAUTHENTICATED, details: /is damaged/ } });
  state = 'missing';
  const revoked = { code: grpc.status.UNAUTHENTICATED, details: /was revoked/ };
  t.match(authentication.decide(call), { refusal: revoked });
  t.match(withdrawn(), revoked);
});

t.test('without a file descriptor a record is neither valid nor missing', async (t) => {
  const folder = t.testdir({ 'known.json': '{}', 'unknown.json': '{}' });
  const { readFileSync } = fs;
  let hasDescriptors = true;
  fs.readFileSync = ((...args: Parameters<typeof readFileSync>) => {
    if (!hasDescriptors) throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
    return readFileSync(...args);
  }) as typeof readFileSync;
  syncBuiltinESMExports();
  t.teardown(() => {
    fs.readFileSync = readFileSync;
    syncBuiltinESMExports();
  });
  const records = new SeenRecords(z.object({}));
  const stateOf = (name: string) => records.stateOf(`${folder}/${name}.json`);
  t.equal(stateOf('known'), 'valid');
  hasDescriptors = false;
  t.equal(stateOf('known'), 'valid', 'what has not changed is not opened again');
  t.equal(stateOf('unknown'), 'unreadable');
  t.equal(stateOf('nothing'), 'missing');
  hasDescriptors = true;
  t.equal(stateOf('unknown'), 'valid');
});
