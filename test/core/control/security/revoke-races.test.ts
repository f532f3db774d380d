/** Enrolling and revoking at the same time, as two processes do, in every order that a search finds. */

import { X509Certificate } from 'node:crypto';
import fs, { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { createAuthority, createRequest } from '../../../../core/control/security/certificates.ts';
import { Invitations } from '../../../../core/control/security/invitations.ts';
import { initSecurity, readSecurity } from '../../../../core/control/security/security-folder.ts';
import { EnrollService } from '../../../../proto/gen/bench/v1/enroll_pb.ts';
import { createClient, tlsCredentials } from '../../../../proto/rpc/adapter.ts';
import fc from '../../../kit/property.ts';
import { servedControl } from '../scene/served-control.ts';

const NOW = Date.UTC(2026, 0, 1);
const authority = await createAuthority(NOW);
const { request } = await createRequest();

let turn: () => Promise<unknown> = async () => {};
let turns = 0;

/** Each operation on files happens as a whole, when the scheduler lets it. */
function scheduled<Args extends unknown[], Result>(operation: (...args: Args) => Result) {
  return async (...args: Args): Promise<Result> => {
    turns++;
    await turn();
    return operation(...args);
  };
}

const originals = { ...promises };
Object.assign(promises, {
  mkdir: scheduled(fs.mkdirSync),
  readdir: scheduled(fs.readdirSync),
  readFile: scheduled(fs.readFileSync),
  rename: scheduled(fs.renameSync),
  rm: scheduled(fs.rmSync),
  stat: scheduled(fs.statSync),
  writeFile: scheduled(fs.writeFileSync),
});
syncBuiltinESMExports();
/** Before anything else of this process uses files. */
function restoreFiles(): void {
  Object.assign(promises, originals);
  syncBuiltinESMExports();
}

t.test('no certificate that was issued while its invitation was revoked is valid', async (t) => {
  t.teardown(restoreFiles);
  let [issuedBefore, refused] = [0, 0];
  const isHeld = fc.asyncProperty(
    fc.scheduler(),
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: 3 }),
    fc.nat({ max: 30 }),
    async (scheduler, workers, certificatesEach, revokedAfter) => {
      const folder = mkdtempSync(join(tmpdir(), 'bench-revoke-'));
      try {
        turn = async () => {};
        // Control and the command line are two processes: they share nothing but the files.
        const [control, commandLine] = [new Invitations(folder), new Invitations(folder)];
        const token = await commandLine.invite('operator', 60_000, NOW);
        turn = () => scheduler.schedule(Promise.resolve());
        const serials: string[] = [];
        const worker = async () => {
          for (let i = 0; i < certificatesEach; i++) {
            await control.redeem(token, request, authority, NOW).then(
              ({ serial }) => serials.push(serial),
              (error: { name: string }) => {
                t.equal(error.name, 'InvitationError');
                refused++;
              },
            );
          }
        };
        const revoking = (async () => {
          for (let i = 0; i < revokedAfter; i++) await turn();
          return commandLine.revoke(token.slice(0, 6));
        })();
        await scheduler.waitFor(Promise.all([revoking, ...Array.from({ length: workers }, worker)]));
        issuedBefore += serials.length;
        const left = serials.filter((serial) => control.isGood(serial));
        const issued = join(folder, 'issued');
        const records = existsSync(issued) ? readdirSync(issued) : [];
        return left.length === 0 && records.length === 0;
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );
  await t.resolves(fc.assert(isHeld, { numRuns: 150 }));
  t.ok(turns > 150 * 10, `the scheduler had ${turns} operations to put in order`);
  t.ok(issuedBefore > 0 && refused > 0, `both orders came up: ${issuedBefore} issued, ${refused} refused`);
});

t.test('three workers that enroll in a loop over the network keep no certificate', async (t) => {
  const folder = t.testdir();
  await initSecurity(folder, [], Date.now());
  const { authority: authorityPem } = await readSecurity(folder, Date.now());
  const control = await servedControl(t, { access: { security: folder } });
  const book = new Invitations(folder);
  for (let round = 1; round <= 5; round++) {
    const token = await book.invite('operator', 60_000, Date.now());
    const serials: string[] = [];
    const hasMany = Promise.withResolvers<void>();
    const worker = async () => {
      const client = createClient(
        EnrollService,
        control.address,
        tlsCredentials(control.address, { authority: authorityPem }),
      );
      try {
        for (;;) {
          const { certificatePem } = await client.enroll({ token, requestPem: request });
          serials.push(new X509Certificate(certificatePem).serialNumber.toLowerCase());
          if (serials.length === 3 * round) hasMany.resolve();
        }
      } catch (error) {
        return (error as { code: string }).code;
      } finally {
        client.close();
      }
    };
    const workers = [worker(), worker(), worker()];
    await Promise.race([hasMany.promise, Promise.all(workers)]);
    await book.revoke(token.slice(0, 6));
    t.same(await Promise.all(workers), new Array(3).fill('UNAUTHENTICATED'), 'all are refused from then on');
    t.same(
      serials.filter((serial) => book.isGood(serial)),
      [],
      `none of ${serials.length} certificates is valid`,
    );
  }
});
