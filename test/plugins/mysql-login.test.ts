// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of plans
import { constants, generateKeyPairSync, privateDecrypt } from 'node:crypto';
import process from 'node:process';
import t, { type Test } from 'tap';
import { RunStore } from '../../core/control/store/run-store.ts';
import { mysqlAddress } from '../../core/mysql/address.ts';
import { mysqlTransport } from '../../core/mysql/connection-options.ts';
import { signChallenge } from '../../core/mysql/login.ts';
import { formatDatabaseUrl, parseDatabaseUrl } from '../../core/secrets/database-url.ts';
import mysqlMonitor from '../../plugins/mysql-monitor.ts';
import { DEFAULT_MYSQL_SETTINGS, startTarget } from '../../target/index.ts';
import { type FakeMysql, fakeMysql, OK, type Script, switchTo } from './fake-mysql.ts';
import { mysqlStage } from './mysql-stage.ts';

const PASSWORD = 'correct-horse-battery';
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
const never = new AbortController().signal;

/** An impostor that wants the password itself. */
const impostors: Readonly<Record<string, Script>> = {
  caching_sha2_password(reply, packet, number) {
    if (number === 1) reply(switchTo('caching_sha2_password'));
    else if (number === 2) reply(Buffer.from([1, 4]));
    else if (packet.equals(Buffer.from([2]))) reply(Buffer.concat([Buffer.from([1]), Buffer.from(pem)]));
    else reply(OK);
  },
  sha256_password(reply, packet, number) {
    if (number === 1) reply(switchTo('sha256_password'));
    else if (packet.equals(Buffer.from([1]))) reply(Buffer.concat([Buffer.from([1]), Buffer.from(pem)]));
    else reply(OK);
  },
  mysql_clear_password(reply, _packet, number) {
    reply(number === 1 ? switchTo('mysql_clear_password') : OK);
  },
};

/** Whether the impostor can read the password in what it got. */
function knowsPassword(fake: FakeMysql): boolean {
  const received = fake.received();
  if (received.includes(PASSWORD)) return true;
  for (let at = 0; at + 256 <= received.length; at++) {
    try {
      const padding = constants.RSA_PKCS1_OAEP_PADDING;
      const plain = privateDecrypt({ key: privateKey, padding, oaepHash: 'sha1' }, received.subarray(at, at + 256));
      const scramble = Buffer.from('abcdefghijklmnopqrst');
      if (Buffer.from(plain.map((byte, i) => byte ^ (scramble[i % 20] as number))).includes(PASSWORD)) return true;
    } catch {
      // Not the encrypted password.
    }
  }
  return false;
}

/** The target as the command line starts it. */
async function startOn(url: string): Promise<void> {
  const parsed = parseDatabaseUrl(url);
  const transport = mysqlTransport(mysqlAddress(parsed, '.'), 5000);
  const db = formatDatabaseUrl({ ...parsed, options: new Map() });
  const target = await startTarget({ host: '127.0.0.1', port: 0, db, mysql: { ...DEFAULT_MYSQL_SETTINGS, transport } });
  await target.stop();
}

async function attempts(t: Test, fake: FakeMysql, options = ''): Promise<Record<string, string>> {
  const url = `mysql://bench:${PASSWORD}@127.0.0.1:${fake.port}/bench${options}`;
  process.env.TEST_URL = url;
  const messageOf = (work: Promise<unknown>) => work.then(String, (error: Error) => error.message);
  const monitor = await mysqlMonitor.open({ url }, { target: '', baseDirectory: '.' });
  t.teardown(() => monitor.close());
  return {
    driver: await messageOf(mysqlStage({ url: '${env:TEST_URL}' }).then((stage) => stage.prepare())),
    monitor: await messageOf(Promise.resolve(monitor.sample(never))),
    store: await messageOf(RunStore.open(url)),
    target: await messageOf(startOn(url)),
  };
}

for (const [method, script] of Object.entries(impostors)) {
  t.test(`without TLS, ${method} does not get the password`, async (t) => {
    const fake = await fakeMysql(t, script);
    const said = await attempts(t, fake);
    for (const [who, message] of Object.entries(said)) {
      t.match(
        message,
        method === 'mysql_clear_password' ? /clear text .*allowCleartextPasswords/ : /allowPublicKeyRetrieval=true/,
        who,
      );
      t.notMatch(message, /\n {4}at |TODO/, who);
    }
    t.notOk(knowsPassword(fake));
  });
}

t.test('nor when the server names the method in its greeting', async (t) => {
  for (const method of Object.keys(impostors)) {
    const fake = await fakeMysql(
      t,
      (reply, packet, number) => {
        if (method === 'caching_sha2_password' && number === 1) reply(Buffer.from([1, 4]));
        else impostors[method]?.(reply, packet, number, undefined as never);
      },
      method,
    );
    await attempts(t, fake);
    t.notOk(knowsPassword(fake), method);
  }
});

t.test('a user may allow it', async (t) => {
  for (const method of ['caching_sha2_password', 'sha256_password']) {
    const fake = await fakeMysql(t, impostors[method] as Script);
    process.env.TEST_URL = `mysql://bench:${PASSWORD}@127.0.0.1:${fake.port}/bench?allowPublicKeyRetrieval=true&connectTimeout=5s`;
    const stage = await mysqlStage({ url: '${env:TEST_URL}', timeout: '5s' });
    const driver = stage.open().catch(() => undefined);
    for (let i = 0; i < 500 && !knowsPassword(fake); i++) await new Promise((resolve) => setTimeout(resolve, 20));
    t.ok(knowsPassword(fake), `${method}: and the test sees it when it was sent`);
    await (await driver)?.close();
  }
  const clear = await fakeMysql(t, impostors.mysql_clear_password as Script);
  const said = await attempts(t, clear, '?allowCleartextPasswords=true');
  t.match(said.driver, /use TLS and add allowCleartextPasswords=true/, 'in clear text only where it is encrypted');
  t.notOk(knowsPassword(clear));
});

t.test('a login method that nobody knows is named in our words', async (t) => {
  const fake = await fakeMysql(t, (reply) => reply(switchTo('authentication_kerberos_client')));
  const said = await attempts(t, fake);
  for (const [who, message] of Object.entries(said)) {
    t.match(
      message,
      /it asks for the login method "authentication_kerberos_client", which (bench|the target) does not have/,
      who,
    );
    t.notMatch(message, /TODO/, who);
  }
  const broken = await fakeMysql(t, (reply) => reply(Buffer.from([1, 9, 9])));
  const stage = attempts(t, broken);
  t.match((await stage).driver, /it broke off the login with an answer out of order$/);
});

t.test('ed25519 signs as Ed25519 does where the password is a key of 32 bytes', (t) => {
  // RFC 8032, 7.1, TEST 2, whose message is one byte.
  const key = Buffer.from('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb', 'hex');
  const signed = signChallenge(Buffer.from([0x72]), key);
  t.equal(
    signed.toString('hex'),
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  );
  t.end();
});
