import { createHash } from 'node:crypto';
import t from 'tap';
import type { RunResult } from '../../core/stats/result.ts';
import { loadAssets } from '../../reports/html/assets.ts';
import type { TimeChart } from '../../reports/html/chart.ts';
import { type ChartData, chartData, pageCharts } from '../../reports/html/chart-data.ts';
import { heatMap } from '../../reports/html/heat-map.ts';
import html from '../../reports/html.ts';
import { LABELS } from '../../reports/labels/labels.ts';
import { matchesGolden } from '../kit/golden.ts';
import { DOCUMENT_002, FAILING, INVALID, resultOf } from '../kit/results/documents.ts';
import { HOSTILE_NAMES, hostileResult } from '../kit/results/hostile.ts';
import { hourResult } from '../kit/results/hour.ts';

function pageOf(result: RunResult, lang: 'en' | 'zh-CN' = 'en'): string {
  const files = html.render(result, { lang });
  t.equal(files.length, 1);
  return files[0]?.content ?? '';
}

function dataOf(result: RunResult, conclusion: readonly string[] = []): ChartData {
  return chartData(result, LABELS.en, pageCharts(result, LABELS.en, conclusion));
}

/** Without what is the same in every page, and the hashes of it. */
function markupOf(page: string): string {
  return page
    .replace(/<style>.*?<\/style>/s, '<style></style>')
    .replaceAll(/<script>.*?<\/script>/gs, '<script></script>')
    .replaceAll(/'sha256-[^']*'/g, "'sha256-…'");
}

t.test('the page, in both languages', async (t) => {
  for (const lang of ['en', 'zh-CN'] as const) {
    matchesGolden(t, `html/failing.${lang}.html`, markupOf(pageOf(resultOf(FAILING), lang)));
  }
  matchesGolden(t, 'html/invalid.en.html', markupOf(pageOf(resultOf(INVALID))));
});

t.test('a run that was stopped early does not look like one that passed', async (t) => {
  const ending = { kind: 'stopped', by: 'request', reason: 'Ctrl-C' } as const;
  const page = pageOf({ ...resultOf(DOCUMENT_002), verdict: { kind: 'pass', reasons: [] }, ending });
  t.match(page, /<body class="aborted">/);
  t.match(page, /<p class="verdict">! Passed \(stopped early\)<\/p>/);
});

