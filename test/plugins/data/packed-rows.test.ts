import fc from 'fast-check';
import t from 'tap';
import { parseCsv } from '../../../plugins/data/csv.ts';
import { DataSet } from '../../../plugins/data/data-set.ts';
import { PackedRows } from '../../../plugins/data/packed-rows.ts';

for (const [what, unit, before] of [
  ['any characters', 'grapheme', 'ä'],
  ['ASCII', 'grapheme-ascii', 'a'],
] as const) {
  t.test(`packed rows of ${what} are the rows that were added`, async (t) => {
    const value = fc.string({ unit });
    const table = fc.array(fc.tuple(value, value, fc.constantFrom('', 'x')), { maxLength: 40 });
    fc.assert(
      fc.property(table, (rows) => {
        const packed = new PackedRows(3, Buffer.alloc(100_000, before));
        for (const row of rows) packed.add(row);
        const isSame = rows.every((row, i) => packed.at(i)?.join('\0') === row.join('\0'));
        return isSame && packed.length === rows.length && packed.at(rows.length) === undefined;
      }),
    );
    t.equal(new PackedRows(3, Buffer.alloc(0)).at(-1), undefined);
  });
}

t.test('a large file gives the rows that a small one gives, in a part of the memory', async (t) => {
  const line = (i: number) => `user${i},"a ""quoted"" name, ä",${i % 7}\r\n`;
  const text = `name,note,number\n${Array.from({ length: 200_000 }, (_, i) => line(i)).join('')}`;
  const { rows, columns } = parseCsv(Buffer.from(text), 'large.csv', ',');
  t.ok(rows instanceof PackedRows);
  t.equal(rows.length, 200_000);
  t.strictSame(columns, ['name', 'note', 'number']);
  t.strictSame(rows.at(123_456), ['user123456', 'a "quoted" name, ä', String(123_456 % 7)]);
  const folder = t.testdir({ 'large.csv': text });
  const indices = [1, 3];
  const dealt = { hasNext: true, take: () => indices.shift() };
  const set = new DataSet({ file: 'large.csv', order: 'shared', atEnd: 'stop' }, folder, () => dealt);
  t.strictSame(set.take(0, undefined as never)?.[0], 'user1');
  t.strictSame(set.take(0, undefined as never)?.[0], 'user3');
  t.throws(() => parseCsv(Buffer.concat([Buffer.from(text), Buffer.from([0xff, 10])]), 'a.csv', ','), {
    message: /^data file a\.csv, line 200002 is not UTF-8 text/,
  });
  const wrong = (line: string) => Buffer.from(text + line);
  const cases: [line: string, message: RegExp][] = [
    ['one,two\n', /^data file a\.csv, line 200002: the row has 2 values, but there are 3 columns$/],
    ['a,b"c,d\n', /^data file a\.csv, line 200002: /],
    ['a,"b,c\n', /^data file a\.csv, line \d+: a quote is opened and never closed$/],
  ];
  for (const [line, message] of cases) t.throws(() => parseCsv(wrong(line), 'a.csv', ','), { message }, line);
});
