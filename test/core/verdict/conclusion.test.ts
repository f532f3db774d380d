import t from 'tap';
import { parsePlan } from '../../../core/plan/parse.ts';
import type { AgentResult } from '../../../core/stats/result.ts';
import { levelsOf } from '../../../core/verdict/conclusion/levels.ts';
import { conclude } from '../../../core/verdict/conclusion.ts';
import type { Stretch } from '../../kit/results/built-seconds.ts';
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
} from '../../kit/results/documents.ts';
import { buildResult } from '../../kit/results/results.ts';
import { has } from '../../kit/results/sentences.ts';

t.test('document 000, section 5: all met, nothing piles up, nothing lost', async (t) => {
  const result = resultOf(DOCUMENT_000);
  t.equal(result.verdict.kind, 'pass');
  has(t, conclude(result, 'en'), [
    /^Up to 100 virtual users made 201,048 requests in 9m: .* 372\.1\/s in the last 10s\.$/,
    /^upload: median 50 ms, average 52\.\d ms, p95 73 ms, .* passes upload p95 < 200ms easily, with a margin of 63\.5%\.$/,
    /^health: median 45 ms/,
    /^All 201,048 requests succeeded\.$/,
    /^target\.queue_depth was 1 to 3, .* without a backlog\.$/,
    /^182,795 writes were acknowledged and 182,795 rows are stored: nothing was lost\.$/,
    /^With 100 virtual users the target passes all criteria \(5\)/,
  ]);
  has(t, conclude(result, 'zh-CN'), [/^201,048 个请求全部成功。$/, /没有积压/, /满足全部 5 项指标/]);
});

t.test('document 002: the knee at 200 users, the CPU behind it', async (t) => {
  const sentences = conclude(resultOf(DOCUMENT_002), 'en');
  has(t, sentences, [
    /^Above 200 virtual users throughput stops growing \(1600\/s there, 1550\/s with 500\) while the p95 rises from 150 ms to 500 ms: the knee is at 200 virtual users\.$/,
    /share of failures rises as well, from 0\.50\d% to 5%/,
    /^milvus: CPU at .*98% at its peak: this is the bottleneck\.$/,
    /does not meet the requirements: 1 of 3 criteria passed/,
  ]);
  t.notOk(sentences.some((sentence) => /memory/.test(sentence)));
});

t.test('document 002, SLA: throughput and p95 met, availability not', async (t) => {
  has(t, conclude(resultOf(DOCUMENT_002_SLA), 'en'), [
    /availability 99\.85%/,
    /2 of 3 criteria passed; failed: availability > 99\.9%\.$/,
    /CPU at 60% on average, 60% at its peak: no bottleneck/,
  ]);
});

t.test('document 003: slow by the environment, or slow in themselves', async (t) => {
  const after = conclude(resultOf(DOCUMENT_003_AFTER), 'en');
  has(t, after, [
    /^All 4 operations are slow by about the same amount, .*medians 2000 ms to 2020 ms\): the cause is probably the environment, not the code\./,
    /^Median times of the phases: http\.connect 2002 ms\.$/,
    /^Most of the common delay is in http\.connect/,
    /CPU at 4% on average/,
  ]);
  t.notOk(after.some((sentence) => /Slow on their own/.test(sentence)));
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
    /^Slow on their own, since \/api\/system\/health takes 200 ms .*: \/api\/system\/stats 1000 ms and \/api\/system\/metrics 1000 ms/,
  ]);
  t.notOk(before.some((sentence) => /environment, not the code/.test(sentence)));
});

t.test('a failing run says what broke, what piled up and what was lost', async (t) => {
  has(t, conclude(resultOf(FAILING), 'en'), [
    /^upload: .* which fails upload p95 < 150ms for 3s: 2\.9 times the limit\.$/,
    /most often with http_503 × 24, timeout × 12 and connection_reset × 4/,
    /^target\.queue_depth grew from 1\.33 to 16\.7, at most 19/,
    /acknowledged writes that were lost: 3/,
    /without an answer: 12; of these, stored anyway: 6/,
  ]);
});

