import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lchownSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import {
  planReports as planWith,
  type ReportSettings,
  type WantedReport,
  writeReports,
} from '../../../../core/cli/files/report-files.ts';
import { reportPlace, writeReport } from '../../../../core/cli/files/report-path.ts';
import { DOCUMENT_000, resultOf } from '../../../kit/results/documents.ts';

const result = resultOf(DOCUMENT_000);

function planReports(wanted: readonly WantedReport[], folder: string, settings: Omit<ReportSettings, 'reportAccess'>) {
  return planWith(wanted, folder, { ...settings, reportAccess: 'owner' });
}

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
  t.matchOnly(problems, [
    /^The report \.\/broken\.mjs could not be written: no ink\nError: no ink\n +at /,
    /^The report \.\/one\.mjs could not/,
  ]);
  t.matchOnly(written, [/result\.json$/], 'the others are still written');
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
    message: /unknown report "markdwon"; did you mean "markdown"\?\n.*no such option\n.*file.* is not a folder/,
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
    return t.strictSame(problems, [
      'The report json could not be written: /proc/no such folder/result.json: the folder /proc/no such folder cannot be made: no such file or directory',
    ]);
  },
);

t.test('a link stays a link: what it leads to is written, also when that is not there yet', async (t) => {
  const folder = t.testdir({ 'kept.json': 'of before', far: {}, links: {} });
  symlinkSync('../kept.json', join(folder, 'links/there'));
  symlinkSync('../far/new.json', join(folder, 'links/missing'));
  symlinkSync('missing', join(folder, 'links/twice'));
  const wanted = ['there', 'twice'].map((name) => ({ use: 'json', path: join(folder, 'links', name) }));
  const { problems } = await writeReports(result, await planReports(wanted, folder, { out: folder }));
  t.strictSame(problems, []);
  for (const name of ['there', 'missing', 'twice']) t.ok(lstatSync(join(folder, 'links', name)).isSymbolicLink(), name);
  for (const name of ['kept.json', 'far/new.json']) {
    t.equal(JSON.parse(readFileSync(join(folder, name), 'utf8')).runId, result.runId);
  }
  t.strictSame(readdirSync(join(folder, 'far')), ['new.json'], 'and nothing unfinished beside it');
});

t.test(
  'what is no file, such as a FIFO, takes the report and stays',
  { skip: process.platform === 'win32' },
  async (t) => {
    const folder = t.testdir();
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    symlinkSync('fifo', join(folder, 'link'));
    for (const name of ['fifo', 'link']) {
      // A folder that this user may not write to, such as /dev, does not matter then.
      const planned = await planReports([{ use: 'json', path: join(folder, name) }], folder, { out: folder });
      const [text, { problems }] = await Promise.all([readFile(fifo, 'utf8'), writeReports(result, planned)]);
      t.strictSame(problems, []);
      t.equal(JSON.parse(text).runId, result.runId);
      t.ok(lstatSync(fifo).isFIFO());
    }
    t.strictSame(readdirSync(folder).sort(), ['fifo', 'link']);
  },
);

t.test('two reports in one file are refused before the run, also by another name of it', async (t) => {
  const folder = t.testdir({ there: {}, 'file.json': '' });
  symlinkSync('file.json', join(folder, 'link'));
  const at = (use: string, place: string) => ({ use, path: join(folder, place) });
  for (const [first, second] of [
    ['x1', 'x1'],
    ['sub/x1', 'sub/../sub/x1'],
    ['file.json', 'link'],
  ] as const) {
    await t.rejects(planReports([at('json', first), at('junit', second)], folder, { out: folder }), {
      exitCode: 104,
      message: /^--report: json and junit would both be written to .*: give each a file of its own, or a folder/,
    });
  }
  for (const place of ['there', 'new/']) {
    await t.resolves(planReports([at('json', place), at('junit', place)], folder, { out: folder }), place);
  }
});

const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8);
const onPosix = { skip: process.platform === 'win32' };

t.test('reports are for their owner alone, unless others are asked for', onPosix, async (t) => {
  const umask = process.umask(0o077);
  t.teardown(() => process.umask(umask));
  for (const [reportAccess, mode] of [
    ['owner', '600'],
    ['group', '640'],
    ['everyone', '644'],
  ] as const) {
    const folder = t.testdir({ 'result.json': '' });
    chmodSync(join(folder, 'result.json'), 0o666);
    await writeReports(result, await planWith(['json', 'markdown'], folder, { out: folder, reportAccess }));
    t.equal(modeOf(join(folder, 'result.json')), mode, 'also where a file was there before');
    t.equal(modeOf(join(folder, 'report.md')), mode);
  }
});

