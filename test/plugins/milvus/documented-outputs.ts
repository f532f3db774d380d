/** What document 002 puts out of a run with steps of load, held beside what result.json says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'csv-parse/sync';
import type { Test } from 'tap';
import { parsePlan } from '../../../core/plan/parse.ts';
import type { RunResult } from '../../../core/stats/result.ts';
import { kneeOf } from '../../../core/verdict/conclusion/knee.ts';
import { type Level, levelsOf } from '../../../core/verdict/conclusion/levels.ts';
import { measuredOf, measuredSeconds } from '../../../core/verdict/measured.ts';
import { formatCount, formatMs, formatRate } from '../../../core/verdict/quantity.ts';
import type { TimeChart } from '../../../reports/html/chart.ts';
import type { ChartData } from '../../../reports/html/chart-data.ts';
import { complaintsOf, openBrowser } from '../../kit/programs/chromium.ts';

const sum = (column: readonly number[]) => column.reduce((all, count) => all + count, 0);

/** The steps of the load, from the timeline alone: the measured seconds of each without its first. */
function stepsOf(result: RunResult, users: readonly number[]): { load: number; perSecond: number }[] {
  const { vus, all } = result.timeline;
  return users.map((load) => {
    const seconds = measuredSeconds(result)
      .filter((second) => vus[second] === load)
      .slice(1);
    return { load, perSecond: sum(seconds.map((second) => all.requests[second] ?? 0)) / seconds.length };
  });
}

/** `_stats.csv` and `_stats_history.csv`, with the columns that the document's analysis reads. */
export function csvAgrees(t: Test, folder: string, result: RunResult): void {
  const rows = (name: string): Record<string, string>[] =>
    parse(readFileSync(join(folder, `bench_${name}.csv`)), { columns: true });
  const stats = new Map(rows('stats').map((row) => [row.Name, row]));
  for (const operation of result.operations) {
    const { requests, errors, responseTime } = measuredOf([operation]);
    const row = stats.get(operation.name) ?? {};
    t.strictSame([Number(row['Request Count']), Number(row['Failure Count'])], [requests, errors], operation.name);
    t.equal(Number(row['95%']), responseTime.valueAtQuantileUs(0.95) / 1000);
    t.equal(Number(row['Average Response Time']), responseTime.meanUs / 1000);
  }
  t.equal(stats.size, result.operations.length + 1, 'and all together');
  const history = rows('stats_history');
  const { vus, all } = result.timeline;
  t.strictSame(
    history.map((row) => Number(row['User Count'])),
    vus,
  );
  const last = history.at(-1) ?? {};
  t.strictSame(
    [Number(last['Total Request Count']), Number(last['Total Failure Count'])],
    [sum(all.requests), sum(all.errors)],
  );
  for (const column of ['Timestamp', 'Total Average Response Time', '95%']) t.ok(Number(last[column]) > 0, column);
}

/** The table of the SLA, and that of the steps. */
export function tablesAgree(t: Test, markdown: string, result: RunResult, users: readonly number[]): void {
  for (const { criterion, status } of result.thresholds) {
    const mark = { pass: '✓', fail: '✗', invalid: '–' }[status];
    const row = markdown.split('\n').find((line) => line.includes(`| \`${criterion}\` |`));
    t.ok(row?.replaceAll('*', '').startsWith(`| ${mark} `), `${criterion}: ${row}`);
  }
  for (const { load, perSecond } of stepsOf(result, users)) {
    t.ok(markdown.includes(`\n| ${load} | ${formatRate(perSecond)} | `), `the step of ${load} users`);
  }
}

/**
 * The knee, and the machines for 10,000 requests a second with a reserve of 2, in all of the texts; no knee where there is none.
 * @param texts with all white space as one space each
 */
export function kneeAndCapacity(t: Test, texts: readonly string[], result: RunResult): void {
  const levels = levelsOf(result, parsePlan(result.plan));
  const knee = kneeOf(levels);
  if (knee === undefined) {
    // A host that is busy with other tests may hold up the server at one of the steps. What is said has to agree with the steps.
    const shown = levels.levels.map(({ load, perSecond, p95Us }) => `${load}: ${perSecond}/s, p95 ${p95Us} µs`);
    t.comment(`no knee at ${shown.join('; ')}`);
    for (const text of texts) t.notMatch(text, 'the knee is at');
    return;
  }
  const machines = formatCount(Math.ceil(10_000 / knee.perSecond));
  const withReserve = formatCount(Math.ceil((10_000 / knee.perSecond) * 2));
  const rate = formatRate(knee.perSecond);
  t.ok(texts.some((text) => text.includes(`| One machine takes | ${rate}/s | | Machines | ${machines} |`)));
  // Of a measurement that cannot be trusted nothing is said about the target.
  if (result.verdict.kind === 'invalid') return;
  const highest = levels.levels.at(-1) as Level;
  for (const text of texts) {
    t.match(
      text,
      `while the p95 rises from ${formatMs(knee.p95Us)} ms to ${formatMs(highest.p95Us)} ms: the knee is at`,
    );
    t.match(text, `the knee is at ${knee.load} virtual users.`);
    t.match(text, `10,000/s ÷ ${rate}/s = ${machines} machines; with a reserve (2 times) ${withReserve} machines`);
  }
}

/** The four charts, requests, response times, users and failures, and what they are drawn from; and one for recall. */
export async function chartsAgree(t: Test, file: string, { timeline }: RunResult): Promise<void> {
  const html = readFileSync(file, 'utf8');
  const [, json = ''] = /<script type="application\/json" id="bench-data">(.*?)<\/script>/s.exec(html) ?? [];
  const { seconds, charts } = JSON.parse(json) as ChartData;
  const seriesOf = (chart: string) => (charts[chart] as TimeChart).series;
  t.equal(seconds.length, timeline.vus.length);
  const [requests, failures] = seriesOf('throughput');
  t.strictSame(requests?.values, timeline.all.requests);
  t.strictSame(failures?.values, timeline.all.errors);
  t.strictSame(seriesOf('users')[0]?.values, timeline.vus);
  const p95 = seriesOf('responseTime').find(({ label }) => label === '95%ile');
  t.strictSame(
    p95?.values.map((ms) => ms !== null),
    timeline.all.requests.map((count) => count > 0),
    'a p95 for each second with requests',
  );
  t.equal(seriesOf('ratios').length, 3);
  const context = await (await openBrowser()).newContext({ viewport: { width: 1280, height: 900 } });
  try {
    const complaints = complaintsOf(context, (url) => url.startsWith('file:'));
    const page = await context.newPage();
    await page.goto(pathToFileURL(file).href);
    for (const chart of ['throughput', 'responseTime', 'users', 'ratios']) {
      await page.locator(`figure[data-chart=${chart}] canvas`).waitFor();
    }
    t.strictSame(complaints, []);
  } finally {
    await context.close();
  }
}
