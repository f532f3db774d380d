import type { OutputAgent, OutputRun, OutputScenario } from '../output.ts';
import { EMPTY_HISTOGRAM, type EncodedHistogram } from '../stats/histogram.ts';
import { countOf, Distribution, mergeEncoded } from '../stats/merge-encoded.ts';
import type { OperationResult, RunResult, ThresholdResult } from '../stats/result.ts';
import type { Phase } from '../stats/window.ts';
import { VERSION } from '../version.ts';
import type { HistogramPoint, Labels, Metric, Point } from './series.ts';

/** What a run has come to, while it goes on or at its end. */
export type Sums = Pick<RunResult, 'operations' | 'timings' | 'scenarios' | 'thresholds'> &
  Partial<Pick<RunResult, 'reconciliations' | 'ratios'>>;

/** What is true of a run now. */
export interface Present {
  /** In words of a run's states, such as `running`. */
  readonly state: string;
  readonly scenarios: readonly OutputScenario[];
  readonly agents: readonly OutputAgent[];
  readonly monitors: Readonly<Record<string, number>>;
  /** How long ago the second was over that is shown. */
  readonly behindSeconds?: number | undefined;
  /** Response times of the last seconds. */
  readonly recent?: readonly HistogramPoint[] | undefined;
}

const PHASES = ['warmup', 'measure'] as const satisfies readonly Phase[];
const QUANTILES = [0.5, 0.9, 0.95, 0.99, 0.999];
/** With more agents than this, only their highest figure and their mean are shown. */
const MAX_AGENTS = 100;

/** All metrics of a run, each with the labels `run_id` and `plan`; one without points is left out. */
export function metricsOf(run: OutputRun, sums: Sums, present: Present): Metric[] {
  const { runId: run_id, plan, target, seed } = run;
  const metrics = [
    ...operationMetrics(sums.operations, present.recent ?? []),
    histogram(
      'bench_send_delay_seconds',
      'From when a request was due to when it was sent',
      sendDelays(sums.operations),
    ),
    histogram(
      'bench_timing_seconds',
      'Durations that drivers measure beside operations',
      sums.timings.flatMap(({ name: timing, phases }) =>
        PHASES.map((phase) => ({ labels: { timing, phase }, histogram: phases[phase] })),
      ),
    ),
    counter('bench_ratio_hits_total', 'Hits of attempts that drivers count', attempts(sums, 'hits')),
    counter('bench_ratio_attempts_total', 'Attempts that drivers count', attempts(sums, 'of')),
    counter('bench_arrivals_dropped_total', 'Arrivals that were not carried out', dropped(sums)),
    gauge('bench_threshold_met', 'Whether a criterion holds by now', sums.thresholds.flatMap(thresholdPoint)),
    gauge(
      'bench_writes_lost',
      'Acknowledged writes that are not among the stored rows',
      (sums.reconciliations ?? []).map(({ driver, reconciliation }) => {
        return { labels: { driver }, value: reconciliation.lost };
      }),
    ),
    ...presentMetrics(present),
    gauge('bench_run_info', 'The run', [{ labels: { target, seed: String(seed), version: VERSION }, value: 1 }]),
  ];
  return metrics.filter(({ points }) => points.length > 0).map((metric) => withLabels(metric, { run_id, plan }));
}

/** How long ago a second of a run was over. @param startMs the run start, on any clock @param nowMs on the same one */
export function behindSeconds(startMs: number, second: number, nowMs: number): number {
  return Math.max(0, (nowMs - startMs) / 1000 - (second + 1));
}

/** The response times of a run by "op", each of which has some. */
export function responseTimesOf(operations: readonly OperationResult[]): HistogramPoint[] {
  return rowsOf(operations).map(({ labels, figures }) => ({ labels, histogram: figures.responseTime }));
}

function rowsOf(operations: readonly OperationResult[]) {
  return operations.flatMap(({ scenario, name: operation, type, phases }) =>
    PHASES.flatMap((phase) => {
      const figures = phases[phase];
      return figures.requests > 0 ? [{ labels: { scenario, operation, type, phase }, figures }] : [];
    }),
  );
}

function operationMetrics(operations: readonly OperationResult[], recent: readonly HistogramPoint[]): Metric[] {
  const all = rowsOf(operations);
  const times = responseTimesOf(operations);
  return [
    counter(
      'bench_requests_total',
      'Requests that have ended',
      all.map(({ labels, figures }) => ({ labels, value: figures.requests })),
    ),
    counter(
      'bench_failures_total',
      'Requests that have failed, by kind',
      all.flatMap(({ labels, figures }) =>
        figures.errorKinds.map(({ kind, count }) => ({ labels: { ...labels, error_kind: kind }, value: count })),
      ),
    ),
    counter(
      'bench_io_bytes_total',
      'Bytes of requests and answers',
      all.flatMap(({ labels, figures }) => [
        { labels: { ...labels, direction: 'sent' }, value: figures.bytesSent },
        { labels: { ...labels, direction: 'received' }, value: figures.bytesReceived },
      ]),
    ),
    histogram('bench_response_time_seconds', 'From when a request was due to its end', times),
    histogram(
      'bench_service_time_seconds',
      'From when a request was sent to its end',
      all.map(({ labels, figures }) => ({ labels, histogram: figures.serviceTime })),
    ),
    gauge('bench_response_quantile_seconds', 'Quantiles of the response time, at most 0.1 % too high', [
      ...times.flatMap((point) => quantiles(point, 'run')),
      ...recent.flatMap((point) => quantiles(point, '10s')),
    ]),
  ];
}

