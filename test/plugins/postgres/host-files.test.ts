import { resolve } from 'node:path';
import t from 'tap';
import { hostFilesIn } from '../../../plugins/postgres/client.ts';

t.test('certificates and socket folders are found, however the URL writes them', async (t) => {
  const cases: [url: string, files: string[]][] = [
    ['postgres://me@db.test:5432/a', []],
    ['postgres://me@db.test/a?host=other.test', []],
    ['postgres://me@db.test/a?sslrootcert=/ca.pem', ['/ca.pem']],
    ['postgres://me@db.test/a?sslcert=c.pem&sslkey=/k.pem', [resolve('c.pem'), '/k.pem']],
    ['postgres:///a?host=/run/postgresql', ['/run/postgresql']],
    ['postgresql://me@localhost/a?ho%73t=%2Frun%2Fpg', ['/run/pg']],
    ['postgres://%2Frun%2Fpg/a', ['/run/pg']],
    ['postgres://me@%2frun/a', ['/run']],
    ['post\tgres://me@%2f\nrun/a', ['/run']],
    ['postgres://me@db.test/a?ssl\tcert=c', [resolve('c')]],
  ];
  for (const [url, files] of cases) t.same(hostFilesIn(url), files, url);
});

t.test('an address in which references could name a file stands for them', async (t) => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: references of plans
  for (const url of ['postgres://me@${env:HOST}/a', 'postgres://me@db/a?host=${env:X}'])
    t.same(hostFilesIn(url), [url]);
});
