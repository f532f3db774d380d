import { XMLParser, XMLValidator } from 'fast-xml-parser';
import t from 'tap';
import { compareRuns } from '../../core/verdict/compare/compare-runs.ts';
import { comparisonJson, comparisonMarkdown } from '../../reports/compare/documents.ts';
import { comparisonHtml } from '../../reports/compare/html.ts';
import { comparisonJunit } from '../../reports/compare/junit.ts';
import { changeText, intervalText, makeComparisonView } from '../../reports/compare/view.ts';
import { LABELS } from '../../reports/labels/labels.ts';
import { matchEach } from '../kit/match-each.ts';
import { HOSTILE_NAMES, hostileResult } from '../kit/results/hostile.ts';
import { randomRun } from '../kit/results/random-runs.ts';

const TARGET = { seconds: 30, meanUs: 10_000, secondSpread: 0.03, persistence: 0.5, runSpread: 0 };
const [BEFORE, AFTER] = [randomRun(TARGET, 1), randomRun({ ...TARGET, meanUs: 15_000 }, 2)];
const OPTIONS = { tolerance: 0, trustsAll: false };
const WORSE = compareRuns([BEFORE], [AFTER], OPTIONS);

t.test('changes as a person reads them', async (t) => {
  const shown = (figure: 'p50' | 'error_rate', change: number) => changeText(figure, change, LABELS.en);
  t.equal(shown('p50', 0.5), '+50%');
  t.equal(shown('p50', -0.3512), '-35.1%');
  t.equal(shown('p50', 0.0001), '±0%');
  t.equal(shown('error_rate', 0.003), '+0.3 points');
  t.equal(shown('error_rate', -0.000_001_24), '-0.00012 points');
});

t.test('both languages show the same figures', async (t) => {
  const numbers = (text: string) => (text.match(/\d[\d.,]*/g) ?? []).join(' ');
  const [en, zh] = (['en', 'zh-CN'] as const).map((lang) => comparisonMarkdown(WORSE, lang).split('\n')) as [
    string[],
    string[],
  ];
  t.equal(zh.length, en.length);
  const rows = (lines: string[]) => lines.filter((line) => line.startsWith('|')).slice(2);
  t.strictSame(
    rows(zh).map((line) => numbers(line.replaceAll(/9[59]%ile|9[59]% 分位/g, ''))),
    rows(en).map((line) => numbers(line.replaceAll(/9[59]%ile|9[59]% 分位/g, ''))),
  );
  t.notMatch(zh.join('\n'), /[a-z]{4,} [a-z]{3,} [a-z]{2,}/, 'nothing is left in English');
});

t.test('every report shows a ratio', async (t) => {
  const figure = {
    figure: 'ratio' as const,
    word: 'worse' as const,
    before: 0.95,
    after: 0.9,
    change: -0.05,
    pValue: 0,
  };
  const row = { ratio: 'find.recall', figures: [{ ...figure, interval: { low: -0.06, high: -0.04 } }] };
  const comparison = { ...WORSE, rows: [...WORSE.rows, row] };
  t.match(
    comparisonMarkdown(comparison, 'en'),
    /find.*recall \| Ratio \| 95% \| 90% \| -5 points \| -6 … -4 points \| \*\*worse/,
  );
  t.match(comparisonMarkdown(comparison, 'zh-CN'), /find.*recall \| 命中率 \| 95% \| 90% \|/);
  t.match(await comparisonHtml(comparison, 'en', { before: [BEFORE], after: [AFTER] }), /find\.recall.*-5 points/s);
  t.match(comparisonJunit(comparison, 'en'), /name="find\.recall" .*<failure message="-5 points/s);
  t.match(JSON.parse(comparisonJson(comparison, 'en')).rows.at(-1), row);
});

t.test('JUnit: what is worse fails', async (t) => {
  const xml = comparisonJunit(WORSE, 'en');
  t.equal(XMLValidator.validate(xml), true);
  const { testsuites } = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '' }).parse(xml);
  t.strictSame(
    testsuites.testsuite.map(({ name, tests }: { name: string; tests: string }) => [name, tests]),
    [
      ['Aggregated', '6'],
      ['upload', '6'],
      ['health', '6'],
    ],
  );
  t.match(testsuites.testsuite[0], { failures: '5', errors: '0', skipped: '0', hostname: 'load-1' });
  const busy = { ...AFTER, validity: AFTER.validity.map((check) => ({ ...check, ok: false })) };
  const doubtful = comparisonJunit(compareRuns([BEFORE], [busy], OPTIONS), 'en');
  t.match(doubtful, /<error message="The measurement of random-2 cannot be trusted/);
  t.notMatch(doubtful, /<failure/);
});

