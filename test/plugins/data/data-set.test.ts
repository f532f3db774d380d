import { execFileSync } from 'node:child_process';
import { symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { randomStream } from '../../../core/plan/random.ts';
import { dealAllHere } from '../../../core/script/dealt-indices.ts';
import { DataRows, setsNeeded } from '../../../plugins/data/data-option.ts';
import { DataSet, type DataSetOptions } from '../../../plugins/data/data-set.ts';

const random = randomStream(1, 0);
const alone = (length: number, repeats: boolean) => dealAllHere('', length, repeats);

async function open(t: Test, name: string, text: string, options: Partial<DataSetOptions> = {}): Promise<DataSet> {
  const folder = t.testdir({ [name]: text });
  return DataSet.open({ file: name, order: 'shared', atEnd: 'loop', ...options }, folder, alone);
}

t.test('CSV, TSV and JSON give the same rows', async (t) => {
  const files = {
    'a.csv': '\ufeffname,note\r\nann,"x, ""y""\nz"\r\n\r\nbob,\r\n',
    'a.tsv': 'name\tnote\nann\t"x, ""y""\nz"\nbob\t\n',
    'a.json': JSON.stringify([
      { name: 'ann', note: 'x, "y"\nz' },
      { note: '', name: 'bob', more: 1 },
    ]),
  };
  for (const [name, text] of Object.entries(files)) {
    const set = await open(t, name, text);
    t.strictSame(
      set.rows,
      [
        ['ann', 'x, "y"\nz'],
        ['bob', ''],
      ],
      name,
    );
    t.equal(set.column('note'), 1);
    t.throws(() => set.column('nmae'), { name: 'PluginError', message: /no column "nmae"; did you mean "name"\?/ });
  }
  const typed = await open(t, 'b.json', '[{"a":1.5,"b":true,"c":null,"d":[1]}]');
  t.strictSame(typed.rows, [['1.5', 'true', 'null', '[1]']]);
});

t.test('what is wrong is told, with its line', async (t) => {
  const cases: [name: string, text: string, message: RegExp][] = [
    ['a.csv', 'a,b\n1,2\n3\n', /^data file a\.csv, line 3: the row has 1 values, but there are 2 columns$/],
    ['a.csv', 'a,b\n1,2,3\n', /^data file a\.csv, line 2: the row has 3 values/],
    ['a.csv', 'a,b\n1,"2\n3,4\n', /line 2: a quote is opened and never closed/],
    ['a.csv', 'a,b\r\n"x""\r\ny",2\r\n1,"2""\r\n3,""4\r\n', /line 4: a quote is opened and never closed/],
    ['a.csv', 'a,b\n1,x"y"\n', /^data file a\.csv, line 2: /],
    ['a.csv', 'a,b\n', /^data file a\.csv has no rows$/],
    ['a.csv', '', /has no rows/],
    ['a.json', '{"a":1}', /must hold a list of objects/],
    ['a.json', '[{"a":1},2]', /^data file a\.json, entry 2: must be an object$/],
    ['a.json', '[{"a":1},{"b":1}]', /^data file a\.json, entry 2: "a" is missing$/],
    ['a.json', '[', /is not JSON/],
    ['a.json', '[{"a":1},{"a":1,"a":2}]', /^data file a\.json, entry 2: the key "a" occurs twice in one object$/],
    ['a.json', '[{"a":"b"},{"a":"x\\ud800"}]', /^data file a\.json, entry 2: "a" contains half a character/],
    ['a.xml', '<a/>', /must end in \.csv, \.tsv or \.json/],
  ];
  for (const [name, text, message] of cases)
    await t.rejects(() => open(t, name, text), { name: 'PluginError', message });
  const missing: DataSetOptions = { file: 'none.csv', order: 'shared', atEnd: 'loop' };
  await t.rejects(() => DataSet.open(missing, t.testdirName, alone), {
    message: `data file none.csv cannot be read: ${join(t.testdirName, 'none.csv')}: no such file or directory`,
  });
});

t.test('line ends may be mixed', async (t) => {
  const expected = [
    ['ann', '1'],
    ['bob', '2'],
  ];
  for (const text of [
    'name,id\nann,1\r\nbob,2\n',
    'name,id\r\nann,1\nbob,2\n',
    'name,id\r\nann,1\r\nbob,2',
    'name,id\rann,1\rbob,2\r',
  ]) {
    const set = await open(t, 'a.csv', text);
    t.strictSame(set.rows, expected, JSON.stringify(text));
    t.equal(set.column('id'), 1);
  }
  t.strictSame((await open(t, 'a.csv', 'a,b\n"1\r\n2",3\r\n')).rows, [['1\r\n2', '3']], 'line ends in quotes stay');
});

t.test('bytes that are not UTF-8 are refused with their line', async (t) => {
  const latin1 = (name: string, text: string) => {
    const folder = t.testdir({});
    writeFileSync(join(folder, name), text, 'latin1');
    return () => DataSet.open({ file: name, order: 'shared', atEnd: 'loop' }, folder, alone);
  };
  await t.rejects(latin1('a.csv', 'name\nann\nJos\u00e9\n'), {
    name: 'PluginError',
    message: 'data file a.csv, line 3 is not UTF-8 text; save the file with the encoding UTF-8',
  });
  await t.rejects(latin1('a.json', '[{"a":"\u00e9"}]'), { message: /^data file a\.json, line 1 is not UTF-8/ });
  await t.rejects(latin1('a.tsv', '\u00ff\u00fea\u0000'), { message: /line 1 is not UTF-8/ });
});

t.test('numbers in JSON are sent as they are written', async (t) => {
  const text = '[{"id":9007199254740993,"price":1.10,"big":1e400,"list":[12345678901234567890,1],"__proto__":7}]';
  const set = await open(t, 'a.json', text);
  t.strictSame(set.rows, [['9007199254740993', '1.10', '1e400', '[12345678901234567890,1]', '7']]);
  t.equal(set.column('__proto__'), 4);
});

t.test('what is not a regular file is refused in a sentence', async (t) => {
  const folder = t.testdir({ 'folder.csv': {}, 'long.json': '' });
  execFileSync('mkfifo', [join(folder, 'pipe.csv')]);
  symlinkSync('/dev/zero', join(folder, 'zero.csv'));
  const opened = (file: string) => () => DataSet.open({ file, order: 'shared', atEnd: 'loop' }, folder, alone);
  await t.rejects(opened('folder.csv'), {
    message: `data file folder.csv cannot be read: ${join(folder, 'folder.csv')}: it is a folder`,
  });
  await t.rejects(opened('pipe.csv'), {
    message: /^data file pipe\.csv cannot be read: .*: it is a device or a pipe, not a regular file$/,
  });
  await t.rejects(opened('zero.csv'), {
    message: /^data file zero\.csv cannot be read: .*: it is a device or a pipe, not a regular file$/,
  });
  truncateSync(join(folder, 'long.json'), (32 << 20) + 1);
  await t.rejects(opened('long.json'), {
    message: /^data file long\.json cannot be read: .*: it is larger than 32 MiB$/,
  });
  await t.rejects(() => open(t, 'a.csv', 'id,id\n1,2\n'), {
    message: 'data file a.csv, line 1: two columns are named "id"',
  });
});

t.test('a hundred thousand columns take no square of the time', { timeout: 60_000 }, async (t) => {
  const names = Array.from({ length: 100_000 }, (_, i) => `c${i}`);
  const data = await open(t, 'a.csv', `${names.join(',')}\n${names.join(',')}\n`);
  t.equal(data.columns.length, 100_000);
  t.equal(data.rows.at(0)?.[99_999], 'c99999');
  const twice = [...names, 'c7', 'c8'].join(',');
  await t.rejects(() => open(t, 'b.csv', `${twice}\n`), {
    message: 'data file b.csv, line 1: two columns are named "c7"',
  });
});

t.test('who gets which row', async (t) => {
  const text = 'n\n0\n1\n2\n';
  const take = async (options: Partial<DataSetOptions>, users: readonly number[]) => {
    const set = await open(t, 'a.csv', text, options);
    return users.map((user) => set.take(user, random)?.[0]);
  };
  t.strictSame(await take({ order: 'shared' }, [5, 0, 5, 0]), ['0', '1', '2', '0'], 'row by row, and again');
  t.strictSame(await take({ order: 'shared', atEnd: 'stop' }, [0, 0, 0, 0]), ['0', '1', '2', undefined]);
  t.strictSame(await take({ order: 'user' }, [4, 1, 4]), ['1', '1', '1'], 'its own');
  t.strictSame(await take({ order: 'user', atEnd: 'error' }, [2, 3]), ['2', undefined]);
  const drawn = await take({ order: 'random', atEnd: 'error' }, Array(100).fill(0));
  t.strictSame([...new Set(drawn)].sort(), ['0', '1', '2'], 'any, without an end');
});

/** Users of one agent that send by turns until each has sent so many requests or has no row. */
function sent(sets: readonly DataSet[], users: number, requests: number): string[] {
  const rows = Array.from({ length: users }, (_, user) => new DataRows(sets, { index: user, random }, new Set([0])));
  const values: string[] = [];
  for (let i = 0; i < requests; i++) {
    for (const user of rows) {
      if (user.finished === true) continue;
      values.push(user.take([0]) ?? String(user.present[0]?.[0]));
    }
  }
  return values;
}

const numbered = (count: number) => `n\n${Array.from({ length: count }, (_, i) => `${i}\n`).join('')}`;
const upTo = (count: number) => Array.from({ length: count }, (_, i) => String(i));

t.test('a row is taken when it is sent, so none is left over and none is used twice', async (t) => {
  for (const atEnd of ['loop', 'stop', 'error'] as const) {
    // As many rows as requests, and users that come and go without sending.
    const set = await open(t, 'a.csv', numbered(20), { atEnd });
    for (let i = 0; i < 7; i++) new DataRows([set], { index: 100 + i, random }, new Set([0]));
    t.strictSame(sent([set], 4, 5), upTo(20), atEnd);
  }
  const stopping = await open(t, 'a.csv', numbered(18), { atEnd: 'stop' });
  t.strictSame(sent([stopping], 4, 5), upTo(18), 'a user ends only when no row is left');
  const failing = sent([await open(t, 'a.csv', numbered(18), { atEnd: 'error' })], 4, 5);
  t.strictSame(failing, [...upTo(18), ...Array(2).fill('data file a.csv: all rows are used')]);
});

t.test('a row may stay for a pass, and one that the start has taken for the virtual user', async (t) => {
  const kept = await open(t, 'a.csv', numbered(6), { atEnd: 'stop', per: 'pass' });
  const other = await open(t, 'a.csv', numbered(6), { atEnd: 'stop' });
  const user = { index: 0, random, pass: 1 };
  const rows = new DataRows([kept, other], user, new Set([0, 1]));
  const takenIn = (pass: number) => {
    user.pass = pass;
    return [1, 2].flatMap(() => rows.take([0, 1]) ?? rows.present.map((row) => row?.[0]));
  };
  t.strictSame(takenIn(1), ['0', '0', '0', '1']);
  t.strictSame(takenIn(2), ['1', '2', '1', '3']);

  const late = new DataRows([await open(t, 'a.csv', numbered(2), { atEnd: 'stop', per: 'pass' })], user, new Set([0]));
  for (const pass of [7, 8]) {
    user.pass = pass;
    t.equal(late.finished, false, 'the next pass has a row');
    t.strictSame([late.take([0]), late.take([0])], [undefined, undefined]);
  }
  t.equal(late.finishedFor([0]), false, 'this pass has its row, though it was the last one');
  user.pass = 9;
  t.equal(late.finished, true);
  t.equal(late.take([0]), 'data file a.csv: all rows are used');

  const once = await open(t, 'a.csv', numbered(1), { atEnd: 'stop', per: 'pass' });
  const starting = { index: 0, random, pass: 0 };
  const own = new DataRows([once], starting, new Set([0]));
  t.equal(own.take([0]), undefined);
  for (const pass of [1, 2]) {
    starting.pass = pass;
    t.strictSame([own.finished, own.take([0]), own.present[0]], [false, undefined, ['0']]);
  }
});

t.test('data that none of its operations use never end a virtual user', async (t) => {
  const used = await open(t, 'a.csv', numbered(1), { atEnd: 'stop' });
  const own = await open(t, 'a.csv', numbered(1), { order: 'user', atEnd: 'stop' });
  const operations = new Map([
    ['plain', { sets: [] }],
    ['row', { sets: [0] }],
  ]);
  const userOf = (sendable?: readonly string[]) =>
    new DataRows([used, own], { index: 7, random }, setsNeeded(operations, sendable && new Set(sendable)));
  const [plain, row, any] = [userOf(['plain']), userOf(['plain', 'row']), userOf()];
  t.equal(row.take([0]), undefined);
  t.equal(plain.finished, false);
  t.equal(row.finished, true);
  t.equal(any.finished, true, 'a script may send any');
});

t.test('a virtual user waits for rows that are not here yet', async (t) => {
  const folder = t.testdir({ 'a.csv': numbered(3) });
  const wait = Promise.resolve();
  const opened = async (atEnd: DataSetOptions['atEnd'], hasNext: boolean | Promise<unknown>) => {
    const dealt = { hasNext, take: () => (hasNext === true ? 2 : undefined) };
    return new DataRows(
      [await DataSet.open({ file: 'a.csv', order: 'shared', atEnd }, folder, () => dealt)],
      { index: 0, random },
      new Set([0]),
    );
  };
  for (const atEnd of ['loop', 'stop', 'error'] as const) {
    t.equal((await opened(atEnd, wait)).finished, wait, atEnd);
    t.match((await opened(atEnd, wait)).take([0]), /a\.csv: its next rows have not come from control yet$/);
    t.equal((await opened(atEnd, true)).finished, false);
    t.equal((await opened(atEnd, false)).finished, atEnd === 'stop');
  }
  const rows = await opened('stop', true);
  t.equal(rows.take([0]), undefined);
  t.strictSame(rows.present[0], ['2'], 'the row that was dealt');
});
