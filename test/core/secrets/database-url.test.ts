// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references
import t from 'tap';
import { parsePlan } from '../../../core/plan/parse.ts';
import {
  formatDatabaseUrl,
  holdsPassword,
  parseDatabaseUrl,
  withoutPassword,
} from '../../../core/secrets/database-url.ts';
import { lookupIn } from '../../../core/secrets/reference.ts';

t.test('a URL is taken apart, and put together in its strict form', async (t) => {
  const url = parseDatabaseUrl('MySQL://bench:secret@db.example:3307/rows?charset=utf8mb4');
  t.strictSame(url, {
    scheme: 'mysql',
    user: 'bench',
    password: 'secret',
    host: 'db.example',
    port: 3307,
    database: 'rows',
    options: new Map([['charset', 'utf8mb4']]),
  });
  t.equal(formatDatabaseUrl(url), 'mysql://bench:secret@db.example:3307/rows?charset=utf8mb4');
  t.match(parseDatabaseUrl('mysql://u@[::1]/d'), { host: '::1', port: undefined, password: '', database: 'd' });
});

t.test('a password may hold any character: as it is, percent-encoded, or out of the environment', async (t) => {
  for (const password of ['p@ss:w/o?r#d', '100%', 'ä ö', "'\\`", '%zz@']) {
    const environment = { DB_PASSWORD: password };
    t.equal(parseDatabaseUrl(`mysql://u:${encodeURIComponent(password)}@h:1/d`).password, password);
    t.equal(parseDatabaseUrl(`mysql://u:\${env:DB_PASSWORD}@h:1/d`, lookupIn(environment)).password, password);
    const strict = formatDatabaseUrl(parseDatabaseUrl(`mysql://u:\${env:DB_PASSWORD}@h:1/d`, lookupIn(environment)));
    t.equal(decodeURIComponent(new URL(strict).password), password);
  }
  t.equal(parseDatabaseUrl('mysql://u:p@ss/w#o?rd@h:1/d').password, 'p@ss/w#o?rd');
  t.equal(parseDatabaseUrl(`\${env:URL}`, lookupIn({ URL: 'mysql://u:p%40@h/d' })).password, 'p@');
});

t.test('each part may come from a variable or a file, and is taken as it is', (t) => {
  const files = new Map([['/run/secrets/db', 'p@s/s:$${env:USER}\n']]);
  const lookup = lookupIn({ USER: 'u%41', HOST: 'h' }, (path) => files.get(path) ?? '');
  const url = parseDatabaseUrl('mysql://${env:USER}:${file:/run/secrets/db}@${env:HOST}:3307/d', lookup);
  t.match(url, { user: 'u%41', password: 'p@s/s:$${env:USER}', host: 'h', port: 3307, database: 'd' });
  t.end();
});

t.test('what is wrong is said without the password', async (t) => {
  t.throws(
    () => parseDatabaseUrl(`mysql://u:\${env:NOT_SET}@h/d`, lookupIn({})),
    /\$\{env:NOT_SET\} has no value: set the variable/,
  );
  t.throws(
    () => parseDatabaseUrl('mysql://u:secret@/d'),
    /^(?!.*secret).*is not a database URL: write it like mysql:/s,
  );
  t.throws(() => parseDatabaseUrl('nonsense'), /"nonsense" is not a database URL/);
  const noUrl = lookupIn({ URL: 'secret no url' });
  t.throws(() => parseDatabaseUrl(`\${env:URL}`, noUrl), /^(?!.*secret)"\$\{env:URL\}" is not a database URL/s);
  t.equal(withoutPassword('mysql://u:p@ss@h/d'), 'mysql://u:***@h/d');
  t.notOk(holdsPassword(`mysql://u:\${env:X}@h/d`));
  t.notOk(holdsPassword(`mysql://u:\${file:/run/secrets/db}@h/d`));
  t.notOk(holdsPassword('http://127.0.0.1:5002/a:b@c'));
});

t.test('a plan holds no password', async (t) => {
  const plan = { name: 'x', target: 'mysql://u:secret@h/d', scenarios: {} };
  t.throws(() => parsePlan(plan), /^(?!.*secret).*target: contains a password, and plans are stored and printed/s);
});
