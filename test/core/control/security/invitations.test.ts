import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { createAuthority, createRequest } from '../../../../core/control/security/certificates.ts';
import { Invitations } from '../../../../core/control/security/invitations.ts';
import { matchEach } from '../../../kit/match-each.ts';

const NOW = Date.UTC(2026, 0, 1);
const authority = await createAuthority(NOW);
const { request } = await createRequest();

t.test('a token becomes a certificate, until it expires; the secret is kept nowhere', async (t) => {
  const folder = t.testdir();
  const book = new Invitations(folder);
  const token = await book.invite('operator', 60_000, NOW);
  const [id = '', secret = ''] = token.split('.');
  const file = `${folder}/invitations/${id}.json`;
  t.notMatch(readFileSync(file, 'utf8'), secret);
  t.equal(statSync(file).mode & 0o777, 0o600);

  const issued = await book.redeem(token, request, authority, NOW + 59_999);
  t.equal(issued.role, 'operator');
  t.ok(book.isGood(issued.serial));
  matchEach(t, await book.list(), [{ id, role: 'operator', certificates: 1 }]);
  await t.rejects(book.redeem(token, request, authority, NOW + 60_000), { message: /expired at 2026-01-01T00:01/ });
});

t.test('what is no good token is refused, and says nothing of why', async (t) => {
  const book = new Invitations(t.testdir());
  const token = await book.invite('agent', 60_000, NOW);
  const wrong = `${token.slice(0, -1)}${token.endsWith('a') ? 'b' : 'a'}`;
  for (const bad of [wrong, '', token.slice(0, 6), `../../${token}`, `zzzzzz.${token.slice(7)}`]) {
    await t.rejects(book.redeem(bad, request, authority, NOW), { message: /^the token is unknown or was revoked/ });
  }
  await t.rejects(book.redeem(token, 'no request', authority, NOW), {
    message: /^the certificate request is not valid/,
  });
  t.notOk(book.isGood('../invitations/x'));
});

t.test('revoking takes the token and its certificates, and no others', async (t) => {
  const folder = t.testdir();
  const book = new Invitations(folder);
  const [token, other] = [await book.invite('agent', 60_000, NOW), await book.invite('agent', 60_000, NOW)];
  const issued = await book.redeem(token, request, authority, NOW);
  const stays = await book.redeem(other, request, authority, NOW);
  t.equal(await book.revoke(token.slice(0, 6)), 1);
  t.notOk(book.isGood(issued.serial));
  t.ok(book.isGood(stays.serial));
  await t.rejects(book.redeem(token, request, authority, NOW));
  t.equal(await book.revoke(token.slice(0, 6)), undefined);
  t.equal(await book.revoke('../issued'), undefined);
  t.equal(readdirSync(`${folder}/issued`).length, 1);
});

t.test('a certificate whose record is damaged cannot be revoked, so it is not good', async (t) => {
  const folder = t.testdir();
  const book = new Invitations(folder);
  const token = await book.invite('agent', 60_000, NOW);
  const { serial } = await book.redeem(token, request, authority, NOW);
  const file = `${folder}/issued/${serial}.json`;
  const record = readFileSync(file, 'utf8');
  t.ok(book.isGood(serial));
  for (const damaged of ['', record.slice(0, 20), record.replace(token.slice(0, 6), 'nobody knows'), '{}']) {
    writeFileSync(file, damaged);
    t.notOk(book.isGood(serial), damaged);
    matchEach(t, await book.list(), [{ certificates: 0 }]);
  }
  writeFileSync(file, record);
  t.ok(book.isGood(serial), 'it is looked at anew');
  rmSync(file);
  mkdirSync(file);
  t.notOk(book.isGood(serial), 'a folder in its place');
  t.equal(await book.revoke(token.slice(0, 6)), 0);
  rmSync(file, { recursive: true });
  writeFileSync(file, record);
  t.equal(await book.revoke(token.slice(0, 6)), 1);
  t.notOk(book.isGood(serial));
});

t.test('of a folder that cannot be read nobody says that it has no invitations', async (t) => {
  const folder = t.testdir({ file: '', broken: { issued: '' }, empty: {} });
  const says = (place: string) => new RegExp(`^${folder}/${place} cannot be read \\([a-z ]+\\)`);
  for (const [name, place, hint] of [
    ['none', 'none', /`bench control init` makes/],
    ['file', 'file', /`bench control init` makes/],
    ['broken', 'broken/issued', /let the user of this command read it$/],
  ] as const) {
    const book = new Invitations(`${folder}/${name}`);
    for (const asked of [() => book.list(), () => book.revoke('abc123')] as (() => Promise<unknown>)[]) {
      await t.rejects(asked(), { name: 'SecurityError', message: says(place) });
      await t.rejects(asked(), { message: hint });
    }
  }
  t.same(await new Invitations(`${folder}/empty`).list(), []);
});