t.test('it asks nothing of a network, and runs no script but its own', async (t) => {
  const page = pageOf(resultOf(DOCUMENT_002));
  t.notMatch(markupOf(page), /<(?:link|img|iframe|object)\b|\ssrc=|@import|url\(/);
  const scripts = [...page.matchAll(/<script>(.*?)<\/script>/gs)].map(([, script]) => script as string);
  t.equal(scripts.length, 2);
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
  t.match(policy, /^default-src 'none'; /);
  for (const script of scripts) t.ok(policy.includes(createHash('sha256').update(script).digest('base64')));
});

t.test("the browser's modules become one script", async (t) => {
  const [, script = ''] = loadAssets().scripts;
  t.notMatch(script, /^\s*(?:import|export) /m);
  t.doesNotThrow(() => new Function(script), 'it is a script');
});

t.test('hostile names break neither page nor data', async (t) => {
  const page = pageOf(hostileResult(HOSTILE_NAMES));
  t.notMatch(page, /<script>alert/);
  const data = /<script type="application\/json" id="bench-data">(.*?)<\/script>/s.exec(page)?.[1] ?? '';
  t.match(JSON.parse(data).charts.operations.series[0].label, '<script>alert("1")</script>');
});

t.test('the data of the charts', async (t) => {
  const { seconds, charts, marks } = dataOf(resultOf(FAILING));
  t.equal(seconds.length, 20);
  t.strictSame(marks, {
    warmupS: 2,
    events: [
      { second: 0, text: 'prepared' },
      { second: 16.2, text: 'monitor target: the source answers slowly' },
    ],
    levels: [],
  });
  for (const chart of Object.values(charts)) {
    if (!('series' in chart)) continue;
    const points = (chart.seconds ?? seconds).length;
    for (const { label, values } of chart.series) t.equal(values.length, points, `${chart.title}: ${label}`);
  }
  const { series, limits, range } = charts.ratios as TimeChart;
  t.same(
    series.map(({ label, values }) => [label, values[0]]),
    [['cache.hits', 92.5]],
    'of those that are not void',
  );
  t.same(limits, [{ value: 95, label: 'cache.hits ratio >= 95%' }]);
  t.same(range, [88, 100.6], 'so that shares near to all of it can be told apart');
  const { heat } = charts.heatmap as Extract<(typeof charts)[string], { heat: unknown }>;
  const counted = heat.cells.flatMap((column) => column.filter((_, i) => i % 2 === 1)).reduce((a, b) => a + b, 0);
  t.equal(counted, 3346, 'every request is in the heat map');
  t.equal(heat.starts.length, heat.cells.length + 1);
});

t.test('limits, offered rates and levels are drawn where they say something', async (t) => {
  const { charts, marks } = dataOf(resultOf(DOCUMENT_002));
  t.strictSame(
    marks.levels.map(({ second, text }) => [second, text]),
    [
      [0, '10'],
      [20, '50'],
      [40, '100'],
      [60, '200'],
      [80, '500'],
    ],
  );
  t.strictSame((charts.throughput as TimeChart).limits, [{ value: 1000, label: 'rps > 1000' }]);
  t.strictSame((charts.responseTime as TimeChart).limits, [{ value: 100, label: 'p95 < 100ms' }]);
  const far = resultOf(DOCUMENT_002).thresholds.map((threshold) =>
    threshold.status !== 'invalid' && threshold.unit === 'us' ? { ...threshold, limit: 3600e6 } : threshold,
  );
  const { limits } = dataOf({ ...resultOf(DOCUMENT_002), thresholds: far }).charts.responseTime as TimeChart;
  t.strictSame(limits, [], 'a limit far above all values would press the curves flat');
  const scenarios = { s: { executor: 'constant-arrival-rate', rate: 700, duration: '100s', maxVus: 10 } } as const;
  const [operation] = Object.values(resultOf(DOCUMENT_002).plan.scenarios).map((scenario) => scenario.operations);
  const plan = { ...resultOf(DOCUMENT_002).plan, scenarios: { s: { ...scenarios.s, operations: operation ?? [] } } };
  const open = dataOf({ ...resultOf(DOCUMENT_002), plan }).charts.throughput as TimeChart;
  const offered = open.series.find(({ label }) => label === LABELS.en['chart.offered']);
  t.equal(offered?.values[50], 700);
  t.ok(offered?.dashed);
});

t.test('monitors that nobody names are folded', async (t) => {
  const monitors = ['a.depth', 'b.depth', 'c.depth'].map((name) => ({ name, seconds: [0, 1], values: [1, 2] }));
  const result = { ...resultOf(DOCUMENT_002), monitors };
  const { namedMonitors, otherMonitors } = pageCharts(result, LABELS.en, ['b.depth was 1 to 2.']);
  t.strictSame(
    Object.values(namedMonitors).map(({ title }) => title),
    ['b.depth'],
  );
  t.strictSame(
    Object.values(otherMonitors).map(({ title }) => title),
    ['a.depth', 'c.depth'],
  );
});

t.test('the chart of a monitor has its negative values, and nothing where it had none', async (t) => {
  const charted = (seconds: readonly number[], values: readonly number[]) => {
    const result = { ...resultOf(DOCUMENT_002), monitors: [{ name: 'room.celsius', seconds, values }] };
    const chart = dataOf(result).charts['monitor-0'] as TimeChart;
    return { seconds: chart.seconds, values: chart.series[0]?.values };
  };
  t.strictSame(charted([2, 3, 6], [-5, -3, 4]), { seconds: [2, 3, 4, 5, 6], values: [-5, -3, null, null, 4] });
  t.strictSame(charted([], []).values, [null]);
  const long = charted([0, 1, 2, 3599], [-7, -6, 1, 2]);
  t.equal(long.seconds?.length, 1800);
  t.strictSame(
    long.values?.filter((value) => value !== null),
    [-6, 1, 2],
    'of two seconds the greatest',
  );
  t.equal(long.values?.at(-1), 2);
});

t.test('an axis holds what is below 0, and a value without neighbours is a point', async (t) => {
  const { valueRange, lonePoints } = await import(new URL('../../reports/web/charts.js', import.meta.url).href);
  t.strictSame(valueRange(null, -100, 50), [-108, 54]);
  t.strictSame(valueRange(null, -100, -50), [-108, 0]);
  t.strictSame(valueRange(null, 20, 50), [0, 54]);
  t.strictSame(valueRange(null, null, null), [0, 1]);
  t.strictSame(lonePoints([1, null, 2, 3, null, 0]), [0, 5]);
});

t.test('great values on an axis are short, and told apart', async (t) => {
  const { axisNumber } = await import(new URL('../../reports/web/charts.js', import.meta.url).href);
  const shown = [0, 0.25, 9999, 10_000, 12_500, 1_000_000, 12_500_000, 2e9, -300_000, 7e15, null].map(axisNumber);
  t.strictSame(shown, ['0', '0.25', '9,999', '10k', '12.5k', '1M', '12.5M', '2G', '-300k', '7,000T', '']);
});

t.test('an hour with 20 operations and 50 agents stays below 3 MB', async (t) => {
  t.ok(Buffer.byteLength(pageOf(hourResult())) < 3e6);
});

t.test('the heat map of a long run works out each row of response times once', async (t) => {
  const { log } = Math;
  t.teardown(() => {
    Math.log = log;
  });
  const { responseTimes } = hourResult().timeline;
  let worked = 0;
  Math.log = (x) => {
    worked++;
    return log(x);
  };
  const { cells } = heatMap({ responseTimes });
  Math.log = log;
  t.ok(cells.some((column) => column.length > 0));
  const kinds = new Set(responseTimes.flatMap(({ indices }) => [...indices])).size;
  t.ok(worked <= kinds + 2, `${worked} for ${kinds} buckets`);
});
