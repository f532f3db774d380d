// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of plans
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { createAuthority, issueServer } from '../../core/control/security/certificates.ts';
import { RunStore } from '../../core/control/store/run-store.ts';
import { mysqlAddress } from '../../core/mysql/address.ts';
import { mysqlTransport } from '../../core/mysql/connection-options.ts';
import { formatDatabaseUrl, parseDatabaseUrl } from '../../core/secrets/database-url.ts';
import mysqlMonitor from '../../plugins/mysql-monitor.ts';
import { DEFAULT_MYSQL_SETTINGS, startTarget } from '../../target/index.ts';
import { connectTo, privateMariadb } from '../kit/programs/mariadb.ts';
import { connectUser, mysqlStage } from './mysql-stage.ts';

t.setTimeout(400_000);

const folder = mkdtempSync(join(tmpdir(), 'bench-url-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
const authority = await createAuthority(Date.now());
const issued = await issueServer(authority, ['127.0.0.1'], Date.now());
writeFileSync(`${folder}/ca.pem`, authority.certificate);
writeFileSync(`${folder}/server.pem`, issued.certificate);
writeFileSync(`${folder}/server.key`, issued.key);
const server = await privateMariadb(t, {
  arguments: [
    `--ssl-cert=${folder}/server.pem`,
    `--ssl-key=${folder}/server.key`,
    '--plugin-load-add=auth_ed25519',
    '--plugin-maturity=unknown',
  ],
});
const admin = await connectTo(t, server.adminUrl);
const never = new AbortController().signal;
const url = '${env:TEST_URL}';

/** How the driver's own session is encrypted: empty when it is not. */
async function cipherOf(options: string): Promise<string> {
  process.env.TEST_URL = `${server.url}${options}`;
  const sql = `REPLACE INTO seen SELECT 1, variable_value FROM information_schema.session_status WHERE variable_name = 'Ssl_cipher'`;
  const stage = await mysqlStage({ url, operations: { look: { sql } } }, 'url', folder);
  await stage.prepare();
  const driver = await stage.open();
  const user = await connectUser(driver);
  t.match(await user.send('look', never), { ok: true });
  await user.close();
  await driver.close();
  t.match(await stage.verify(), { lost: 0 });
  await stage.cleanup();
  const [[row]] = (await admin.query('SELECT cipher FROM seen')) as unknown as [[{ cipher: string }]];
  return row.cipher;
}

t.test('ssl-mode and ssl-ca of a URL encrypt', async (t) => {
  await admin.query('CREATE TABLE seen (n INT PRIMARY KEY, cipher TEXT)');
  t.equal(await cipherOf(''), '');
  t.equal(await cipherOf('?ssl-mode=DISABLED'), '');
  t.match(await cipherOf('?ssl-mode=REQUIRED'), /^TLS/);
  t.match(await cipherOf('?ssl-mode=VERIFY_CA&ssl-ca=ca.pem'), /^TLS/);
  t.match(await cipherOf('?ssl-ca=ca.pem'), /^TLS/);
  await t.rejects(cipherOf('?ssl-mode=VERIFY_IDENTITY'), /its certificate is not signed by a trusted authority/);
  process.env.TEST_URL = `${server.url}?ssl-mode=REQUIRED`;
  const twice = await mysqlStage({ url, tls: {} }, 'url', folder);
  await t.rejects(twice.prepare(), /options\.url: its ssl-mode and the option tls say twice how to encrypt/);
});

t.test('a user who has to encrypt is let in by the monitor, the target and the store too', async (t) => {
  await admin.query("CREATE USER tls@'%' IDENTIFIED BY 'p' REQUIRE SSL; GRANT ALL ON *.* TO tls@'%'");
  const encrypted = `mysql://tls:p@127.0.0.1:${server.port}/bench?ssl-mode=VERIFY_CA&ssl-ca=${folder}/ca.pem`;
  const monitor = await mysqlMonitor.open({ url: encrypted }, { target: '', baseDirectory: folder });
  t.match(await monitor.sample(never), { threads_connected: Number });
  await monitor.close();
  const store = await RunStore.open(encrypted);
  await store.close();
  const parsed = parseDatabaseUrl(encrypted);
  const transport = mysqlTransport(mysqlAddress(parsed, folder), 5000);
  const db = formatDatabaseUrl({ ...parsed, options: new Map() });
  const mysql = { ...DEFAULT_MYSQL_SETTINGS, transport };
  const target = await startTarget({ host: '127.0.0.1', port: 0, db, mysql });
  t.equal((await fetch(`${target.url}/health`)).status, 200);
  await target.stop();
  await t.rejects(startTarget({ host: '127.0.0.1', port: 0, db: encrypted }), {
    message: 'The target takes the options of its MySQL URL from its settings, not from the URL.',
  });
});

t.test('a plan names only options that exist', async (t) => {
  const refused = mysqlStage({ url: 'mysql://u:${env:P}@${env:HOST}/d?ssl_mode=REQUIRED' });
  await t.rejects(refused, /its option ssl_mode is not known: did you mean ssl-mode\?/);
});

t.test('a socket file, and logins by ed25519', async (t) => {
  const password = 'pä:ss/w@rd-longer-than-thirty-two-bytes';
  await admin.query(
    `CREATE USER ed@'%' IDENTIFIED VIA ed25519 USING PASSWORD('${password}'); GRANT ALL ON bench.* TO ed@'%'`,
  );
  process.env.ED_PASSWORD = password;
  for (const place of [`127.0.0.1:${server.port}/bench`, `localhost/bench?socket=${server.folder}/socket`]) {
    process.env.TEST_URL = `mysql://ed:${encodeURIComponent(password)}@${place}`;
    const stage = await mysqlStage({ url }, 'ed', folder);
    await stage.prepare();
    const driver = await stage.open();
    const user = await connectUser(driver);
    t.match(await user.send('insert', never), { ok: true }, place);
    await user.close();
    await driver.close();
    t.match(await stage.verify(), { acknowledged: 1, lost: 0 });
    await stage.cleanup();
  }
  process.env.TEST_URL = `mysql://ed:wrong@127.0.0.1:${server.port}/bench`;
  const wrong = await mysqlStage({ url }, 'ed', folder);
  await t.rejects(wrong.prepare(), /rejects the login of ed/);
  process.env.TEST_URL = `mysql://ed:x@localhost/bench?socket=${folder}/nowhere`;
  const nowhere = await mysqlStage({ url }, 'ed', folder);
  await t.rejects(nowhere.prepare(), /the MySQL server at \S+\/nowhere cannot be used: there is no such socket file/);
});

t.test('a server that cannot be reached ends the preparation soon, and leaves nothing to clean up', async (t) => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  t.teardown(() => silent.close());
  const { port } = silent.address() as { port: number };
  process.env.TEST_URL = `mysql://u:p@127.0.0.1:${port}/bench?connectTimeout=300ms`;
  const started = performance.now();
  const stage = await mysqlStage({ url }, 'silent', folder);
  await t.rejects(stage.prepare(), {
    name: 'NotPreparedError',
    message: /did not answer within the connect time limit/,
  });
  await t.rejects(stage.open(), /did not answer within the connect time limit/);
  t.ok(performance.now() - started < 15_000);
  await t.rejects(
    mysqlStage({ url, connectTimeout: '1s' }).then((both) => both.prepare()),
    /it has a connectTimeout, and so has the driver: leave one of them out/,
  );
  process.env.TEST_URL = `mysql://bench:wrong@127.0.0.1:${server.port}/bench`;
  const wrong = await mysqlStage({ url }, 'wrong', folder);
  await t.rejects(wrong.prepare(), { name: 'NotPreparedError' });
});
