import t, { type Test } from 'tap';
import { parsePlan } from '../../../core/plan/parse.ts';
import type { PlanInput } from '../../../core/plan/schema.ts';
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
import { buildResult, type RunShape } from '../../kit/results.ts';

function has(t: Test, sentences: readonly string[], wanted: readonly RegExp[]): void {
  for (const pattern of wanted)
    t.ok(
      sentences.some((sentence) => pattern.test(sentence)),
      String(pattern),
    );
}

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

/** Steps of arrivals per second; all are answered up to `capacity`. */
function arrivalSteps(rates: readonly number[], capacity: number): RunShape {
  const scenarios: PlanInput['scenarios'] = {
    open: {
      executor: 'ramping-arrival-rate',
      startRate: rates[0] as number,
      stages: rates.flatMap((target) => [
        { target, duration: '0s' },
        { target, duration: '8s' },
      ]),
      maxVus: 50,
      operations: [{ driver: 'http-upload', name: 'upload' }],
    },
  };
  const stretches = rates.map((rate): Stretch => {
    const slow = rate > capacity ? 4 : 1;
    const ms = Object.fromEntries(Object.entries(UPLOAD_MS).map(([at, value]) => [at, value * slow]));
    const perSecond = Math.min(rate, capacity);
    return { seconds: 8, vus: 50, dropped: rate - perSecond, operations: { upload: { perSecond, ms } } };
  });
  return { plan: uploadPlan({ scenarios, monitors: {}, thresholds: ['dropped_rate <= 100%'] }), stretches };
}

t.test('the knee of arrival rates, and none where throughput grew to the end', async (t) => {
  has(t, conclude(buildResult(arrivalSteps([50, 100, 200, 400], 200)), 'en'), [
    /^Beyond an offered 200\/s throughput no longer grows \(200\/s there, 200\/s when 400\/s are offered\)/,
  ]);
  has(t, conclude(buildResult(arrivalSteps([50, 100, 200, 400], 1000)), 'en'), [
    /^Throughput still grew at the highest stage \(an offered 400\/s, 400\/s/,
  ]);
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

t.test('requests that fail quickly are no throughput that still grows', async (t) => {
  const { plan, stretches } = arrivalSteps([50, 100, 200, 400], 1000);
  const grew = (failed: readonly number[]) => {
    const failing = stretches.map((stretch, i): Stretch => {
      const operations = Object.entries(stretch.operations).map(([name, shape]) => {
        return [name, { ...shape, fails: { http_503: failed[i] as number } }] as const;
      });
      return { ...stretch, operations: Object.fromEntries(operations) };
    });
    return conclude(buildResult({ plan, stretches: failing }), 'en').some((text) => /Throughput still grew/.test(text));
  };
  t.notOk(grew([0, 0, 0, 0.6]));
  t.notOk(grew([0, 0, 0.55, 0.95]), 'also where most had failed before');
  t.ok(grew([0.1, 0.1, 0.1, 0.1]));
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

t.test('arrivals that the warm-up dropped are not told beside the measured requests', async (t) => {
  const { plan, stretches } = arrivalSteps([100], 100);
  const warmup = (dropped: number): Stretch => ({ ...(stretches[0] as Stretch), phase: 'warmup', dropped });
  const told = (measured: number) => {
    const shape = { plan: { ...plan, warmup: '8s' }, stretches: [warmup(7), { ...stretches[0], dropped: measured }] };
    return conclude(buildResult(shape as RunShape), 'en')[0];
  };
  t.match(told(0), /in the last 8s\.$/);
  t.match(told(2), /; 16 more arrivals found no free virtual user\.$/);
});

t.test('a run of less than a second has users, and no last seconds', async (t) => {
  const stretches = [{ seconds: 1, vus: 4, operations: { upload: { perSecond: 100, ms: { 0: 5, 1: 5 } } } }];
  const whole = buildResult({ plan: uploadPlan({ monitors: {}, thresholds: [] }), stretches });
  const brief = { ...whole, measuredUs: 600_000 };
  const [en, zh] = [conclude(brief, 'en'), conclude(brief, 'zh-CN')];
  has(t, en, [/^Up to 4 virtual users made 100 requests in 600ms: 166\.7\/s on average\.$/]);
  has(t, zh, [/^最多 4 个虚拟用户在 600毫秒 内发出 100 个请求：平均 166\.7\/s。$/]);
});

t.test('busy users that follow a slow target are no load', async (t) => {
  const operations = [{ driver: 'http-upload', name: 'upload' }];
  const closed = { executor: 'constant-vus', vus: 10, duration: '32s', operations } as const;
  const arrivals = { executor: 'constant-arrival-rate', rate: 100, duration: '32s', maxVus: 300, operations } as const;
  const shape = { executor: 'shape', shape: './s.ts', load: 'rate', maxVus: 300, operations } as const;
  const stretches = [10, 50, 100, 200].map((vus): Stretch => {
    const ms = { 0: vus * 9, 0.95: vus * 10, 1: vus * 11 };
    return { seconds: 8, vus, operations: { upload: { perSecond: 100, ms } } };
  });
  const told = (scenarios: PlanInput['scenarios']) => {
    const result = buildResult({ plan: uploadPlan({ scenarios, monitors: {}, thresholds: [] }), stretches });
    t.strictSame(levelsOf(result, parsePlan(result.plan)).levels, []);
    return conclude(result, 'en');
  };
  for (const scenarios of [{ closed, arrivals }, { shape }, { arrivals, shape }]) {
    t.notOk(told(scenarios).some((sentence) => /knee|highest stage/.test(sentence)));
  }
});

t.test('a ramp without steps is cut into parts', async (t) => {
  const stretches = Array.from({ length: 60 }, (_, i): Stretch => {
    const vus = 10 * (i + 1);
    const perSecond = Math.min(vus * 4, 1200);
    const ms = (vus / perSecond) * 1000;
    return { seconds: 1, vus, operations: { upload: { perSecond, ms: { 0: 0.9 * ms, 0.95: ms, 1: 1.2 * ms } } } };
  });
  const scenarios: PlanInput['scenarios'] = {
    devices: {
      executor: 'ramping-vus',
      stages: [{ target: 600, duration: '60s' }],
      operations: [{ driver: 'http-upload', name: 'upload' }],
    },
  };
  const result = buildResult({ plan: uploadPlan({ scenarios, monitors: {}, thresholds: [] }), stretches });
  has(t, conclude(result, 'en'), [/the knee is at 3\d\d virtual users\.$/, /^The plan sets no criteria/]);
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