t.test('where no write was acknowledged, none is said to be kept', async (t) => {
  const stretches = [{ seconds: 5, vus: 10, operations: { upload: { perSecond: 50, ms: UPLOAD_MS } } }];
  const plan = uploadPlan({ monitors: {}, thresholds: [] });
  const result = buildResult({ plan, stretches, reconciliations: [reconciled(0)] });
  const sentences = conclude({ ...result, validity: [] }, 'en');
  has(t, sentences, [/^No write was acknowledged, so none can be lost; 0 rows are stored\.$/]);
  t.notOk(sentences.some((sentence) => /nothing was lost/.test(sentence)));
});

t.test('rows that no agent told of may be of one that was lost', async (t) => {
  const of = reconciled(3);
  const reconciliations = [{ ...of, reconciliation: { ...of.reconciliation, stored: 56, extra: 53 } }];
  const result = { ...resultOf(DOCUMENT_000), reconciliations };
  has(t, conclude(result, 'en'), [/^Stored rows that nobody sent: 53\.$/]);
  const [first, ...others] = result.agents;
  const agents = [{ ...first, closingTotals: 'missing' } as (typeof result.agents)[number], ...others];
  const sentences = conclude({ ...result, agents }, 'en');
  has(t, sentences, [/^Stored rows that no agent reported: 53\. They may come from agents .*\(agent-1\)\.$/]);
  t.notOk(sentences.some((sentence) => /nobody sent/.test(sentence)));
});

t.test('a measurement that cannot be believed says so first, and judges nothing', async (t) => {
  const sentences = conclude(resultOf(INVALID), 'en');
  t.match(sentences[0], /^This measurement cannot be trusted and says nothing about the target/);
  t.match(sentences[1], /An agent process used 95% of a core/);
  t.notOk(sentences.some((sentence) => /criteria|fails|passes|knee|bottleneck/.test(sentence)));
});

t.test('a full processor is no bottleneck where nothing suffers', async (t) => {
  const monitors = { 'target.host_cpu_share': [0.97] };
  const stretches = DOCUMENT_000.stretches.map((stretch) => ({ ...stretch, seconds: 10, monitors }));
  const result = buildResult({ ...DOCUMENT_000, plan: uploadPlan({ thresholds: ['p95 < 200ms'] }), stretches });
  const sentences = conclude(result, 'en');
  has(t, sentences, [/^Host of target: CPU at 97% .* will run out first\.$/]);
  t.match(
    sentences.at(-1),
    /passes all criteria .*; there is no room for more load, because the CPU of the host of target is full\.$/,
  );
  t.match(conclude(result, 'zh-CN').at(-1), /target 所在主机的 CPU 已用满/);
});

t.test('a bottleneck is named with its owner, and only where the load suffered with it', async (t) => {
  const slow = { upload: { perSecond: 100, ms: { 0: 250, 1: 300 } } };
  const quick = { upload: { perSecond: 100, ms: { 0: 20, 1: 40 } } };
  const told = (stretches: readonly Stretch[], agent: Partial<AgentResult> = {}, target = 'http://192.0.2.9') => {
    const plan = uploadPlan({ target, thresholds: ['p95 < 200ms'] });
    const result = buildResult({ plan, stretches, agent });
    return conclude({ ...result, validity: [] }, 'en').filter((sentence) => /CPU|core/.test(sentence));
  };
  const at = (operations: Stretch['operations'], cpu: number): Stretch => {
    return {
      seconds: 10,
      vus: 50,
      operations,
      monitors: { 'target.host_cpu_share': [cpu], 'target.cpu_cores': [1.7] },
    };
  };
  t.strictSame(told([at(quick, 0.4), at(slow, 0.98)]), [
    'Host of target: CPU at 69% on average, 98% at its peak (target itself used 1.7 cores): this is the bottleneck.',
  ]);
  t.matchOnly(told([at(quick, 0.98), at(slow, 0.4)]), [/the load did not suffer yet/], 'it was slow at another time');
  const others = { hostCpuShare: { mean: 0.99, max: 1 }, processCpuCores: { mean: 0.08, max: 0.2 } };
  t.strictSame(told([at(slow, 0.4)], others), [
    'Host of agent-1 and agent-2: CPU at 99% on average, of which the agents used 8%: other processes were busy there, so response times may include waiting for CPU.',
  ]);
  t.matchOnly(told([at(slow, 0.4)], others, 'http://127.0.0.1:80/x'), [
    /other processes \(the target among them\) were busy/,
  ]);
  const own = { hostCpuShare: { mean: 0.95, max: 1 }, processCpuCores: { mean: 0.85, max: 0.9 } };
  t.matchOnly(told([at(slow, 0.4)], own), [/of which the agents used 85%: the load generator leaves no room/]);
  const full = { processCpuCores: { mean: 0.93, max: 1 } };
  t.matchOnly(told([at(slow, 0.4)], full), [
    /process of agent-1 and agent-2 used 93% of a core on average, 100% at its peak/,
  ]);
});

