import t from 'tap';
import { parsePlan } from '../../../core/plan/parse.ts';
import { levelsOf } from '../../../core/verdict/conclusion/levels.ts';
import { conclude } from '../../../core/verdict/conclusion.ts';
import type { Stretch } from '../../kit/built-seconds.ts';
import {
  DOCUMENT_000,
  DOCUMENT_002,
  DOCUMENT_002_SLA,
  DOCUMENT_003_AFTER,
  DOCUMENT_003_BEFORE,
  FAILING,
  INVALID,
  reconciled,
  resultOf,
  UPLOAD_MS,
  uploadPlan,
} from '../../kit/documents.ts';
import { buildResult } from '../../kit/results.ts';
import { has } from '../../kit/sentences.ts';

t.test('document 000, section 5: all met, nothing piles up, nothing lost', async (t) => {
  const result = resultOf(DOCUMENT_000);
  t.equal(result.verdict.kind, 'pass');
  has(t, conclude(result, 'en'), [
    /^Up to 100 virtual users made 201,048 requests in 9m: .* 372\.1\/s in the last 10s\.$/,
    /^upload: median 50 ms, average 52\.\d ms, p95 73 ms, .* meets upload p95 < 200ms by far, with a margin of 63\.5%\.$/,
    /^health: median 45 ms/,
    /^All 201,048 requests succeeded: 0% failures\.$/,
    /^target\.queue_depth was 1 to 3, .* nothing piles up\.$/,
    /^182,795 writes were acknowledged, 182,795 rows are stored: nothing is lost\.$/,
    /^With 100 virtual users the target meets all criteria \(5\)/,
  ]);
  has(t, conclude(result, 'zh-CN'), [/^201,048 个请求全部成功，失败率 0%。$/, /没有积压/, /满足全部 5 项指标/]);
});

t.test('document 002: the knee at 200 users, the CPU behind it', async (t) => {
  const sentences = conclude(resultOf(DOCUMENT_002), 'en');
  has(t, sentences, [
    /^Beyond 200 virtual users throughput no longer grows \(1600\/s there, 1550\/s with 500\), while the p95 rises from 150 ms to 500 ms: the knee is at 200 virtual users\.$/,
    /share of failures rises too, from 0\.50\d% to 5%/,
    /^milvus: CPU at .*98% at its peak: this is the bottleneck\.$/,
    /does not meet the requirements: 1 of 3 criteria/,
  ]);
  t.notOk(sentences.some((sentence) => /memory/.test(sentence)));
});

t.test('document 002, SLA: throughput and p95 met, availability not', async (t) => {
  has(t, conclude(resultOf(DOCUMENT_002_SLA), 'en'), [
    /availability 99\.85%/,
    /2 of 3 criteria are met; broken: availability > 99\.9%\.$/,
    /CPU at 60% on average, 60% at its peak: no bottleneck/,
  ]);
});

t.test('document 003: slow by the environment, or slow in themselves', async (t) => {
  const after = conclude(resultOf(DOCUMENT_003_AFTER), 'en');
  has(t, after, [
    /^All 4 operations are slow by about the same amount, .*medians 2000 ms to 2020 ms\): this points to the environment, not to the code\./,
    /^Median times of the phases: http\.connect 2002 ms\.$/,
    /^Most of the common delay lies in http\.connect/,
    /CPU at 4% on average/,
  ]);
  t.notOk(after.some((sentence) => /Slow in themselves/.test(sentence)));
  const result = resultOf(DOCUMENT_003_AFTER);
  const timings = result.timings.map(({ name, phases }) => {
    return { name, phases: { warmup: phases.measure, measure: phases.warmup } };
  });
  const connected = conclude({ ...result, timings }, 'en');
  t.notOk(
    connected.some((sentence) => /common delay/.test(sentence)),
    'requests that found a connection',
  );
  const before = conclude(resultOf(DOCUMENT_003_BEFORE), 'en');
  has(t, before, [
    /^Slow in themselves, as \/api\/system\/health answers in 200 ms .*: \/api\/system\/stats 1000 ms and \/api\/system\/metrics 1000 ms/,
  ]);
  t.notOk(before.some((sentence) => /environment, not to the code/.test(sentence)));
});

t.test('a failing run says what broke, what piled up and what was lost', async (t) => {
  has(t, conclude(resultOf(FAILING), 'en'), [
    /^upload: .* which breaks upload p95 < 150ms for 3s by 186%\.$/,
    /most often http_503 × 24, timeout × 12 and connection_reset × 4/,
    /^target\.queue_depth grew from 1\.33 to 16\.7, at most 19/,
    /acknowledged writes that are lost: 3/,
    /without an answer: 12; of these, stored all the same: 6/,
  ]);
});

t.test('where no write was acknowledged, none is said to be kept', async (t) => {
  const stretches = [{ seconds: 5, vus: 10, operations: { upload: { perSecond: 50, ms: UPLOAD_MS } } }];
  const plan = uploadPlan({ monitors: {}, thresholds: [] });
  const result = buildResult({ plan, stretches, reconciliations: [reconciled(0)] });
  const sentences = conclude({ ...result, validity: [] }, 'en');
  has(t, sentences, [/^No write was acknowledged, so none can be lost; 0 rows are stored\.$/]);
  t.notOk(sentences.some((sentence) => /nothing is lost/.test(sentence)));
});

