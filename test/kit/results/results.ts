import { parsePlan } from '../../../core/plan/parse.ts';
import type { ResolvedOperation } from '../../../core/plan/resolved-operation.ts';
import type { PlanInput } from '../../../core/plan/schema.ts';
import { type EncodedHistogram, Histogram } from '../../../core/stats/histogram.ts';
import type { RunSample } from '../../../core/stats/kept-sample.ts';
import type {
  AgentResult,
  Environment,
  ErrorKind,
  NamedReconciliation,
  OperationResult,
  PhaseResult,
  RatioColumns,
  RatioResult,
  RunEvent,
  RunResult,
  SecondColumns,
} from '../../../core/stats/result.ts';
import type { SearchResult } from '../../../core/stats/search/search-result.ts';
import type { SecondOperation } from '../../../core/stats/second.ts';
import type { Phase, RatioCounts } from '../../../core/stats/window.ts';
import { type Baseline, baselineFigures } from '../../../core/verdict/baseline/baseline-figures.ts';
import { ThresholdEvaluator } from '../../../core/verdict/evaluator.ts';
import type { RunDraft } from '../../../core/verdict/run-draft.ts';
import { planThresholds } from '../../../core/verdict/thresholds.ts';
import { checkValidity } from '../../../core/verdict/validity.ts';
import { judge } from '../../../core/verdict/verdict.ts';
import { type BuiltSecond, builtSeconds, type Stretch } from './built-seconds.ts';
import { Sequence, type Shape } from './samples.ts';

export interface RunShape {
  readonly plan: PlanInput;
  readonly stretches: readonly Stretch[];
  /** Type and size of answer by operation; `POST` and 100 bytes by default. */
  readonly types?: Readonly<Record<string, string>>;
  readonly bytes?: Readonly<Record<string, number>>;
  readonly examples?: Readonly<Record<string, string>>;
  /** Failures in full, by their kind. */
  readonly samples?: Readonly<Record<string, readonly RunSample[]>>;
  readonly timingsMs?: Readonly<Record<string, { count: number; ms: Shape }>>;
  /** The same hits of attempts in each second, by the name of the ratio. */
  readonly ratios?: Readonly<Record<string, RatioCounts & { readonly voidReason?: string }>>;
  readonly reconciliations?: readonly NamedReconciliation[];
  readonly unverified?: readonly string[];
  readonly events?: readonly RunEvent[];
  readonly agents?: readonly string[];
  readonly agent?: Partial<AgentResult>;
  readonly targetEnvironment?: Readonly<Record<string, string>>;
  readonly ending?: RunResult['ending'];
  /** Where the load does not last as long as its requests, or the warm-up's requests end after it. */
  readonly spans?: Partial<Pick<RunResult, 'warmupUs' | 'measuredUs' | 'plannedUs'>>;
  readonly runId?: string;
  readonly loadChanges?: RunResult['loadChanges'];
  readonly search?: SearchResult;
  readonly baseline?: Baseline;
}

export const ENVIRONMENT: Environment = {
  host: 'load-1',
  os: 'Debian GNU/Linux 12 (x64)',
  runtime: 'Bun 1.4.5',
  cpuModel: 'AMD EPYC 7B13',
  cpus: 2,
  memoryBytes: 8 * 2 ** 30,
};

/** A judged result of this shape: no clock, no chance, the same each time. */
export function buildResult(shape: RunShape): RunResult {
  const operations = resolvedOperations(shape);
  const plan = parsePlan(shape.plan);
  const seconds = builtSeconds(shape.stretches, operations).map((second) => withRatios(second, shape.ratios));
  const draft = draftOf(shape, operations, seconds);
  const { baseline } = shape;
  const against = baseline && baselineFigures(plan, shape.plan, baseline).against;
  const thresholds = planThresholds(plan, (shape.reconciliations?.length ?? 0) > 0, against);
  const { warmupUs, plannedUs } = draft;
  const evaluator = new ThresholdEvaluator(thresholds, operations, { warmupUs, plannedUs });
  for (const { settled } of seconds) evaluator.observe(settled);
  const validity = checkValidity(draft);
  const judged = evaluator.conclude(draft);
  const reference = against && { baseline: { name: against.name, runIds: against.runIds } };
  return { ...draft, ...reference, validity, thresholds: judged, verdict: judge(validity, judged) };
}

/** The plan's operations, by the names that it gives them. */
export function resolvedOperations({ plan, types }: Pick<RunShape, 'plan' | 'types'>): ResolvedOperation[] {
  const scenarios = Object.entries(parsePlan(plan).scenarios);
  return scenarios
    .flatMap(([scenarioName, { operations }], scenario) =>
      operations.map(({ name = 'request', driver, weight, tags }) => ({
        ...{ scenario, scenarioName, name, driver, weight, tags, driverOperation: name },
        type: types?.[name] ?? 'POST',
      })),
    )
    .map((operation, index) => ({ index, ...operation }));
}