t.test('CPU counters that move in jumps are averaged, and one sample says nothing', async (t) => {
  const told = (seconds: number, cpu: readonly number[]) => {
    const stretch = { seconds, vus: 50, monitors: { 'target.host_cpu_share': cpu } };
    const operations = { upload: { perSecond: 100, ms: { 0: 250, 1: 300 } } };
    const plan = uploadPlan({ thresholds: ['p95 < 200ms'] });
    const result = buildResult({ plan, stretches: [{ ...stretch, operations }] });
    return conclude({ ...result, validity: [] }, 'en').filter((sentence) => /CPU/.test(sentence));
  };
  t.strictSame(told(20, [0, 1]), ['Host of target: CPU at 50% on average, 50% at its peak: no bottleneck.']);
  t.strictSame(told(1, [1]), []);
});

t.test('requests that were sent again are counted in words', async (t) => {
  const result = buildResult({ ...DOCUMENT_000, timingsMs: { 'http.resent': { count: 3, ms: { 0: 1, 1: 2 } } } });
  has(t, conclude(result, 'en'), [
    /^Requests sent again because the server closed .*: 3\. Each counts as one request\.$/,
  ]);
  t.notOk(conclude(resultOf(DOCUMENT_000), 'en').some((sentence) => /sent again/.test(sentence)));
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
  const unlimited = told({ 'target.host_memory_used_bytes': [97], 'target.host_memory_bytes': [0] });
  t.notMatch(unlimited.join(' '), /memory/, 'a container without a limit');
  has(t, told({ 'target.host_memory_used_bytes': [97], 'target.host_memory_bytes': [100] }), [
    /^target: memory at 97% .* this is the bottleneck\.$/,
  ]);
});

t.test('a run that was stopped says that first', async (t) => {
  const ending = { kind: 'stopped' as const, by: 'request' as const, reason: 'Ctrl-C' };
  const [first] = conclude(buildResult({ ...FAILING, ending }), 'en');
  t.match(first, /^The run was stopped after 18s of measurement \(Ctrl-C\)/);
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
    /^Host of target: CPU at 50% on average, 50% at its peak/,
  ]);
  t.end();
});

t.test('a criterion that is broken at its very limit is not said to pass', async (t) => {
  const operations = { upload: { perSecond: 340, ms: { 0: 200, 1: 200 } } };
  const told = (criterion: string) => {
    const stretches = [{ seconds: 20, vus: 100, operations }];
    const result = buildResult({ plan: uploadPlan({ monitors: {}, thresholds: [criterion] }), stretches });
    return conclude({ ...result, validity: [] }, 'en');
  };
  has(t, told('upload max < 200ms'), [/which fails upload max < 200ms: exactly the limit\.$/]);
  has(t, told('upload max <= 200ms'), [/which passes upload max <= 200ms with a margin of 0%\.$/]);
});

t.test('a run of less than a second has users, and no last seconds', async (t) => {
  const stretches = [{ seconds: 1, vus: 4, operations: { upload: { perSecond: 100, ms: { 0: 5, 1: 5 } } } }];
  const whole = buildResult({ plan: uploadPlan({ monitors: {}, thresholds: [] }), stretches });
  const brief = { ...whole, measuredUs: 600_000 };
  const [en, zh] = [conclude(brief, 'en'), conclude(brief, 'zh-CN')];
  has(t, en, [/^Up to 4 virtual users made 100 requests in 600ms: 166\.7\/s on average\.$/]);
  has(t, zh, [/^最多 4 个虚拟用户在 600毫秒内发出 100 个请求：平均 166\.7\/s。$/]);
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
