import { parse } from 'csv-parse/sync';
import t from 'tap';
import { Histogram } from '../../core/stats/histogram.ts';
import { printable, withoutCommands } from '../../core/text/printable.ts';
import { PERCENTILE_COLUMNS, RunningPercentiles } from '../../reports/csv/percentiles.ts';
import { csvOf } from '../../reports/csv/write.ts';
import csv from '../../reports/csv.ts';
import { matchesGolden } from '../kit/golden.ts';
import fc, { anyCharacter } from '../kit/property.ts';
import { FAILING, resultOf } from '../kit/results/documents.ts';
import { HOSTILE_NAMES, hostileResult } from '../kit/results/hostile.ts';

t.test("Locust's three files, with its columns, and one for ratios", async (t) => {
  const files = csv.render(resultOf(FAILING), { prefix: 'bench' });
  t.strictSame(
    files.map(({ name }) => name),
    ['bench_stats.csv', 'bench_stats_history.csv', 'bench_failures.csv', 'bench_ratios.csv'],
  );
  for (const { name, content } of files) matchesGolden(t, `csv/${name}`, content);
  const [stats, history, failures] = files.map(({ content }) => content.split('\r\n', 1)[0]);
  t.equal(
    stats,
    'Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,' +
      'Max Response Time,Average Content Size,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%',
  );
  t.equal(
    history,
    'Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%,' +
      'Total Request Count,Total Failure Count,Total Median Response Time,Total Average Response Time,' +
      'Total Min Response Time,Total Max Response Time,Total Average Content Size',
  );
  t.equal(failures, 'Method,Name,Error,Occurrences');
});

t.test('as the scripts of document 002 read it', async (t) => {
  const [stats, history] = csv
    .render(resultOf(FAILING), { prefix: 'x' })
    .map(({ content }) => parse(content, { columns: true }));
  const all = (stats as Record<string, string>[]).at(-1) ?? {};
  t.match(all, { Name: 'Aggregated', Type: '', 'Request Count': '3016', 'Failure Count': '40' });
  t.equal(all['100%'], all['Max Response Time'], 'no p100 but the greatest');
  const rows = history as Record<string, string>[];
  t.equal(rows.length, 20, 'a row a second');
  t.equal(Number(rows[1]?.Timestamp) - Number(rows[0]?.Timestamp), 1);
  t.equal(rows.at(-1)?.['Total Request Count'], '3346', 'the warm-up is part of the history');
});

t.test('names and messages read back as they were', async (t) => {
  const result = hostileResult(HOSTILE_NAMES);
  const [stats, , failures] = csv
    .render(result, { prefix: 'x' })
    .map(({ content }) => parse(content, { columns: true }));
  const names = (stats as { Name: string }[]).map(({ Name }) => Name);
  const shown = (text: string) => withoutCommands(printable(text)).replaceAll('; =', "; '=");
  for (const { name } of result.operations) t.ok(names.includes(shown(name)));
  const errors = (failures as { Error: string }[]).map(({ Error: error }) => error);
  for (const { phases } of result.operations) {
    for (const { kind, example } of phases.measure.errorKinds) t.ok(errors.includes(shown(`${kind}: ${example}`)));
  }
});

t.test('a name that begins like a formula is none in a spreadsheet', async (t) => {
  const formulas = ['=cmd()', '+1', '-1', '@sum(a1)'];
  const [stats, , failures] = csv
    .render(hostileResult(formulas), { prefix: 'x' })
    .map(({ content }) => parse(content) as string[][]);
  const texts = [
    ...(stats ?? []).flatMap((row) => row.slice(0, 2)),
    ...(failures ?? []).flatMap((row) => row.slice(0, 3)),
  ];
  t.notOk(texts.some((text) => /^[=+@-]/.test(text)));
  t.ok(texts.includes("'=cmd()") && texts.includes("'+1"));
});

t.test('nor behind a semicolon, at which spreadsheets of half of Europe begin the next field', async (t) => {
  for (const formula of ['a;=cmd()', 'b; "=cmd()', 'c;"";@sum(a1)', 'd; ＝cmd()', ' =cmd()']) {
    for (const { name, content } of csv.render(hostileResult([formula]), { prefix: 'x' })) {
      for (const field of content.split(/[;\r\n]|,"?/)) t.notMatch(field, /^[\s"]*[=@＝＠]/, name);
    }
  }
  const [{ content = '' } = {}] = csv.render(hostileResult(['text/html; charset=utf-8']), { prefix: 'x' });
  t.match(content, ',text/html; charset=utf-8,', 'what is no formula stays');
});

t.test('no text begins a line of its own, or a command of CI', async (t) => {
  const result = hostileResult(['a\n::error::b', 'c\r##[error]d', '::warning::e', '＝cmd()']);
  for (const { name, content } of csv.render(result, { prefix: 'x' })) {
    t.notMatch(content, /(^|[\r\n])"?(::|##\[)|[^\r]\n|\r[^\n]|##\[/, name);
    t.notMatch(content, /(^|,)＝/m, name);
  }
});

t.test('any field reads back', async () => {
  const field = fc.oneof(fc.string({ unit: anyCharacter }), fc.constantFrom(',', '"', '\r\n', '\n', '""', ' ', '"a'));
  fc.assert(
    fc.property(fc.array(fc.tuple(field, field), { minLength: 1 }), (rows) => {
      const table = [['a', 'b'], ...rows];
      const read = parse(csvOf(table), { record_delimiter: '\r\n', skip_empty_lines: false }) as string[][];
      return JSON.stringify(read) === JSON.stringify(table);
    }),
    { numRuns: 1000 },
  );
});

t.test('percentiles in one pass are those of the histogram', async () => {
  const values = fc.array(fc.integer({ min: 0, max: 4_000_000_000 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(fc.array(values, { minLength: 1, maxLength: 4 }), (seconds) => {
      const running = new RunningPercentiles();
      const all = new Histogram();
      for (const second of seconds) {
        const histogram = new Histogram();
        for (const value of second) histogram.record(value);
        running.add(histogram.encode());
        all.add(histogram);
      }
      const expected = PERCENTILE_COLUMNS.map(([, quantile]) => all.valueAtQuantileUs(quantile));
      return JSON.stringify(running.valuesUs()) === JSON.stringify(expected);
    }),
  );
});
