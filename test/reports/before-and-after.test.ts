/** Document 002, "performance optimization verified": QPS +50 %, latency −35 %, in all that shows it. */
import t from 'tap';
import type { PlanInput } from '../../core/plan/schema.ts';
import type { RunResult } from '../../core/stats/result.ts';
import { withComparison } from '../../core/verdict/baseline/before-and-after.ts';
import { compareRuns } from '../../core/verdict/compare/compare-runs.ts';
import { comparisonMarkdown } from '../../reports/compare/documents.ts';
import html from '../../reports/html.ts';
import json from '../../reports/json.ts';
import { markdownOf } from '../../reports/markdown.ts';
import { readResult } from '../../reports/read-result.ts';
import { makeView } from '../../reports/view.ts';
import { matchEach } from '../kit/match-each.ts';
import { buildResult, type RunShape } from '../kit/results/results.ts';

const SHARES = { vector_search: 10 / 14, hybrid_search: 3 / 14, batch_search: 1 / 14 };

function search(runId: string, perSecond: number, p95: number, more: Partial<RunShape> = {}): RunResult {
  const names = Object.keys(SHARES);
  const users = { executor: 'constant-vus' as const, vus: 67, duration: '60s' };
  const plan: PlanInput = {
    name: 'Vector search',
    target: 'http://127.0.0.1:19530',
    scenarios: { users: { ...users, operations: names.map((name) => ({ driver: 'http', name })) } },
    thresholds: more.baseline === undefined ? [] : ['rps >= baseline - 5%', 'p95 <= baseline + 10%'],
  };
  const ms = { 0: 0.4 * p95, 0.5: 0.6 * p95, 0.95: p95, 0.99: 1.8 * p95, 1: 3 * p95 };
  const operations = Object.entries(SHARES).map(
    ([name, share]) => [name, { perSecond: perSecond * share, ms }] as const,
  );
  return buildResult({
    plan,
    runId,
    stretches: [{ seconds: 60, vus: 67, operations: Object.fromEntries(operations) }],
    ...more,
  });
}

const BEFORE = search('before', 1000, 100);
const AFTER = search('after', 1500, 65, { baseline: { name: 'main', runs: [BEFORE] } });
const COMPARED = withComparison([BEFORE], AFTER);

t.test('the section of a report, with the words of the document', async (t) => {
  const section = (lang: 'en' | 'zh-CN') => markdownOf(makeView(COMPARED, lang), new Set(['comparison']));
  const english = section('en');
  t.match(english, /^## Before and after\n\nBaseline: main; Before: before; After: after\n\n/m);
  t.match(english, /^- Throughput \(QPS\) rose by 50%: 1000\/s before, 1500\/s after\.$/m);
  t.match(english, /^- Latency \(p95\) fell by 35%: 100 ms before, 65 ms after\.$/m);
  t.match(english, /^\| Aggregated \| 95%ile \| 100 ms \| 65 ms \| -35% \| .* \| better \|$/m);
  const chinese = section('zh-CN');
  t.match(chinese, /^- QPS 提升 50%：之前 1000\/s，之后 1500\/s。$/m);
  t.match(chinese, /^- P95 延迟降低 35%：之前 100 ms，之后 65 ms。$/m);
  t.match(
    comparisonMarkdown(compareRuns([BEFORE], [AFTER], { tolerance: 0, trustsAll: false }), 'zh-CN'),
    /QPS 提升 50%/,
  );
});

t.test('the criteria against the baseline are met', async (t) => {
  matchEach(t, AFTER.thresholds, [
    { criterion: 'rps >= baseline - 5%', status: 'pass', baseline: { name: 'main' } },
    { criterion: 'p95 <= baseline + 10%', status: 'pass', limit: 110_000, unit: 'us' },
    { criterion: 'error_rate < 1%', isDefault: true, status: 'pass' },
  ]);
});

t.test('every format has it, and a result keeps it', async (t) => {
  const page = html.render(COMPARED, { lang: 'en' })[0]?.content ?? '';
  t.match(page, /id="comparison"/);
  t.match(page, /Latency \(p95\) fell by 35%/);
  const written = json.render(COMPARED, {})[0]?.content ?? '';
  t.strictSame(readResult(written).comparison, JSON.parse(JSON.stringify(COMPARED.comparison)));
  t.notMatch(markdownOf(makeView(AFTER, 'en')), /Before and after/, 'a run without a comparison has no section');
});

t.test('runs of other loads are told to be such, without figures', async (t) => {
  const other = { ...AFTER, loadChanges: [{ kind: 'pause' as const, atUs: 1e6 }] };
  const compared = withComparison([BEFORE], other);
  t.match(compared.comparison, { outcome: 'incomparable', rows: [] });
  const text = markdownOf(makeView(compared, 'en'), new Set(['comparison']));
  t.match(text, /^- Somebody changed the load of after while it ran\.$/m);
  t.notMatch(text, /\| Aggregated/);
});
