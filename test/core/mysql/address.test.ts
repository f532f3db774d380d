import t from 'tap';
import { mysqlAddress } from '../../../core/mysql/address.ts';
import { formatDatabaseUrl, parseDatabaseUrl } from '../../../core/secrets/database-url.ts';
import { lookupIn } from '../../../core/secrets/reference.ts';

function addressOf(options: string, host = 'localhost') {
  return mysqlAddress(parseDatabaseUrl(`mysql://u:secret@${host}/d${options}`), '/plans');
}

function refusal(options: string, host?: string): string {
  try {
    return `accepted as ${JSON.stringify(addressOf(options, host))}`;
  } catch (error) {
    return (error as Error).message;
  }
}

t.test('each option of a URL takes effect', async (t) => {
  t.match(addressOf(''), {
    port: 3306,
    tls: undefined,
    socket: undefined,
    connectTimeoutMs: undefined,
    allowPublicKeyRetrieval: false,
    allowCleartextPasswords: false,
    text: 'u@localhost:3306/d',
  });
  t.match(addressOf('?ssl-mode=REQUIRED').tls, { verify: 'none', ca: undefined });
  t.match(addressOf('?ssl-mode=required&ssl-ca=ca.pem').tls, {
    verify: 'ca',
    ca: { option: 'ssl-ca', path: '/plans/ca.pem' },
  });
  t.match(addressOf('?ssl-mode=VERIFY_CA').tls, { verify: 'ca' });
  t.match(addressOf('?ssl-mode=VERIFY_IDENTITY').tls, { verify: 'identity' });
  t.match(addressOf('?ssl-ca=/etc/ca.pem').tls, { verify: 'identity', ca: { path: '/etc/ca.pem' } });
  t.match(addressOf('?ssl-cert=a&ssl-key=b').tls, { cert: { path: '/plans/a' }, key: { path: '/plans/b' } });
  t.equal(addressOf('?ssl-mode=DISABLED').tls, undefined);
  t.match(addressOf('?socket=/run/my.sock'), { socket: '/run/my.sock', text: 'u@localhost(/run/my.sock)/d' });
  t.equal(addressOf('?connectTimeout=1500ms').connectTimeoutMs, 1500);
  t.equal(addressOf('?charset=UTF8MB4').host, 'localhost');
  t.ok(addressOf('?allowPublicKeyRetrieval=true').allowPublicKeyRetrieval);
  t.ok(addressOf('?allowCleartextPasswords=true').allowCleartextPasswords);
});

t.test('what cannot take effect is refused in a sentence, without the password', async (t) => {
  const cases: [options: string, message: RegExp, host?: string][] = [
    ['?sslmode=REQUIRED', /^its option sslmode is not known: did you mean ssl-mode\?$/],
    ['?ssl=true', /^its option ssl is not known: /],
    [
      '?useUnicode=yes',
      /^its option useUnicode is not known: it may have ssl-mode, ssl-ca, .*allowCleartextPasswords$/,
    ],
    ['?ssl-mode=PREFERRED', /^ssl-mode=PREFERRED may end without encryption: write REQUIRED/],
    ['?ssl-mode=on', /^ssl-mode=on is not known: write DISABLED, REQUIRED/],
    ['?ssl-mode=constructor', /^ssl-mode=constructor is not known/],
    ['?ssl-mode=DISABLED&ssl-ca=a', /^ssl-mode=DISABLED contradicts ssl-ca/],
    ['?ssl-cert=a', /^a client certificate needs both: give ssl-cert and ssl-key$/],
    ['?ssl-ca=', /^ssl-ca is empty/],
    ['?charset=latin1', /^charset=latin1 is not possible: bench always speaks utf8mb4/],
    ['?socket=/a', /^socket is the path of a socket file on this host: write mysql:\/\/user@localhost/, 'db.example'],
    [
      '?connectTimeout=5000',
      /^connectTimeout=5000 is not a duration of at most 1h: write it with a unit, such as 500ms/,
    ],
    ['?connectTimeout=0s', /^connectTimeout=0s is not a duration/],
    ['?allowPublicKeyRetrieval=1', /^allowPublicKeyRetrieval=1 is not possible: write true or false$/],
    ['?charset=utf8mb4&charset=utf8mb4', /^the URL has the option charset twice: leave one out$/],
    ['#x', /is not a database URL/],
  ];
  for (const [options, message, host] of cases) {
    t.match(refusal(options, host), message);
    t.notMatch(refusal(options, host), /secret/);
  }
});

t.test('options survive the strict form, and may come from the environment', async (t) => {
  const lookup = lookupIn({ CA: '/a b&c=d/ca.pem' });
  const url = parseDatabaseUrl(`mysql://u:p@h/d?ssl-ca=\${env:CA}&ssl-mode=VERIFY_CA`, lookup);
  t.equal(url.options.get('ssl-ca'), '/a b&c=d/ca.pem');
  t.strictSame(parseDatabaseUrl(formatDatabaseUrl(url)).options, url.options);
});
