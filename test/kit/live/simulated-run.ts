import { bucketIndex } from '../../../core/stats/histogram.ts';
import { formatJudged } from '../../../core/verdict/quantity.ts';
import type { RunEventData } from '../../../core/web/api/run-events.ts';
import { otherTexts, shownEvent, shownReason } from '../../../core/web/live/event.ts';

/** What a simulated run looks like. Times are seconds. */
export interface SimulatedShape {
  readonly runId: string;
  readonly name: string;
  readonly operations: number;
  readonly agents: number;
  readonly plannedS: number;
  readonly warmupS: number;
  /** Names of the operations; more are numbered. */
  readonly names: readonly string[];
  /** Names of what drivers count, of which the second says nothing. */
  readonly ratios?: readonly string[] | undefined;
  /** From this second on requests fail and slow down; undefined: never. */
  readonly trouble?: number | undefined;
  /** From this second on an agent is lost. */
  readonly loss?: number | undefined;
  readonly role: 'viewer' | 'operator';
}

export const DEFAULT_SHAPE: SimulatedShape = {
  runId: 'k3x9q0a1b2c4',
  name: 'upload',
  operations: 3,
  agents: 4,
  plannedS: 900,
  warmupS: 5,
  names: ['测试数据上传接口', '服务健康检查', 'insert row'],
  role: 'operator',
};

const TYPES = ['POST', 'GET', 'SQL'];

/** The events of a run that is known second by second: the same second always gives the same figures. */
export class SimulatedRun {
  readonly shape: SimulatedShape;
  private counted: { second: number; requests: number[]; errors: number[] } | undefined;

  constructor(shape: SimulatedShape) {
    this.shape = shape;
  }

  operations(): { scenario: string; type: string; name: string }[] {
    const { operations, names } = this.shape;
    return Array.from({ length: operations }, (_, i) => ({
      scenario: 'devices',
      type: TYPES[i % TYPES.length] as string,
      name: names[i] ?? `/api/resource/${i}/items`,
    }));
  }

  hello(state: string, second: number): Record<string, unknown> {
    const { runId, name, plannedS, warmupS, agents, role } = this.shape;
    return {
      v: 1,
      runId,
      name,
      state,
      ...shownReason(''),
      startedAt: second < 0 ? null : '2026-11-30T05:00:02.000Z',
      plannedUs: plannedS * 1e6,
      warmupUs: warmupS * 1e6,
      seed: 1,
      target: 'http://shop.example:5002',
      role,
      canPause: true,
      scenarios: [
        {
          name: 'devices',
          executor: 'ramping-vus',
          of: 'vus',
          canSet: 'vus',
          profile: [
            [0, 10],
            [warmupS * 1e6, 10],
            [60e6, 100],
            [plannedS * 1e6, 100],
          ],
        },
      ],
      operations: this.operations(),
      journeys: [],
      thresholds: [
        {
          criterion: 'p95 < 200ms',
          severity: 'fail',
          isDefault: false,
          ...(state === 'finished' && { limit: 200_000, chart: 'responseTime' }),
        },
        { criterion: 'error_rate < 1%', severity: 'fail', isDefault: true },
      ],
      monitors: ['target.queue_depth', 'target.cpu_share'],
      agents: { expected: agents, here: agents },
      second,
    };
  }

  vus(second: number): number {
    const { warmupS } = this.shape;
    return second < warmupS
      ? 10
      : Math.min(100, Math.round(10 + (90 * (second - warmupS)) / Math.max(1, 60 - warmupS)));
  }

  isTroubled(second: number): boolean {
    return this.shape.trouble !== undefined && second >= this.shape.trouble;
  }

  private baseUs(second: number): number {
    const slow = this.isTroubled(second) ? 180_000 : 0;
    return 46_000 + 4_000 * Math.sin(second / 7) + 1_500 * Math.sin(second / 1.7) + slow;
  }

  /** Of one operation in one second. */
  of(
    second: number,
    i: number,
  ): { rps: number; fps: number; avgUs: number; p50Us: number; p95Us: number; p99Us: number; maxUs: number } {
    const vus = this.vus(second);
    const rps = Math.max(0, Math.round((vus * 4) / (1 + i * 1.7) + 2 * Math.sin(second + i)));
    const fps = this.isTroubled(second) ? Math.ceil(rps / 9) : second % 37 === 17 && i === 1 ? 1 : 0;
    const base = Math.round(this.baseUs(second) * (0.6 + ((i * 7) % 10) / 12));
    return {
      rps,
      fps: Math.min(rps, fps),
      avgUs: base,
      p50Us: Math.round(base * 0.93),
      p95Us: Math.round(base * 1.5),
      p99Us: Math.round(base * 1.9),
      maxUs: Math.round(base * (3 + Math.sin(second * 1.3))),
    };
  }

