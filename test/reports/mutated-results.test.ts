// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a reference of plans
/** Results with several faults each, as a broken disk, a bad merge or a hand with bad intentions would leave them. */
import process from 'node:process';
import t from 'tap';
import { z } from 'zod';
import { CommandError } from '../../core/cli/command-error.ts';
import { plain } from '../../core/cli/output.ts';
import { checkedPlan } from '../../core/cli/plans/checked-plan.ts';
import { objectPlan } from '../../core/cli/plans/plan-file.ts';
import { comparisonScreen } from '../../core/cli/view/comparison.ts';
import { type RandomStream, randomStream } from '../../core/plan/random.ts';
import type { RunResult } from '../../core/stats/result.ts';
import { withComparison } from '../../core/verdict/baseline/before-and-after.ts';
import { compareRuns } from '../../core/verdict/compare/compare-runs.ts';
import { comparisonSchema } from '../../core/verdict/compare/comparison-schema.ts';
import { loadDifferences } from '../../core/verdict/compare/offered-load.ts';
import { builtinReports } from '../../reports/builtin.ts';
import { comparisonJson, comparisonMarkdown } from '../../reports/compare/documents.ts';
import { comparisonHtml } from '../../reports/compare/html.ts';
import { comparisonJunit } from '../../reports/compare/junit.ts';
import { makeComparisonView } from '../../reports/compare/view.ts';
import { baselineFile, ResultError, readResult, readRuns } from '../../reports/read-result.ts';
import { FAILING, INVALID, resultOf, UPLOAD_MS, uploadPlan } from '../kit/results/documents.ts';
import { buildResult } from '../kit/results/results.ts';
import { runSearch, SimulatedTarget, searchPlan } from '../kit/results/simulated-target.ts';

t.setTimeout(600_000);

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type Place = { readonly parent: Record<string | number, Json>; readonly key: string | number };

const ROUNDS = Number(process.env.BENCH_TEST_MUTATIONS ?? 100);
const TIME_LIMIT_MS = 10_000;
const MEMORY_LIMIT = 300 << 20;

const plan = uploadPlan({
  thresholds: ['rps >= baseline - 5%', 'upload p95 <= baseline + 10%', 'error_rate < 1%'],
  monitors: {},
});
const shape = (runId: string) => ({
  plan,
  runId,
  types: { upload: 'POST', health: 'GET' },
  stretches: [
    {
      seconds: 20,
      vus: 10,
      operations: { upload: { perSecond: 50, ms: UPLOAD_MS }, health: { perSecond: 5, ms: UPLOAD_MS } },
    },
  ],
});
const BEFORE = buildResult(shape('before'));
const AFTER = withComparison([BEFORE], buildResult({ ...shape('after'), baseline: { name: 'main', runs: [BEFORE] } }));

/** A run that searched its load. */
function searched(): RunResult {
  const found = runSearch(new SimulatedTarget(800)).search.result();
  const stretches = found.levels.map(({ level, perSecond, p95Us }) => {
    const ms = { 0: 4, 0.5: 5, 0.95: p95Us / 1e3, 1: p95Us / 500 };
    return { seconds: 10, vus: Math.ceil(level / 20), operations: { get: { perSecond: Math.round(perSecond), ms } } };
  });
  const searching = searchPlan({}, { capacity: { need: '10000/s', reserve: 2 } });
  return buildResult({ plan: searching, stretches, search: found, types: { get: 'GET' } });
}

const BASES = [AFTER, resultOf(FAILING), resultOf(INVALID), searched()].map((result) => JSON.stringify(result));

/** Every place below a value; of a long list, some. */
function places(value: Json, random: RandomStream, into: Place[]): void {
  if (typeof value !== 'object' || value === null) return;
  const keys = Array.isArray(value)
    ? [
        ...new Set([
          0,
          value.length - 1,
          ...Array.from({ length: 3 }, () => random.integer(Math.max(1, value.length))),
        ]),
      ].filter((i) => i >= 0 && i < value.length)
    : Object.keys(value);
  for (const key of keys) {
    const parent = value as Record<string | number, Json>;
    into.push({ parent, key });
    places(parent[key] as Json, random, into);
  }
}

const TEXTS = [
  '',
  'x',
  '\u001b[31m',
  '__proto__',
  'constructor',
  '999999999999999999999',
  '-',
  '\n::error::x',
  'é'.repeat(5000),
  '\ud800',
  '1e999',
  '12s',
  'p95 < 1s',
  '${env:HOME}',
];
const NUMBERS = [0, -0, -1, 0.5, 1, 2, 1e-300, 1e15, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 53 + 2, 1e300, -1e300];

function pick<Value>(random: RandomStream, values: readonly Value[]): Value {
  return values[random.integer(values.length)] as Value;
}

function otherValue(random: RandomStream, old: Json): Json {
  switch (random.integer(8)) {
    case 0:
      return pick(random, NUMBERS);
    case 1:
      return pick(random, TEXTS);
    case 2:
      return pick<Json>(random, [null, true, false, [], {}, [[]], [null], { x: {} }]);
    case 3:
      return Array.isArray(old) ? [...old, ...old] : [old, old];
    case 4:
      return Array.isArray(old) ? old.slice(0, random.integer(old.length + 1)) : old;
    case 5:
      return Array.isArray(old) ? old.toReversed() : typeof old === 'number' ? -old : old;
    case 6:
      return typeof old === 'number'
        ? old * pick(random, [2, 10, 1e6, 1e12, 0.1])
        : typeof old === 'string'
          ? `${old}${old}`
          : old;
    default:
      return typeof old === 'number' ? old + pick(random, [1, -1, 1000]) : pick(random, [...NUMBERS, ...TEXTS]);
  }
}

