import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { indexCsv, listCsv, parseCsv } from '../../../plugins/data/csv.ts';
import { DataSet } from '../../../plugins/data/data-set.ts';
import { IndexedRows } from '../../../plugins/data/indexed-rows.ts';
import fc from '../../kit/property.ts';

/** What a text comes to: its columns and rows, or what is wrong with it. */
async function outcome(parse: typeof indexCsv | typeof listCsv, text: string, delimiter: string) {
  try {
    const { columns, rows } = await parse(Buffer.from(text), 'a.csv', delimiter);
    return { columns, rows: Array.from({ length: rows.length }, (_, i) => rows.at(i)) };
  } catch (error) {
    return { wrong: (error as Error).message };
  }
}

for (const [what, letters] of [
  ['any characters', ['ä', '€', '😀', 'b', ' ']],
  ['ASCII', ['a', 'b', ' ']],
] as const) {
  for (const [delimiter, other] of [
    [',', '\t'],
    ['\t', ','],
  ] as const) {
    t.test(
      `an indexed file of ${what} is what the parser makes of it, ${JSON.stringify(delimiter)} between values`,
      async () => {
        const character = fc.constantFrom(...letters, other, '"', '""', '\n', '\r\n', '\r', delimiter, delimiter);
        const value = fc
          .array(fc.constantFrom(...letters, other, '""', '\n', '\r\n', delimiter))
          .map((all) => all.join(''));
        const field = fc.oneof(
          fc.array(fc.constantFrom(...letters, other)).map((all) => all.join('')),
          value.map((text) => `"${text}"`),
        );
        const lineEnd = fc.constantFrom('\n', '\r\n', '\r', '\n\n');
        const wellFormed = fc
          .array(fc.tuple(field, field, field, lineEnd), { maxLength: 12 })
          .map((rows) => rows.map(([a, b, c, end]) => [a, b, c].join(delimiter) + end).join(''));
        const anything = fc.array(character, { maxLength: 60 }).map((all) => all.join(''));
        await fc.assert(
          fc.asyncProperty(fc.oneof(wellFormed, anything), fc.boolean(), async (text, endsWithLine) => {
            const whole = `${['x', 'y', 'z'].join(delimiter)}\n${endsWithLine ? text : text.trimEnd()}`;
            const listed = await outcome(listCsv, whole, delimiter);
            const indexed = await outcome(indexCsv, whole, delimiter);
            if ('wrong' in listed) return 'wrong' in indexed;
            return JSON.stringify(listed) === JSON.stringify(indexed);
          }),
          { numRuns: 2000 },
        );
      },
    );
  }
}

t.test('a wrong row is told with its line, and there is no row beyond the ends', async (t) => {
  const before = 'a,b\r\n"1\n2",3\n\n';
  t.match(await outcome(indexCsv, `${before}1,2,3\n`, ','), {
    wrong: 'data file a.csv, line 5: the row has 3 values, but there are 2 columns',
  });
  t.match(await outcome(indexCsv, `${before}1,x"y"\n4,5\n`, ','), { wrong: /^data file a\.csv, line 5: / });
  t.match(await outcome(indexCsv, `${before}1,"x"y\n4,5\n`, ','), { wrong: /^data file a\.csv, line 5: / });
  const { rows, columns } = await indexCsv(Buffer.from('\ufeffa,b\r1,2\r3,4'), 'a.csv', ',');
  t.strictSame([columns, rows.at(-1), rows.at(1), rows.at(2)], [['a', 'b'], undefined, ['3', '4'], undefined]);
});

t.test('a large file gives the rows that a small one gives, in a part of the memory', async (t) => {
  const line = (i: number) => `user${i},"a ""quoted"" name, ä",${i % 7}\r\n`;
  const text = `name,note,number\n${Array.from({ length: 200_000 }, (_, i) => line(i)).join('')}`;
  const { rows, columns } = await parseCsv(Buffer.from(text), 'large.csv', ',');
  t.ok(rows instanceof IndexedRows);
  t.equal(rows.length, 200_000);
  t.strictSame(columns, ['name', 'note', 'number']);
  t.strictSame(rows.at(123_456), ['user123456', 'a "quoted" name, ä', String(123_456 % 7)]);
  const folder = t.testdir({ 'large.csv': text });
  const indices = [1, 3];
  const dealt = { hasNext: true, take: () => indices.shift() };
  const set = await DataSet.open({ file: 'large.csv', order: 'shared', atEnd: 'stop' }, folder, () => dealt);
  t.strictSame(set.take(0, undefined as never)?.[0], 'user1');
  t.strictSame(set.take(0, undefined as never)?.[0], 'user3');
  writeFileSync(join(folder, 'a.csv'), Buffer.concat([Buffer.from(text), Buffer.from([0xff, 10])]));
  await t.rejects(() => DataSet.open({ file: 'a.csv', order: 'shared', atEnd: 'stop' }, folder, () => dealt), {
    message: /^data file a\.csv, line 200002 is not UTF-8 text/,
  });
  const wrong = (line: string) => Buffer.from(text + line);
  const cases: [line: string, message: RegExp][] = [
    ['one,two\n', /^data file a\.csv, line 200002: the row has 2 values, but there are 3 columns$/],
    ['a,b"c,d\n', /^data file a\.csv, line 200002: /],
    ['a,"b,c\n', /^data file a\.csv, line \d+: a quote is opened and never closed$/],
  ];
  for (const [line, message] of cases) await t.rejects(() => parseCsv(wrong(line), 'a.csv', ','), { message }, line);
});

t.test('while a large file is read, the process answers others', async (t) => {
  const text = Buffer.from(`name,number\n${'somebody,12345\n'.repeat(500_000)}`);
  // By this clock each 256 KiB take as long as one stretch may.
  let nowMs = 0;
  t.intercept(performance, 'now', { value: () => (nowMs += 25) });
  let turns = 0;
  let isRead = false;
  const turn = () => {
    turns++;
    if (!isRead) setImmediate(turn);
  };
  setImmediate(turn);
  const { rows } = await parseCsv(text, 'large.csv', ',');
  isRead = true;
  t.equal(rows.length, 500_000);
  t.ok(turns >= Math.floor(text.length / (256 << 10)), `the event loop turned ${turns} times`);
});