  all(second: number): ReturnType<SimulatedRun['of']> {
    const rows = this.operations().map((_, i) => this.of(second, i));
    const first = this.of(second, 0);
    return {
      ...first,
      rps: rows.reduce((sum, row) => sum + row.rps, 0),
      fps: rows.reduce((sum, row) => sum + row.fps, 0),
    };
  }

  /** Of the seconds until this one: the next one is asked for next, of a run of hours as well. */
  private totals(second: number): { requests: number[]; errors: number[] } {
    const { operations, warmupS } = this.shape;
    if (this.counted === undefined || this.counted.second > second) {
      const nothing = () => new Array<number>(operations).fill(0);
      this.counted = { second: warmupS - 1, requests: nothing(), errors: nothing() };
    }
    const { requests, errors } = this.counted;
    for (let s = this.counted.second + 1; s <= second; s++) {
      for (let i = 0; i < operations; i++) {
        const { rps, fps } = this.of(s, i);
        requests[i] = (requests[i] as number) + rps;
        errors[i] = (errors[i] as number) + fps;
      }
      this.counted.second = s;
    }
    return { requests: [...requests], errors: [...errors] };
  }

  second(second: number, paused = false): Record<string, unknown> {
    const { warmupS, agents, loss } = this.shape;
    const rows = this.operations().map((_, i) => this.of(second, i));
    const all = this.all(second);
    const { requests, errors } = this.totals(second);
    const lost = loss !== undefined && second >= loss ? 1 : 0;
    const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
    return {
      second,
      elapsedUs: (second + 1) * 1e6 + 600_000,
      behindUs: 600_000,
      phase: second < warmupS ? 'warmup' : 'measure',
      paused,
      vus: this.vus(second),
      dropped: 0,
      all: { ...all, requests: sum(requests), errors: sum(errors) },
      ops: {
        requests,
        errors,
        rps: rows.map(({ rps }) => rps),
        fps: rows.map(({ fps }) => fps),
        avgUs: rows.map(({ avgUs }) => avgUs),
        maxUs: rows.map(({ maxUs }) => maxUs),
      },
      journeys: { requests: [], errors: [], rps: [], fps: [], avgUs: [], maxUs: [] },
      agents: {
        running: agents - lost,
        away: 0,
        lost,
        cpuMax: 0.3 + 0.05 * Math.sin(second / 5),
        lagMaxUs: 1500 + 300 * (second % 4),
      },
      monitors: [second % 11 === 10 ? null : 1 + (second % 3), 0.4 + 0.1 * Math.sin(second / 9)],
      warningTexts: { 'zh-CN': lost > 0 ? ['代理 agent-002 失联：3 秒内缺少 25% 的负载。请检查它的主机。'] : [] },
      warnings: lost > 0 ? ['Agent agent-002 was lost: 25% of the load was missing for 3 s. Look at its host.'] : [],
    };
  }

  percentiles(second: number): Record<string, unknown> {
    const rows = this.operations().map((_, i) => this.of(second, i));
    const { errors } = this.totals(second);
    const all = this.all(second);
    const figures = ({ avgUs, p50Us, p95Us, p99Us, maxUs }: typeof all, factor: number) => {
      const scaled = (us: number) => Math.round(us * factor);
      return {
        p50Us: scaled(p50Us),
        p90Us: scaled(p95Us * 0.9),
        p95Us: scaled(p95Us),
        p99Us: scaled(p99Us),
        p999Us: scaled(p99Us * 1.6),
        minUs: scaled(p50Us * 0.6),
        avgUs: scaled(avgUs),
        maxUs: scaled(maxUs),
      };
    };
    const columns = (factor: number) => {
      const each = rows.map((row) => figures(row, factor));
      return Object.fromEntries(
        Object.keys(figures(all, 1)).map((key) => [key, each.map((row) => row[key as 'p50Us'])]),
      );
    };
    const none = Object.fromEntries(Object.keys(figures(all, 1)).map((key) => [key, []]));
    const errorShare = this.isTroubled(second) ? 0.11 : 0.0004;
    return {
      second,
      windowS: Math.max(0, second + 1 - this.shape.warmupS),
      all: { response: figures(all, 1), service: figures(all, 0.97) },
      ops: { response: columns(1), service: columns(0.97), avgBytes: rows.map((_, i) => 56 + 18.39 * (i % 3)) },
      journeys: { response: none, service: none },
      last: {
        p50Us: rows.map(({ p50Us }) => p50Us),
        p95Us: rows.map(({ p95Us }) => p95Us),
        p99Us: rows.map(({ p99Us }) => p99Us),
      },
      column: { fromSecond: Math.max(0, second - 9), seconds: Math.min(10, second + 1), ...this.buckets(second) },
      thresholds: [
        judged('p95 < 200ms', all.p95Us, 200_000, 'us', `${(all.p95Us / 1e3).toFixed(1)} ms`),
        judged('error_rate < 1%', errorShare, 0.01, 'share', `${(100 * errorShare).toFixed(2)}%`),
      ],
      ratios: (this.shape.ratios ?? []).map((name, i) => {
        const voidReason = i === 1 ? 'rows were written while it was measured' : '';
        return { name, hits: 95 * second, of: 100 * second, voidReason, voidReasonTexts: otherTexts(voidReason) };
      }),
      failures: errors
        .flatMap((count, operation) => (count === 0 ? [] : [failure(operation, count, second)]))
        .slice(0, 50),
    };
  }