t.test('rows that no agent told of may be of one that was lost', async (t) => {
  const of = reconciled(3);
  const reconciliations = [{ ...of, reconciliation: { ...of.reconciliation, stored: 56, extra: 53 } }];
  const result = { ...resultOf(DOCUMENT_000), reconciliations };
  has(t, conclude(result, 'en'), [/^Rows that are stored though nobody sent them: 53\.$/]);
  const [first, ...others] = result.agents;
  const agents = [{ ...first, closingTotals: 'missing' } as (typeof result.agents)[number], ...others];
  const sentences = conclude({ ...result, agents }, 'en');
  has(t, sentences, [
    /^Rows that are stored though no agent told of sending them: 53\. They may be of agents .*\(agent-1\)\.$/,
  ]);
  t.notOk(sentences.some((sentence) => /nobody sent them/.test(sentence)));
});

t.test('a measurement that cannot be believed says so first, and judges nothing', async (t) => {
  const sentences = conclude(resultOf(INVALID), 'en');
  t.match(sentences[0], /^This measurement cannot be believed and says nothing of the target/);
  t.match(sentences[1], /An agent process used 95% of a core/);
  t.notOk(sentences.some((sentence) => /criteria|breaks|meets|knee|bottleneck/.test(sentence)));
});

t.test('a full processor is no bottleneck where nothing suffers', async (t) => {
  const monitors = { 'target.host_cpu_share': [0.97] };
  const stretches = DOCUMENT_000.stretches.map((stretch) => ({ ...stretch, seconds: 10, monitors }));
  const result = buildResult({ ...DOCUMENT_000, plan: uploadPlan({ thresholds: ['p95 < 200ms'] }), stretches });
  has(t, conclude(result, 'en'), [/^target: CPU at 97% .* would run out first\.$/]);
});

t.test('full memory is told by the names that the metrics pages have', async (t) => {
  const told = (monitors: Stretch['monitors'] & object) => {
    const stretches = DOCUMENT_000.stretches.map((stretch) => ({ ...stretch, seconds: 10, monitors }));
    const plan = uploadPlan({ thresholds: ['p95 < 1ms'] });
    return conclude(buildResult({ ...DOCUMENT_000, plan, stretches }), 'en');
  };
  const exporter = told({ 'host.host_cpu_share': [0.2], 'host.host_memory_used_share': [0.97] });
  has(t, exporter, [/^host: memory at 97% .* this is the bottleneck\.$/]);
  t.notOk(exporter.some((sentence) => /no bottleneck/.test(sentence)));
  has(t, told({ 'target.host_memory_used_bytes': [97], 'target.host_memory_bytes': [100] }), [
    /^target: memory at 97% .* this is the bottleneck\.$/,
  ]);
});

t.test('a run that was stopped says that first', async (t) => {
  const ending = { kind: 'stopped' as const, by: 'request' as const, reason: 'Ctrl-C' };
  const [first] = conclude(buildResult({ ...FAILING, ending }), 'en');
  t.match(first, /^The run was stopped after 18s of measuring \(Ctrl-C\)/);
});

t.test('two days of seconds are no more arguments than a call takes', (t) => {
  const seconds = 172_800;
  const short = resultOf(DOCUMENT_000);
  const counted = Array.from({ length: seconds }, (_, second) => second);
  const vus = counted.map((second) => 100 + second);
  const monitor = (name: string, value: number) => ({ name, seconds: counted, values: counted.map(() => value) });
  const result = {
    ...short,
    measuredUs: seconds * 1e6,
    timeline: { ...short.timeline, vus },
    monitors: [monitor('target.queue_depth', 1), monitor('target.host_cpu_share', 0.5)],
  };
  const plan = parsePlan(result.plan);
  t.equal(levelsOf(result, plan).levels.length, 5);
  has(t, conclude(result, 'en'), [
    /^target\.queue_depth was 1 to 1/,
    /^target: CPU at 50% on average, 50% at its peak/,
  ]);
  t.end();
});

t.test('a criterion that is broken at its very limit is not said to be met', async (t) => {
  const operations = { upload: { perSecond: 340, ms: { 0: 200, 1: 200 } } };
  const told = (criterion: string) => {
    const stretches = [{ seconds: 20, vus: 100, operations }];
    const result = buildResult({ plan: uploadPlan({ monitors: {}, thresholds: [criterion] }), stretches });
    return conclude({ ...result, validity: [] }, 'en');
  };
  has(t, told('upload max < 200ms'), [/which breaks upload max < 200ms by 0%\.$/]);
  has(t, told('upload max <= 200ms'), [/which meets upload max <= 200ms with a margin of 0%\.$/]);
});

t.test('a run of less than a second has users, and no last seconds', async (t) => {
  const stretches = [{ seconds: 1, vus: 4, operations: { upload: { perSecond: 100, ms: { 0: 5, 1: 5 } } } }];
  const whole = buildResult({ plan: uploadPlan({ monitors: {}, thresholds: [] }), stretches });
  const brief = { ...whole, measuredUs: 600_000 };
  const [en, zh] = [conclude(brief, 'en'), conclude(brief, 'zh-CN')];
  has(t, en, [/^Up to 4 virtual users made 100 requests in 600ms: 166\.7\/s on average\.$/]);
  has(t, zh, [/^最多 4 个虚拟用户在 600毫秒 内发出 100 个请求：平均 166\.7\/s。$/]);
});

t.test('every sentence is in both languages, with the same figures', async (t) => {
  const figures = (sentence: string) => (sentence.match(/\d[\d,.]*\d|\d/g) ?? []).toSorted();
  for (const shape of [DOCUMENT_000, DOCUMENT_002, DOCUMENT_003_AFTER, FAILING, INVALID]) {
    const result = resultOf(shape);
    const en = conclude(result, 'en');
    const zh = conclude(result, 'zh-CN');
    t.equal(en.length, zh.length);
    for (const [i, sentence] of en.entries()) {
      t.strictSame(figures(zh[i] as string), figures(sentence), sentence);
    }
  }
});