function quantiles({ labels, histogram }: HistogramPoint, window: string): Point[] {
  const responseTime = new Distribution(histogram);
  if (responseTime.count === 0) return [];
  return QUANTILES.map((quantile) => ({
    labels: { ...labels, quantile: String(quantile), window },
    value: responseTime.valueAtQuantileUs(quantile) / 1e6,
  }));
}

function sendDelays(operations: readonly OperationResult[]): HistogramPoint[] {
  const merged = new Map<string, { labels: Labels; histogram: EncodedHistogram }>();
  for (const { scenario, phases } of operations) {
    for (const phase of PHASES) {
      const key = `${phase} ${scenario}`;
      const before = merged.get(key)?.histogram ?? EMPTY_HISTOGRAM;
      merged.set(key, { labels: { scenario, phase }, histogram: mergeEncoded(before, phases[phase].sendDelay) });
    }
  }
  return [...merged.values()];
}

/** One that is void is left out from then on: what came before means nothing either. */
function attempts({ ratios = [] }: Pick<Sums, 'ratios'>, figure: 'hits' | 'of'): Point[] {
  return ratios
    .filter(({ voidReason }) => voidReason === undefined)
    .flatMap(({ name: ratio, phases }) =>
      PHASES.filter((phase) => phases[phase].of > 0).map((phase) => ({
        labels: { ratio, phase },
        value: phases[phase][figure],
      })),
    );
}

function dropped({ scenarios }: Pick<Sums, 'scenarios'>): Point[] {
  return scenarios.flatMap(({ name: scenario, droppedArrivals, missedArrivals = 0 }) => [
    { labels: { scenario, reason: 'no_free_vu' }, value: droppedArrivals - missedArrivals },
    { labels: { scenario, reason: 'heard_too_late' }, value: missedArrivals },
  ]);
}

function thresholdPoint({ criterion, severity, status }: ThresholdResult): Point[] {
  return status === 'invalid' ? [] : [{ labels: { criterion, severity }, value: status === 'pass' ? 1 : 0 }];
}

function presentMetrics({ state, scenarios, agents, monitors, behindSeconds }: Present): Metric[] {
  const states = Map.groupBy(agents, (agent) => agent.state);
  const ofAgents = (name: string, help: string, figure: (agent: OutputAgent) => number) =>
    gauge(name, help, agentPoints(agents, figure));
  const wanted = (figure: (scenario: OutputScenario) => number | undefined) =>
    scenarios.flatMap((one) => {
      const value = figure(one);
      return value === undefined ? [] : [{ labels: { scenario: one.name }, value }];
    });
  return [
    gauge('bench_run_state', 'The state that the run is in', [{ labels: { state }, value: 1 }]),
    gauge(
      'bench_vus',
      'Virtual users that are alive, or busy where the load is arrivals per second',
      scenarios.map(({ name: scenario, vus }) => ({ labels: { scenario }, value: vus })),
    ),
    gauge(
      'bench_vus_wanted',
      'Virtual users that are asked for',
      wanted(({ vusWanted }) => vusWanted),
    ),
    gauge(
      'bench_rate_wanted',
      'Arrivals per second that are asked for',
      wanted(({ rateWanted }) => rateWanted),
    ),
    gauge(
      'bench_live_behind_seconds',
      'How long ago the second was over that the figures are of',
      behindSeconds === undefined ? [] : [{ labels: {}, value: behindSeconds }],
    ),
    gauge(
      'bench_agents',
      'Agents of the run by state',
      [...states].map(([of, some]) => ({ labels: { state: of }, value: some.length })),
    ),
    ofAgents('bench_agent_cpu_cores', 'CPU that the process of an agent uses', (agent) => agent.processCpuCores),
    ofAgents('bench_agent_loop_lag_seconds', 'How long its event loop was blocked', (agent) => agent.loopLagUs / 1e6),
    ofAgents('bench_agent_memory_bytes', 'Memory that its process uses', (agent) => agent.processMemoryBytes),
    gauge(
      'bench_monitor',
      'What the monitors of the run read',
      Object.entries(monitors).map(([name, value]) => {
        const at = name.lastIndexOf('.');
        return { labels: { monitor: name.slice(0, at), metric: name.slice(at + 1) }, value };
      }),
    ),
  ];
}

function agentPoints(agents: readonly OutputAgent[], figure: (agent: OutputAgent) => number): Point[] {
  const here = agents.filter(({ state }) => state === 'here');
  const values = here.map(figure);
  if (here.length <= MAX_AGENTS)
    return here.map(({ name: agent }, i) => ({ labels: { agent }, value: values[i] ?? 0 }));
  const sum = values.reduce((all, value) => all + value, 0);
  return [
    { labels: { agent: 'max' }, value: Math.max(...values) },
    { labels: { agent: 'mean' }, value: sum / values.length },
  ];
}

function counter(name: string, help: string, points: readonly Point[]): Metric {
  return { kind: 'counter', name, help, points };
}

function gauge(name: string, help: string, points: readonly Point[]): Metric {
  return { kind: 'gauge', name, help, points };
}

function histogram(name: string, help: string, points: readonly HistogramPoint[]): Metric {
  return { kind: 'histogram', name, help, points: points.filter((point) => countOf(point.histogram) > 0) };
}

function withLabels(metric: Metric, labels: Labels): Metric {
  if (metric.kind !== 'histogram') {
    return { ...metric, points: metric.points.map((point) => ({ ...point, labels: { ...labels, ...point.labels } })) };
  }
  return { ...metric, points: metric.points.map((point) => ({ ...point, labels: { ...labels, ...point.labels } })) };
}