t.test('JSON has each sentence as data and as text', async (t) => {
  const json = JSON.parse(comparisonJson(WORSE, 'zh-CN'));
  t.match(json, { version: 1, outcome: 'worse', method: 'stretches' });
  t.match(json.notes[0], { id: 'compare.by-stretches', text: /每次运行切成 30 个时间段/ });
});

t.test('an interval of which almost nothing is known is readable', async (t) => {
  const interval = { low: -0.999999, high: 4.8e8 };
  t.equal(intervalText('rps', interval, LABELS.en), '-100% … ≥ +1000%');
  t.equal(intervalText('error_rate', { low: -1, high: 1 }, LABELS.en), '-100 … +100 points');
});

t.test('the page has both sides in each chart', async (t) => {
  const html = await comparisonHtml(WORSE, 'en', { before: [BEFORE], after: [AFTER] });
  const data = JSON.parse(/<script type="application\/json" id="bench-data">(.*?)<\/script>/s.exec(html)?.[1] ?? '');
  const { throughput, median, p95, distribution } = data.charts;
  for (const chart of [throughput, median, p95])
    matchEach(t, chart.series, [{ label: 'After' }, { label: 'Before', dashed: true }], chart.title);
  matchEach(t, distribution.distribution, [{ label: 'After' }, { label: 'Before' }]);
  t.ok(distribution.distribution[0].ms[5] > distribution.distribution[1].ms[5], 'each line is that of its side');
  t.equal(throughput.series[0].values.length, 30);
  t.ok('operation-1-distribution' in data.charts && 'operation-1-p95' in data.charts);
  t.match(html, /<dt>95%ile<\/dt><dd class="bad">\+\d/);
  t.match(await comparisonHtml(WORSE, 'zh-CN', { before: [BEFORE], after: [AFTER] }), /✗ 变差/);
});

t.test('while the page is made, whatever else this process does goes on between the lines of its charts', async (t) => {
  let turns = 0;
  const turn = () => {
    turns++;
    next = setImmediate(turn);
  };
  let next = setImmediate(turn);
  const { length } = await comparisonHtml(WORSE, 'en', { before: [BEFORE, BEFORE], after: [AFTER] });
  clearImmediate(next);
  t.ok(length > 0);
  t.ok(turns >= 15, `of each of the five charts over time, each of three lines: ${turns}`);
});

t.test('runs of different lengths, and several of a side: a run has no values after its end', async (t) => {
  const longer = randomRun({ ...TARGET, seconds: 40 }, 3);
  const sides = { before: [BEFORE, longer], after: [AFTER] };
  const html = await comparisonHtml(compareRuns(sides.before, sides.after, OPTIONS), 'en', sides);
  const data = JSON.parse(/id="bench-data">(.*?)<\/script>/s.exec(html)?.[1] ?? '');
  const [after, before, other] = data.charts.throughput.series;
  t.matchOnly([before.label, other.label], ['Before (random-1)', 'Before (random-3)']);
  t.equal(data.seconds.length, 40);
  t.strictSame([after.values[29] > 0, after.values[30], other.values[39] > 0], [true, null, true]);
});

t.test('names that try to break out of a format', async (t) => {
  const [before, after] = [hostileResult(HOSTILE_NAMES), { ...hostileResult(HOSTILE_NAMES), runId: 'after' }];
  const comparison = compareRuns([before], [after], { ...OPTIONS, trustsAll: true });
  t.equal(XMLValidator.validate(comparisonJunit(comparison, 'en')), true);
  const markdown = comparisonMarkdown(comparison, 'en');
  t.notMatch(markdown, /<script>/);
  t.notOk(markdown.includes('\u001b'));
  const html = await comparisonHtml(comparison, 'en', { before: [before], after: [after] });
  t.notMatch(html, /<script>alert/);
  const { table } = makeComparisonView(comparison, 'en');
  const rows = markdown.split('\n').filter((line) => line.startsWith('| '));
  t.equal(rows.length, table.rows.length + 2, 'a line for each row');
});