function draftOf(shape: RunShape, operations: readonly ResolvedOperation[], seconds: readonly BuiltSecond[]): RunDraft {
  const plan = parsePlan(shape.plan);
  const warmupUs = seconds.filter(({ stretch }) => stretch.phase === 'warmup').length * 1e6;
  const results = operations.map((operation) => operationResult(shape, operation, seconds));
  const all = seconds.map(({ settled }) => settled.operations);
  const names = shape.agents ?? ['agent-1', 'agent-2'];
  const monitorNames = [...new Set(seconds.flatMap(({ settled }) => Object.keys(settled.monitors)))];
  return {
    version: 1,
    toolVersion: '0.1.0',
    runId: shape.runId ?? 'Vq3xT8mKp2La',
    plan: shape.plan,
    seed: plan.seed,
    command: 'bench run plans/upload.yaml --agents 2',
    startedAt: '2026-11-21T15:40:00.000Z',
    ending: shape.ending ?? { kind: 'completed' },
    warmupUs,
    measuredUs: seconds.length * 1e6 - warmupUs,
    plannedUs: seconds.length * 1e6,
    ...shape.spans,
    control: ENVIRONMENT,
    agents: names.map((name, i) => agentResult(name, i, names.length, shape, results, seconds)),
    targetEnvironment: shape.targetEnvironment ?? {},
    scenarios: Object.entries(plan.scenarios).map(([name, { executor }]) => ({
      name,
      executor,
      maxVus: Math.max(...seconds.map(({ settled }) => settled.vus)),
      droppedArrivals: seconds.reduce((sum, { settled }) => sum + settled.droppedArrivals, 0),
    })),
    operations: results,
    timings: Object.entries(shape.timingsMs ?? {}).map(([name, { count, ms }]) => {
      const { response } = new Sequence().draw({ perSecond: count, ms }, 0);
      return { name, phases: { warmup: new Histogram().encode(), measure: response.encode() } };
    }),
    ...(shape.ratios && { ratios: Object.entries(shape.ratios).map((given) => ratioResult(given, seconds)) }),
    timeline: {
      vus: seconds.map(({ settled }) => settled.vus),
      droppedArrivals: seconds.map(({ settled }) => settled.droppedArrivals),
      all: columns(all),
      operations: operations.map(({ index }) => columns(all.map((one) => one.filter((of) => of.operation === index)))),
      ...(shape.ratios && { ratios: Object.values(shape.ratios).map((given) => ratioColumns(given, seconds)) }),
      responseTimes: all.map((one) => merged(one.map(({ responseTime }) => responseTime)).encode()),
      agentCpuCores: seconds.map(({ stretch }) => stretch.cpuCores ?? 0.18),
      loopLagUs: seconds.map(({ stretch }) => (stretch.loopLagMs ?? 3) * 1e3),
    },
    monitors: monitorNames.map((name) => {
      const sampled = seconds.filter(({ settled }) => settled.monitors[name] !== undefined);
      return {
        name,
        seconds: sampled.map(({ settled }) => settled.second),
        values: sampled.map(({ settled }) => settled.monitors[name] as number),
      };
    }),
    reconciliations: shape.reconciliations ?? [],
    ...(shape.unverified && { unverified: shape.unverified }),
    loadChanges: shape.loadChanges ?? [],
    ...(shape.search && { search: shape.search }),
    lossTolerance: 0.01,
    events: shape.events ?? [],
  };
}

function withRatios(second: BuiltSecond, ratios: RunShape['ratios'] = {}): BuiltSecond {
  const phase = second.stretch.phase ?? 'measure';
  const counted = Object.entries(ratios).map(([name, counts]) => ({ name, phase, ...counts }));
  return counted.length === 0 ? second : { ...second, settled: { ...second.settled, ratios: counted } };
}

function ratioResult(
  [name, { hits, of, ...rest }]: [string, NonNullable<RunShape['ratios']>[string]],
  seconds: readonly BuiltSecond[],
): RatioResult {
  const phase = (wanted: Phase) => {
    const { length } = seconds.filter(({ stretch }) => (stretch.phase ?? 'measure') === wanted);
    return { hits: hits * length, of: of * length };
  };
  return { name, phases: { warmup: phase('warmup'), measure: phase('measure') }, ...rest };
}

function ratioColumns({ hits, of }: RatioCounts, seconds: readonly BuiltSecond[]): RatioColumns {
  return { hits: seconds.map(() => hits), of: seconds.map(() => of) };
}