t.test(
  'nobody else can put anything into a folder that is made for reports, whatever the umask',
  onPosix,
  async (t) => {
    const umask = process.umask(0);
    t.teardown(() => process.umask(umask));
    const folder = join(t.testdir(), 'reports');
    await writeReports(result, await planReports(['json'], folder, { out: join(folder, 'run') }));
    t.same([folder, join(folder, 'run')].map(modeOf), ['755', '755']);
  },
);

t.test('a file that others have put where the report is written first is not used', onPosix, async (t) => {
  const folder = t.testdir({ victim: 'secret', out: {} });
  // As the name was made before: of the report and the process.
  symlinkSync('../victim', join(folder, 'out', `.result.json.${process.pid}`));
  const { problems } = await writeReports(result, await planReports(['json'], folder, { out: join(folder, 'out') }));
  t.strictSame(problems, []);
  t.equal(readFileSync(join(folder, 'victim'), 'utf8'), 'secret');
});

t.test('a folder that is swapped for a link when its path has been checked gets no report', onPosix, async (t) => {
  const folder = t.testdir({ out: {}, victim: { 'result.json': 'secret' } });
  const place = await reportPlace(join(folder, 'out', 'result.json'));
  renameSync(join(folder, 'out'), join(folder, 'moved'));
  symlinkSync('victim', join(folder, 'out'));
  const writing = writeReport(place, 'report', 'owner');
  if (process.platform === 'linux') await t.rejects(writing, { message: /out was replaced by a link to .*victim/ });
  else await writing;
  t.equal(readFileSync(join(folder, 'victim', 'result.json'), 'utf8'), 'secret');
  t.strictSame(readdirSync(join(folder, 'victim')), ['result.json'], 'not even an unfinished one');
});

const asRoot = { skip: process.geteuid?.() === 0 ? false : 'only root can make a link that belongs to another user' };

t.test('a link of another user in a folder that others can write leads nowhere', asRoot, async (t) => {
  const other = 65_534;
  const folder = t.testdir({ victim: 'secret', shared: {}, theirs: {}, own: {} });
  chmodSync(join(folder, 'shared'), 0o1777);
  chownSync(join(folder, 'theirs'), other, other);
  for (const place of ['shared', 'theirs', 'own']) {
    const link = join(folder, place, 'result.json');
    symlinkSync('../victim', link);
    lchownSync(link, other, other);
    symlinkSync(folder, join(folder, place, 'folder'));
    lchownSync(join(folder, place, 'folder'), other, other);
  }
  for (const place of ['shared', 'theirs']) {
    for (const [wanted, out] of [
      [[{ use: 'json', path: join(folder, place, 'result.json') }], folder],
      [[{ use: 'json', path: join(folder, place, 'folder/victim') }], folder],
      [['json'], join(folder, place, 'folder')],
    ] as const) {
      await t.rejects(planReports(wanted, folder, { out }), {
        exitCode: 104,
        message: /(result\.json|folder) belongs to another user, who could redirect with it what is written there/,
      });
    }
    // The link came after the run began.
    const planned = await planReports(['json'], folder, { out: join(folder, place, 'x', '..') });
    const { problems } = await writeReports(result, planned);
    t.matchOnly(problems, [/result\.json belongs to another user/]);
  }
  t.equal(readFileSync(join(folder, 'victim'), 'utf8'), 'secret');
  const { problems } = await writeReports(result, await planReports(['json'], folder, { out: join(folder, 'own') }));
  t.strictSame(problems, [], 'where only this user could have put it, it is followed');
  t.not(readFileSync(join(folder, 'victim'), 'utf8'), 'secret');
});

t.test('a FIFO of another user in a folder that others can write gets no report', asRoot, async (t) => {
  const folder = t.testdir({ shared: {} });
  chmodSync(join(folder, 'shared'), 0o1777);
  const fifo = join(folder, 'shared/result.json');
  execFileSync('mkfifo', [fifo]);
  chownSync(fifo, 65_534, 65_534);
  await t.rejects(planReports([{ use: 'json', path: fifo }], folder, { out: folder }), { message: /another user/ });
});
