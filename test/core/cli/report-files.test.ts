import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { planReports, writeReports } from '../../../core/cli/report-files.ts';
import { DOCUMENT_000, resultOf } from '../../kit/documents.ts';

const result = resultOf(DOCUMENT_000);

function plugin(render: string): string {
  return `export default {
    name: 'mine', description: '', render: ${render},
    options: { '~standard': { version: 1, vendor: 'test', validate: (value) =>
      Object.keys(value).every((key) => key === 'lang') ? { value } : { issues: [{ message: 'no such option' }] } } },
  };`;
}

t.test('files go into the run’s folder, one file under its own name, many into a folder of their own', async (t) => {
  const folder = t.testdir({
    'one.mjs': plugin("() => [{ name: 'one.txt', content: 'one' }]"),
    'two.mjs': plugin("() => [{ name: 'a.txt', content: 'a' }, { name: 'b.txt', content: 'b' }]"),
    there: {},
  });
  const out = join(folder, 'out');
  const wanted = [
    { use: './one.mjs' },
    { use: './one.mjs', path: join(folder, 'deep/er/named.txt') },
    { use: './one.mjs', path: join(folder, 'there') },
    { use: './two.mjs', path: join(folder, 'both') },
  ];
  const { written, problems } = await writeReports(result, await planReports(wanted, folder, { out }));
  t.strictSame(problems, []);
  t.strictSame(
    written.map((file) => readFileSync(file, 'utf8')),
    ['one', 'one', 'one', 'a', 'b'],
  );
  t.strictSame(readdirSync(out), ['one.txt']);
  t.strictSame(readdirSync(join(folder, 'deep/er')), ['named.txt'], 'and nothing unfinished beside it');
  t.strictSame(readdirSync(join(folder, 'there')), ['one.txt']);
  t.strictSame(readdirSync(join(folder, 'both')).sort(), ['a.txt', 'b.txt']);
});

t.test('the report of before stays whole when the new one cannot be written', async (t) => {
  const folder = t.testdir({
    'broken.mjs': plugin("() => { throw new Error('no ink'); }"),
    'one.mjs': plugin("() => [{ name: 'one.txt', content: 'new' }]"),
    out: { 'one.txt': { 'in-the-way': '' } },
  });
  const wanted = ['./broken.mjs', './one.mjs', 'json'];
  const planned = await planReports(wanted, folder, { out: join(folder, 'out') });
  const { written, problems } = await writeReports(result, planned);
  t.match(problems, [
    /^The report \.\/broken\.mjs could not be written: no ink$/,
    /^The report \.\/one\.mjs could not/,
  ]);
  t.match(written, [/result\.json$/], 'the others are still written');
  t.strictSame(readdirSync(join(folder, 'out')).sort(), ['one.txt', 'result.json']);
});

t.test('reports that know a language speak it', async (t) => {
  const folder = t.testdir({ 'mine.mjs': plugin("(_, { lang = 'none' }) => [{ name: 'lang.txt', content: lang }]") });
  const planned = await planReports(['./mine.mjs', 'markdown', 'json'], folder, { out: folder, lang: 'zh-CN' });
  t.strictSame((await writeReports(result, planned)).problems, []);
  t.equal(readFileSync(join(folder, 'lang.txt'), 'utf8'), 'zh-CN');
  t.match(readFileSync(join(folder, 'report.md'), 'utf8'), /[一-鿿]/);
});

t.test('what cannot work is said before the run, all at once', async (t) => {
  const folder = t.testdir({ 'mine.mjs': plugin('() => []'), file: '' });
  const wanted = [
    'markdwon',
    { use: './mine.mjs', options: { size: 3 } },
    { use: 'json', path: join(folder, 'file/result.json') },
  ];
  await t.rejects(planReports(wanted, folder, { out: folder }), {
    exitCode: 104,
    message: /unknown report "markdwon"; did you mean "markdown"\?\n.*no such option\n.*file.* is no folder/,
  });
});

t.test(
  'a folder that the system refuses is told, and holds up nothing',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const planned = await planReports(['json'], '/', { out: '/proc/no such folder' }).catch((error: Error) => error);
    // Only for root does /proc look as if it could be written.
    if (planned instanceof Error) return t.match(planned.message, /cannot be written/);
    const { problems } = await writeReports(result, planned);
    return t.match(problems, [/^The report json could not be written: .*\/proc\/no such folder/]);
  },
);