  private buckets(second: number): { indices: number[]; counts: number[] } {
    const { p50Us, p99Us, rps } = this.all(second);
    const counts = new Map<number, number>();
    for (let n = 0; n < 60; n++) {
      const us = p50Us * 0.6 + ((p99Us * 1.4 - p50Us * 0.6) * n) / 60;
      counts.set(bucketIndex(Math.round(us)), Math.max(1, Math.round(rps * Math.exp(-(((n - 14) / 14) ** 2)))));
    }
    const sorted = [...counts].toSorted(([a], [b]) => a - b);
    return { indices: sorted.map(([index]) => index), counts: sorted.map(([, count]) => count) };
  }

  agents(second: number): { total: number; rows: Record<string, unknown>[] } {
    const { agents, loss } = this.shape;
    const rows = Array.from({ length: agents }, (_, i) => ({
      name: `agent-${String(i + 1).padStart(3, '0')}`,
      state: i === 1 && loss !== undefined && second >= loss ? 'lost' : 'running',
      host: `load-${1 + (i % 12)}.example`,
      vus: Math.round(this.vus(second) / agents),
      cpuCores: 0.2 + ((i * 7) % 10) / 40,
      hostCpu: 0.3 + ((i * 3) % 10) / 30,
      memoryBytes: 9e7 + i * 1e5,
      lagUs: 900 + ((i * 131) % 1200),
      clockOffsetUs: -1200 + i * 10,
      clockUncertaintyUs: 90,
      second,
    }));
    return { total: agents, rows };
  }

  timeline(from: number, to: number, step: number, operations: readonly number[]): Record<string, unknown> {
    const starts: number[] = [];
    for (let second = from; second <= to; second += step) starts.push(second);
    const columnsOf = (at: (second: number) => ReturnType<SimulatedRun['of']>) => {
      const rows = starts.map(at);
      return {
        requests: rows.map(({ rps }) => rps),
        errors: rows.map(({ fps }) => fps),
        avgUs: rows.map(({ avgUs }) => avgUs),
        p50Us: rows.map(({ p50Us }) => p50Us),
        p95Us: rows.map(({ p95Us }) => p95Us),
        p99Us: rows.map(({ p99Us }) => p99Us),
        maxUs: rows.map(({ maxUs }) => maxUs),
      };
    };
    const { trouble, loss } = this.shape;
    const events = [
      ...(trouble !== undefined && trouble <= to ? [told(trouble, 'the load is paused')] : []),
      ...(loss !== undefined && loss <= to
        ? [told(loss, 'agent agent-002 was lost: nothing has come from it for 3 s')]
        : []),
    ];
    return {
      from,
      to,
      step,
      vus: starts.map((second) => this.vus(second)),
      dropped: starts.map(() => 0),
      all: columnsOf((second) => this.all(second)),
      operations: operations.map((index) => ({
        index,
        ...this.operations()[index],
        columns: columnsOf((second) => this.of(second, index)),
      })),
      journeys: [],
      heat: starts.map((second) => this.buckets(second)),
      agentCpuCores: starts.map((second) => 0.3 + 0.05 * Math.sin(second / 5)),
      loopLagUs: starts.map((second) => 1500 + 300 * (second % 4)),
      monitors: [
        { name: 'target.queue_depth', values: starts.map((second) => 1 + (second % 3)) },
        { name: 'target.cpu_share', values: starts.map((second) => 0.4 + 0.1 * Math.sin(second / 9)) },
      ],
      events,
      loadChanges: [],
    };
  }
}

function told(second: number, text: string): RunEventData<'event'> {
  return shownEvent({ atUs: second * 1e6, text });
}

function judged(
  criterion: string,
  actual: number,
  limit: number,
  unit: 'us' | 'share',
  shown: string,
): Record<string, unknown> {
  const passes = actual < limit;
  return {
    criterion,
    severity: 'fail',
    status: passes ? 'pass' : 'fail',
    actual,
    limit,
    unit,
    margin: passes ? (limit - actual) / limit : null,
    shown,
    shownLimit: formatJudged(limit, limit, unit),
    chart: unit === 'us' ? 'responseTime' : null,
    samples: 100_000,
  };
}

/** A message from a stranger: it must be shown, and not run. */
export const HOSTILE_MESSAGE = '500 Internal Server Error <img src=x onerror="alert(1)">';

function failure(operation: number, count: number, lastSecond: number): Record<string, unknown> {
  return {
    operation,
    journey: null,
    phase: 'measure',
    kind: 'http_500',
    count,
    message: HOSTILE_MESSAGE,
    firstSecond: 17,
    lastSecond,
    samples: [],
  };
}