function operationResult(
  shape: RunShape,
  { index, scenarioName: scenario, name, type, driver, tags }: ResolvedOperation,
  seconds: readonly BuiltSecond[],
): OperationResult {
  const phase = (wanted: Phase): PhaseResult => {
    const within = seconds.filter(({ stretch }) => (stretch.phase ?? 'measure') === wanted);
    const samples = within.flatMap(({ settled }) => settled.operations.filter(({ operation }) => operation === index));
    const requests = samples.reduce((sum, one) => sum + one.requests, 0);
    return {
      requests,
      errors: samples.reduce((sum, { errors }) => sum + errors, 0),
      bytesSent: requests * 180,
      bytesReceived: Math.round(requests * (shape.bytes?.[name] ?? 100)),
      responseTime: merged(samples.map(({ responseTime }) => responseTime)).encode(),
      serviceTime: merged(samples.map(({ serviceTime }) => serviceTime)).encode(),
      sendDelay: merged(within.map(({ sendDelays }) => sendDelays[index] as EncodedHistogram)).encode(),
      errorKinds: kindsOf(shape, index, within),
    };
  };
  return { scenario, name, type, driver, tags, phases: { warmup: phase('warmup'), measure: phase('measure') } };
}

function kindsOf({ examples, samples }: RunShape, index: number, seconds: readonly BuiltSecond[]): ErrorKind[] {
  const kinds = new Map<string, ErrorKind>();
  for (const { settled, kinds: counts } of seconds) {
    for (const [kind, count] of Object.entries(counts[index] ?? {})) {
      const known = kinds.get(kind);
      kinds.set(kind, {
        kind,
        count: (known?.count ?? 0) + count,
        example: examples?.[kind] ?? `${kind} happened`,
        firstSecond: known?.firstSecond ?? settled.second,
        lastSecond: settled.second,
        ...(samples?.[kind] && { samples: samples[kind] }),
      });
    }
  }
  return [...kinds.values()].toSorted((a, b) => b.count - a.count);
}

function agentResult(
  name: string,
  i: number,
  of: number,
  shape: RunShape,
  operations: readonly OperationResult[],
  seconds: readonly BuiltSecond[],
): AgentResult {
  const total = (figure: (phase: PhaseResult) => number) =>
    operations.reduce((sum, { phases }) => sum + figure(phases.warmup) + figure(phases.measure), 0);
  const share = (count: number) => Math.floor(((i + 1) * count) / of) - Math.floor((i * count) / of);
  const own = merged(
    seconds
      .filter(({ settled, stretch }) => stretch.phase !== 'warmup' && settled.second % of === i)
      .flatMap(({ settled }) => settled.operations.map(({ responseTime }) => responseTime)),
  );
  const cores = seconds.map(({ stretch }) => stretch.cpuCores ?? 0.18);
  const lagsUs = seconds.map(({ stretch }) => (stretch.loopLagMs ?? 3) * 1e3);
  return {
    name,
    environment: ENVIRONMENT,
    requests: share(total(({ requests }) => requests)),
    errors: share(total(({ errors }) => errors)),
    responseTime: own.encode(),
    clockOffsetUs: 120 + 40 * i,
    clockUncertaintyUs: 180 + 10 * i,
    startDelayUs: 900 + 350 * i,
    processCpuCores: summary(cores),
    hostCpuShare: { mean: 0.31, max: 0.52 },
    hostMemoryShare: { mean: 0.42, max: 0.43 },
    processMemoryBytes: { mean: 92e6, max: 118e6 },
    loopLagUs: summary(lagsUs),
    joinedUs: 0,
    missing: [],
    closingTotals: 'agree',
    ...shape.agent,
  };
}

function columns(seconds: readonly (readonly SecondOperation[])[]): SecondColumns {
  const histograms = seconds.map((second) => merged(second.map(({ responseTime }) => responseTime)));
  return {
    requests: seconds.map((second) => second.reduce((sum, { requests }) => sum + requests, 0)),
    errors: seconds.map((second) => second.reduce((sum, { errors }) => sum + errors, 0)),
    sumUs: histograms.map(({ sumUs }) => sumUs),
    p50Us: histograms.map((histogram) => histogram.valueAtQuantileUs(0.5)),
    p95Us: histograms.map((histogram) => histogram.valueAtQuantileUs(0.95)),
    p99Us: histograms.map((histogram) => histogram.valueAtQuantileUs(0.99)),
    maxUs: histograms.map(({ maxUs }) => maxUs),
  };
}

function merged(encoded: readonly EncodedHistogram[]): Histogram {
  const histogram = new Histogram();
  for (const part of encoded) histogram.addEncoded(part);
  return histogram;
}

function summary(values: readonly number[]) {
  return { mean: values.reduce((sum, value) => sum + value, 0) / values.length, max: Math.max(...values) };
}
