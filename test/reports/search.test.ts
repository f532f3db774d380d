/** The reports of a run that searched the greatest load. */
import t from 'tap';
import type { RunResult } from '../../core/stats/result.ts';
import { conclude } from '../../core/verdict/conclusion.ts';
import csv from '../../reports/csv.ts';
import html from '../../reports/html.ts';
import json from '../../reports/json.ts';
import junit from '../../reports/junit.ts';
import { markdownOf } from '../../reports/markdown.ts';
import { readResult } from '../../reports/read-result.ts';
import { makeView } from '../../reports/view.ts';
import { matchEach } from '../kit/match-each.ts';
import { searchedResult } from '../kit/results/searched.ts';
import { has } from '../kit/results/sentences.ts';

/** A target of 800 requests/s. @param thresholds beside the criterion of the search */
function searched(thresholds: string[] = []): RunResult {
  return searchedResult({ limit: 800, plan: { capacity: { need: '10000/s', reserve: 2 }, thresholds } });
}

const contentOf = (files: readonly { name: string; content: string | Uint8Array }[], name: string) =>
  String(files.find((file) => file.name === name)?.content);

t.test('the answer comes first, in both languages, and the figures of all loads together are left out', async (t) => {
  const result = searched();
  const en = conclude(result, 'en');
  t.match(en[0], /^The target takes \d{3}\/s with p95 < 100ms.*\(confirmed for \d+s: p95 5\.\d+ ms\)\.$/);
  has(t, en, [
    /^At \d{3}\/s it breaks:$/,
    /^For 10,000\/s: .* = 13 machines; with a reserve \(2 times\) 2[56] machines/,
  ]);
  t.notMatch(en.join('\n'), /get: median/);
  t.match(
    conclude(result, 'zh-CN')[0],
    /^在 p95 < 100ms、.*被测系统可承受 \d{3}\/s（持续 \d+秒确认：P95 5\.\d+ ms）。$/,
  );
});

t.test('each level is a row, in the order in which it was held', async (t) => {
  const result = searched();
  for (const lang of ['en', 'zh-CN'] as const) {
    const rows = makeView(result, lang).sections.find(({ id }) => id === 'search')?.table?.rows ?? [];
    t.equal(rows.length, result.search?.levels.length);
    t.equal(rows.at(-1)?.[2]?.text, lang === 'en' ? 'holds (confirmation)' : '满足 (确认)');
  }
  const [takes, breaks] = makeView(result, 'en').tiles;
  t.match(takes, { label: 'The target takes', value: /^\d{3}\/s$/, note: /confirmed$/ });
  t.match(breaks, { label: 'Breaks at', value: /^\d{3}\/s$/ });
  t.match(markdownOf(makeView(result, 'en')), /\| 0:\d\d \| 1600 \| \*\*breaks\*\* \|/);
});

t.test('it passes where it found enough, and fails where it did not', async (t) => {
  t.equal(searched().verdict.kind, 'pass');
  matchEach(t, searched().thresholds, [{ criterion: 'max_rps > 0', isDefault: true, status: 'pass' }]);
  t.equal(searched(['max_rps >= 700']).verdict.kind, 'pass');
  const low = searched(['max_rps >= 5000']);
  t.equal(low.verdict.kind, 'fail');
  t.match(low.verdict.reasons[0], /^max_rps >= 5000: failed with \d{3}(\.\d)?\/s/);
});

t.test('every format has it', async (t) => {
  const result = searched();
  const xml = contentOf(await junit.render(result, { lang: 'en' }), 'junit.xml');
  t.match(xml, /<testcase name="search"/);
  t.match(xml, /The target takes \d{3}\/s with p95 &lt; 100ms/);
  const table = contentOf(await csv.render(result, { prefix: 'bench' }), 'bench_levels.csv')
    .trim()
    .split('\r\n');
  t.equal(table.length, 1 + (result.search?.levels.length ?? 0));
  t.match(table[1], /^0,100,rate,search,holds,8,true,100,0,/);
  const page = contentOf(await html.render(result, { lang: 'en' }), 'report.html');
  t.match(page, /data-chart="search"/);
  const data = JSON.parse(/id="bench-data">(.*?)<\/script>/s.exec(page)?.[1] ?? '') as {
    charts: {
      throughput: { series: { label: string; values: number[] }[]; limits: unknown[] };
      search: { seconds: number[]; limits: unknown[]; marks: { levels: unknown[] } };
    };
  };
  const { search, throughput } = data.charts;
  t.strictSame(
    search.seconds,
    search.seconds.toSorted((a, b) => a - b),
    'from the lowest load to the highest',
  );
  t.strictSame(search.limits, [{ value: 100, label: 'p95 < 100ms' }]);
  t.equal(search.marks.levels.length, 1);
  const { series, limits } = throughput;
  t.ok(
    series.find(({ label }) => label === 'Offered/s')?.values.every((rate) => rate > 0),
    'a level is held until the next',
  );
  t.strictSame(limits, [], 'what a search found is no limit of each second');
  const back = readResult(contentOf(await json.render(result, {}), 'result.json'));
  t.strictSame(back.search, JSON.parse(JSON.stringify(result.search)));
});