/** One to eight changes: values, keys that go, come or are swapped with another place. */
function mutated(text: string, random: RandomStream): Json {
  const value = JSON.parse(text) as Json;
  const changes = 1 + random.integer(8);
  for (let i = 0; i < changes; i++) {
    const all: Place[] = [];
    places(value, random, all);
    const { parent, key } = pick(random, all);
    switch (random.integer(6)) {
      case 0:
        if (Array.isArray(parent)) parent.splice(Number(key), 1);
        else delete parent[key];
        break;
      case 1: {
        const other = pick(random, all);
        [parent[key], other.parent[other.key]] = [
          structuredClone(other.parent[other.key] as Json),
          structuredClone(parent[key] as Json),
        ];
        break;
      }
      case 2:
        if (!Array.isArray(parent))
          parent[pick(random, TEXTS).slice(0, 20) || 'y'] = structuredClone(parent[key] as Json);
        break;
      default:
        parent[key] = otherValue(random, parent[key] as Json);
    }
  }
  return value;
}

const reports = await Promise.all(Object.values(builtinReports).map(async (load) => (await load()).default));

function reportAll(result: RunResult): void {
  for (const report of reports) {
    for (const options of [{}, { lang: 'zh-CN' }]) {
      const checked = report.options['~standard'].validate(options);
      if (checked instanceof Promise || checked.issues !== undefined) continue;
      const bytes = report.render(result, checked.value as never).reduce((sum, { content }) => sum + content.length, 0);
      if (bytes > 50e6) throw new Error(`${report.name} makes ${bytes} bytes`);
    }
  }
}

/** JSON has null for what is no number, which nobody who reads it reckons with. */
const asComparison = comparisonSchema(z.looseObject({ id: z.string(), params: z.record(z.string(), z.any()) }));

async function compareAll(before: readonly RunResult[], after: readonly RunResult[]): Promise<void> {
  loadDifferences([...before, ...after]);
  const comparison = compareRuns(before, after, { tolerance: 0.05, trustsAll: true });
  const runs = { before, after };
  for (const lang of ['en', 'zh-CN'] as const) {
    comparisonMarkdown(comparison, lang);
    asComparison.parse(JSON.parse(comparisonJson(comparison, lang)));
    comparisonJunit(comparison, lang);
    await comparisonHtml(comparison, lang, runs);
    comparisonScreen(makeComparisonView(comparison, lang), [], 100, plain);
  }
}

async function asBaseline(runs: readonly RunResult[]): Promise<void> {
  try {
    await checkedPlan(objectPlan('plan', '.', plan), {}, {}, { baseline: { name: 'main', runs } });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
  }
}

const SENTENCE =
  /^(is damaged: |holds a plan that this bench cannot read: |is not the result of a run: |has result version )[^\n]+$/;
const FOREIGN =
  /Invalid input|\bexpected\b|\breceived\b|Unrecognized key|Too (?:small|big)|\[object|undefined|Cannot read/;

t.test(`${ROUNDS} results with one to eight faults`, async (t) => {
  const random = randomStream(20_261_130, 0);
  const whole = JSON.parse(BASES[0] as string) as RunResult;
  const faults: string[] = [];
  const counts = { refused: 0, read: 0 };
  let slowest = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const value = mutated(BASES[round % BASES.length] as string, random);
    const text = JSON.stringify(value);
    const startMs = performance.now();
    const heapBefore = process.memoryUsage().heapUsed;
    try {
      const result = readResult(text);
      counts.read++;
      reportAll(result);
      const other = { ...whole, runId: 'whole' };
      await compareAll([result], [other]);
      await compareAll([other], [result]);
      const kept = readRuns(baselineFile('main', [other, result])).runs;
      await compareAll(kept, [result]);
      await asBaseline([result]);
      await asBaseline(kept);
      withComparison([result], other);
    } catch (error) {
      if (!(error instanceof ResultError))
        faults.push(`round ${round}: ${(error as Error).stack?.split('\n').slice(0, 4).join(' | ')}`);
      else {
        counts.refused++;
        if (!SENTENCE.test(error.message) || FOREIGN.test(error.message) || error.message.length > 2000)
          faults.push(`round ${round}: ${error.message.slice(0, 300)}`);
      }
    }
    const ms = performance.now() - startMs;
    slowest = Math.max(slowest, ms);
    if (ms > TIME_LIMIT_MS) faults.push(`round ${round} took ${ms.toFixed(0)} ms`);
    const grown = process.memoryUsage().heapUsed - heapBefore;
    if (grown > MEMORY_LIMIT) faults.push(`round ${round} took ${grown >> 20} MiB`);
  }
  t.comment(JSON.stringify({ ...counts, slowest }));
  t.ok(counts.refused > 0 && counts.read > 0, JSON.stringify(counts));
  t.strictSame(faults.slice(0, 40), [], `${faults.length} faults`);
});
