// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of plans
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { createAuthority, issueServer } from '../../core/control/security/certificates.ts';
import { type MysqlTls, mysqlAddress } from '../../core/mysql/address.ts';
import { mysqlTransport } from '../../core/mysql/connection-options.ts';
import { parseDatabaseUrl } from '../../core/secrets/database-url.ts';
import { mysqlFailure } from '../../plugins/mysql/failure.ts';
import mysqlMonitor from '../../plugins/mysql-monitor.ts';
import { DEFAULT_MYSQL_SETTINGS, startTarget } from '../../target/index.ts';
import { matchEach } from '../kit/match-each.ts';
import { connectTo, privateMariadb } from '../kit/programs/mariadb.ts';
import { connectUser, mysqlStage } from './mysql-stage.ts';

t.setTimeout(400_000);

const folder = mkdtempSync(join(tmpdir(), 'bench-tls-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
const [authority, stranger] = await Promise.all([createAuthority(Date.now()), createAuthority(Date.now())]);
const issued = await issueServer(authority, ['127.0.0.1'], Date.now());
writeFileSync(`${folder}/ca.pem`, authority.certificate);
writeFileSync(`${folder}/stranger.pem`, stranger.certificate);
writeFileSync(`${folder}/server.pem`, issued.certificate);
writeFileSync(`${folder}/server.key`, issued.key);
const [server, plain] = await Promise.all([
  privateMariadb(t, { arguments: [`--ssl-cert=${folder}/server.pem`, `--ssl-key=${folder}/server.key`] }),
  privateMariadb(t),
]);
const never = new AbortController().signal;
process.env.TEST_TLS_URL = server.url;
process.env.TEST_TLS_NAMED_URL = server.url.replace('127.0.0.1', 'localhost');
process.env.TEST_PLAIN_URL = plain.url;
const url = '${env:TEST_TLS_URL}';

t.test('the driver and the monitor encrypt, and know the server by its certificate', async (t) => {
  const tls = { ca: 'ca.pem' };
  const stage = await mysqlStage(
    {
      url,
      tls,
      operations: {
        cipher: {
          sql: 'INSERT INTO ciphers SELECT 1 FROM information_schema.session_status WHERE variable_name = ? AND variable_value <> ?',
          parameters: ['Ssl_cipher', ''],
        },
      },
    },
    'tls',
    folder,
  );
  const admin = await connectTo(t, server.adminUrl);
  await admin.query('CREATE TABLE ciphers (n INT)');
  await stage.prepare();
  const driver = await stage.open();
  const user = await connectUser(driver);
  t.match(await user.send('insert', never), { ok: true });
  t.match(await user.send('cipher', never), { ok: true });
  matchEach(t, (await admin.query('SELECT * FROM ciphers'))[0], [{ n: 1 }], 'it is encrypted');
  t.match(await stage.verify(), { acknowledged: 1, lost: 0 });
  await user.close();
  await driver.close();
  await stage.cleanup();
  const monitor = await mysqlMonitor.open(
    { url: server.url, tls: { ...tls, insecure: false } },
    { target: '', baseDirectory: folder },
  );
  t.match(await monitor.sample(never), { threads_connected: Number });
  await monitor.close();
});

t.test('whom the driver cannot know, it does not tell the password', async (t) => {
  const refusal = async (options: Record<string, unknown>) => {
    const prepared = mysqlStage(options, 'tls', folder).then((stage) => stage.prepare());
    return prepared.then(
      () => 'it was prepared',
      (error: Error) => error.message,
    );
  };
  t.match(
    await refusal({ url, tls: { ca: 'stranger.pem' } }),
    /cannot be used: its certificate is not signed by a trusted authority; name the authority in tls\.ca .*, or accept any/,
  );
  t.match(await refusal({ url, tls: {} }), /not signed by a trusted authority/, 'nor is it one of the usual ones');
  t.match(
    await refusal({ url: '${env:TEST_TLS_NAMED_URL}', tls: { ca: 'ca.pem' } }),
    /its certificate is for another host name than the one in the URL$/,
  );
  t.match(
    await refusal({ url: '${env:TEST_PLAIN_URL}', tls: { ca: 'ca.pem' } }),
    /it offers no TLS; switch TLS on there, or leave out tls /,
  );
  t.match(
    await refusal({ url, tls: { ca: 'nowhere.pem' } }),
    /tls\.ca: the file "\S+nowhere\.pem" cannot be read \(no such file or directory\)/,
  );
  t.match(await refusal({ url, tls: { cert: 'ca.pem' } }), /a client certificate needs both/);
  t.equal(await refusal({ url: '${env:TEST_TLS_NAMED_URL}', tls: { insecure: true } }), 'it was prepared');
  await (await mysqlStage({ url }, 'tls')).cleanup();
});

t.test('so does the target', async (t) => {
  const start = async (db: string, tls: MysqlTls) => {
    const address = { ...mysqlAddress(parseDatabaseUrl(db), folder), tls };
    const mysql = { ...DEFAULT_MYSQL_SETTINGS, transport: mysqlTransport(address, 5000) };
    const target = await startTarget({ host: '127.0.0.1', port: 0, db, mysql });
    const { status } = await fetch(`${target.url}/health`);
    await target.stop();
    return status;
  };
  const refusal = (db: string, tls: MysqlTls) => start(db, tls).then(String, (error: Error) => error.message);
  const trustedIn = (path: string): MysqlTls => ({ ca: { option: '--db-tls-ca', path }, verify: 'identity' });
  const trusted = trustedIn(`${folder}/ca.pem`);
  t.equal(await start(server.url, trusted), 200);
  t.equal(await start(server.url, { verify: 'none' }), 200);
  t.match(
    await refusal(server.url, trustedIn(`${folder}/stranger.pem`)),
    /certificate is not signed by a trusted authority; name the authority in --db-tls-ca, or accept any certificate with --db-tls-insecure\.$/,
  );
  t.match(
    await refusal(server.url.replace('127.0.0.1', 'localhost'), trusted),
    /its certificate is for another host name than the one in --db\.$/,
  );
  t.match(await refusal(plain.url, trusted), /it offers no TLS; switch TLS on there, or leave out the flags --db-tls…/);
  t.match(
    await refusal(server.url, trustedIn('/nowhere.pem')),
    /^--db-tls-ca: the file "\/nowhere\.pem" cannot be read/,
  );
});

t.test('a server that takes only encrypted connections', async (t) => {
  const admin = await connectTo(t, server.adminUrl);
  await admin.query('SET GLOBAL require_secure_transport = ON');
  const stage = await mysqlStage({ url }, 'plain');
  await t.rejects(
    stage.prepare(),
    /rejects the login of bench: .*; a server also answers so to a user who has to use TLS: then set tls \(in a URL: ssl-mode\)$/,
  );
  await t.rejects(startTarget({ host: '127.0.0.1', port: 0, db: server.url }), {
    message:
      /rejects the login of bench: .*; a server also answers so to a user who has to use TLS: then give --db-tls\.$/,
  });
  // MySQL says it in an error of its own.
  const error = Object.assign(new Error('Connections using …'), {
    errno: 3159,
    code: 'ER_SECURE_TRANSPORT_REQUIRED',
    sqlState: 'HY000',
  });
  t.match(mysqlFailure(error), {
    kind: 'tls_required',
    message: '3159: Connections using … (encrypt the connection: tls: {} in the plan, or ssl-mode in the URL)',
  });
});
