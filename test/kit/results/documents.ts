import type { PlanInput } from '../../../core/plan/schema.ts';
import type { NamedReconciliation, RunResult } from '../../../core/stats/result.ts';
import type { Stretch } from './built-seconds.ts';
import { buildResult, type RunShape } from './results.ts';
import type { Shape } from './samples.ts';

/** Results shaped like those of the documented tests, and one each of what else a report has to show. */

const TARGET_ENVIRONMENT = { version: '0.1.0', runtime: 'Bun 1.4.5', database: 'SQLite 3.51', cpus: '2' };

export const UPLOAD_MS: Shape = { 0: 35, 0.5: 50, 0.95: 73, 0.99: 89, 0.9999: 160, 1: 612 };
export const HEALTH_MS: Shape = { 0: 33, 0.5: 45, 0.95: 64, 0.99: 76, 0.9999: 120, 1: 409 };

export function uploadPlan(overrides: Partial<PlanInput> = {}): PlanInput {
  return {
    name: 'Upload test',
    description: 'Does one write take at most 200 ms while 100 devices write at once?',
    target: 'http://127.0.0.1:5002',
    scenarios: {
      devices: {
        executor: 'constant-vus',
        vus: 100,
        duration: '9m',
        // What 100 users with 372 requests/s must have paused: with document 000's own 50 to 100 ms they make 780.
        thinkTime: { uniform: ['166ms', '266ms'] },
        operations: [
          { driver: 'http-upload', name: 'upload', weight: 10, tags: { kind: 'write' } },
          { driver: 'health', name: 'health', weight: 1 },
        ],
      },
    },
    monitors: { target: { use: 'prometheus' } },
    thresholds: ['upload p95 < 200ms', 'error_rate < 0.1%', 'rps >= 300', 'target.queue_depth max <= 5', 'lost == 0'],
    ...overrides,
  };
}

export function reconciled(acknowledged: number, lost = 0, unknown = 0): NamedReconciliation {
  return {
    driver: 'http-upload',
    reconciliation: {
      source: 'target',
      sourceDescription: 'GET /api/test/upload/count',
      keys: 100,
      acknowledged,
      unknown,
      stored: acknowledged - lost + Math.floor(unknown / 2),
      lost,
      extra: 0,
      storedWithoutAcknowledgement: Math.floor(unknown / 2),
      discrepancies: lost > 0 ? [{ key: 'Vq3xT8mKp2La-0007', acknowledged: 120, unknown: 0, stored: 120 - lost }] : [],
      stable: true,
    },
  };
}

/** Document 000, section 5: 100 users, 372.1 requests/s at the end, no failure, p95 73 ms, queue depth 1 to 3. */
export const DOCUMENT_000: RunShape = {
  plan: uploadPlan(),
  types: { upload: 'POST', health: 'GET' },
  bytes: { upload: 74.39, health: 56 },
  stretches: [
    {
      ...{ seconds: 530, vus: 100, monitors: { 'target.queue_depth': [1, 1, 1, 2, 1, 1, 2, 1, 3, 1, 2] } },
      operations: {
        upload: { perSecond: 338.508, ms: UPLOAD_MS },
        health: { perSecond: 33.808, ms: HEALTH_MS },
      },
    },
    {
      ...{ seconds: 10, vus: 100, monitors: { 'target.queue_depth': [1] } },
      operations: { upload: { perSecond: 338.6, ms: UPLOAD_MS }, health: { perSecond: 33.5, ms: HEALTH_MS } },
    },
  ],
  timingsMs: { 'http.connect': { count: 100, ms: { 0: 0.4, 0.5: 0.9, 1: 4 } } },
  reconciliations: [reconciled(182_795)],
  targetEnvironment: TARGET_ENVIRONMENT,
};

const SEARCH_WEIGHTS = { vector_search: 10 / 14, hybrid_search: 3 / 14, batch_search: 1 / 14 };

function searchPlan(overrides: Partial<PlanInput>): PlanInput {
  const operations = Object.entries(SEARCH_WEIGHTS).map(([name, share]) => {
    return { driver: 'http', name, weight: Math.round(share * 14) };
  });
  const stages = [10, 50, 100, 200, 500].map((target) => ({ target, duration: '20s', spawnRate: 1000 }));
  return {
    name: 'Vector search',
    target: 'http://127.0.0.1:19530',
    scenarios: { users: { executor: 'ramping-vus', stages, operations } },
    monitors: { milvus: { use: 'prometheus' } },
    thresholds: ['rps > 1000', 'p95 < 100ms', 'availability > 99.9%'],
    ...overrides,
  };
}

function searchStretch(vus: number, perSecond: number, ms: Shape, failed: number, cpu: number, seconds = 20): Stretch {
  const operations = Object.entries(SEARCH_WEIGHTS).map(([name, share]) => {
    return [name, { perSecond: perSecond * share, ms, fails: { timeout: failed } }] as const;
  });
  return {
    ...{ seconds, vus, operations: Object.fromEntries(operations) },
    monitors: { 'milvus.cpu_ratio': [cpu], 'milvus.memory_ratio': [0.55, 0.56] },
  };
}

const SEARCH_TYPES = { vector_search: 'search', hybrid_search: 'search', batch_search: 'search' };

/** Document 002: 10 to 500 users; throughput no longer grows beyond 200, where the p95 rises from 150 to 500 ms. */
export const DOCUMENT_002: RunShape = {
  plan: searchPlan({}),
  types: SEARCH_TYPES,
  stretches: [
    searchStretch(10, 500, { 0: 10, 0.5: 20, 0.95: 30, 0.99: 45, 1: 80 }, 0, 0.35),
    searchStretch(50, 1200, { 0: 25, 0.5: 41, 0.95: 50, 0.99: 80, 1: 140 }, 0, 0.7),
    searchStretch(100, 1500, { 0: 50, 0.5: 62, 0.95: 65, 0.99: 120, 1: 200 }, 0.0005, 0.86),
    searchStretch(200, 1600, { 0: 60, 0.5: 122, 0.95: 150, 0.99: 300, 1: 700 }, 0.005, 0.95),
    searchStretch(500, 1550, { 0: 100, 0.5: 300, 0.95: 500, 0.99: 1200, 1: 2500 }, 0.05, 0.98),
  ],
  examples: { timeout: 'no answer within 1000 ms' },
};

/** Document 002, "SLA": throughput and p95 are met, the availability of 99.85 % is not. */
export const DOCUMENT_002_SLA: RunShape = {
  plan: searchPlan({}),
  types: SEARCH_TYPES,
  stretches: [searchStretch(100, 1523.4, { 0: 50, 0.5: 62, 0.95: 65, 0.99: 120, 1: 200 }, 0.00151, 0.6, 30)],
};

function systemPlan(vus: number): PlanInput {
  const operations = ['health', 'info', 'stats', 'metrics'].map((name) => ({
    driver: 'http',
    name: `/api/system/${name}`,
  }));
  return {
    name: 'System endpoints',
    target: 'http://localhost:8000',
    scenarios: { users: { executor: 'constant-vus', vus, duration: '1m', operations } },
    monitors: { target: { use: 'prometheus' } },
    thresholds: ['p95 < 1s'],
  };
}

function systemRun(vus: number, perSecond: number, medians: readonly number[], connectMs: number): RunShape {
  const operations = ['health', 'info', 'stats', 'metrics'].map((name, i) => {
    const median = medians[i] as number;
    const ms: Shape = { 0: 0.97 * median, 0.5: median, 0.95: 1.2 * median, 0.99: 1.4 * median, 1: 1.6 * median };
    return [`/api/system/${name}`, { perSecond, ms }] as const;
  });
  return {
    plan: systemPlan(vus),
    types: Object.fromEntries(operations.map(([name]) => [name, 'GET'])),
    stretches: [
      {
        ...{ seconds: 60, vus, operations: Object.fromEntries(operations) },
        monitors: { 'target.host_cpu_ratio': [0.03, 0.05, 0.04], 'target.memory_ratio': [0.43] },
      },
    ],
    timingsMs: {
      'http.connect': { count: 4 * perSecond * 60, ms: { 0: 0.95 * connectMs, 0.5: connectMs, 1: 1.1 * connectMs } },
    },
  };
}

/** Document 003, section 3: `stats` and `metrics` block for a second, `health` does not. */
export const DOCUMENT_003_BEFORE = systemRun(4, 1.45, [200, 500, 1000, 1000], 1);
/** Document 003, section 7: 2,000 ms on every endpoint, the resources idle. */
export const DOCUMENT_003_AFTER = systemRun(100, 12.2, [2000, 2005, 2010, 2020], 2001);

/** Criteria broken in each way there is: late, failing, lost rows, a late collapse that the whole run hides. */
export const FAILING: RunShape = {
  plan: uploadPlan({
    warmup: '2s',
    thresholds: [
      'upload p95 < 200ms',
      'upload p95 < 150ms for 3s',
      { criterion: 'health p99 < 60ms', severity: 'warn' },
      'error_rate < 0.1%',
      'http.connect p99 < 50ms',
      'target.no_such_metric max < 3',
      'cache.hits ratio >= 95%',
      'search.recall ratio >= 85%',
    ],
    scenarios: {
      devices: {
        executor: 'constant-vus',
        vus: 20,
        duration: '18s',
        thinkTime: '50ms',
        operations: [
          { driver: 'http-upload', name: 'upload', weight: 10 },
          { driver: 'health', name: 'health', weight: 1 },
        ],
      },
    },
  }),
  types: { upload: 'POST', health: 'GET' },
  ratios: {
    'cache.hits': { hits: 37, of: 40 },
    'search.recall': { hits: 9, of: 10, voidReason: 'rows were written during the measurement' },
  },
  samples: {
    http_503: [16, 17, 19].map((second) => ({
      atUs: second * 1e6 + 250_000,
      durationUs: 12_345,
      agent: 'agent-1',
      message: 'POST /api/test/upload: the server answered 503',
      sent: 'POST /api/test/upload HTTP/1.1\nHost: 127.0.0.1:5002\nAuthorization: Bearer ***\n\n{"device_id":"d-00001"}',
      received: `HTTP/1.1 503 Service Unavailable\nRetry-After: ${second}\n\n<h1>\`\`\` busy | *try* later</h1>`,
    })),
    timeout: [
      {
        atUs: 18_000_000,
        durationUs: 5_000_400,
        agent: 'agent-1',
        message: 'POST /api/test/upload: no complete answer within 5000 ms',
        sent: 'POST /api/test/upload HTTP/1.1\nHost: 127.0.0.1:5002\n\n{"device_id":"d-00002"}',
        received: '',
      },
    ],
  },
  stretches: [
    {
      ...{ seconds: 2, vus: 20, phase: 'warmup', monitors: { 'target.queue_depth': [0] } },
      operations: { upload: { perSecond: 150, ms: UPLOAD_MS }, health: { perSecond: 15, ms: HEALTH_MS } },
    },
    {
      ...{ seconds: 14, vus: 20, monitors: { 'target.queue_depth': [1, 2, 1, 0] } },
      operations: { upload: { perSecond: 178, ms: UPLOAD_MS }, health: { perSecond: 18, ms: HEALTH_MS } },
    },
    {
      ...{ seconds: 4, vus: 20, monitors: { 'target.queue_depth': [9, 14, 17, 19] } },
      operations: {
        upload: {
          perSecond: 62,
          ms: { 0: 90, 0.5: 260, 0.95: 420, 1: 500 },
          fails: { http_503: 0.1, timeout: 0.05 },
        },
        health: { perSecond: 6, ms: { 0: 40, 0.5: 60, 1: 90 }, fails: { connection_reset: 0.2 } },
      },
    },
  ],
  examples: {
    http_503: 'POST /api/test/upload answered 503: {"error":"database is locked"}',
    timeout: 'no answer within 500 ms',
    connection_reset: 'the connection was reset while waiting for the answer',
  },
  timingsMs: { 'http.connect': { count: 20, ms: { 0: 0.4, 0.5: 0.9, 1: 4 } } },
  reconciliations: [reconciled(2690, 3, 12)],
  events: [
    { atUs: -40_000, text: 'prepared' },
    { atUs: 16_200_000, text: 'monitor target: the source answers slowly' },
  ],
  targetEnvironment: TARGET_ENVIRONMENT,
};

/** Three times what one process can do: the generator set the pace. */
export const INVALID: RunShape = {
  plan: uploadPlan({ thresholds: ['upload p95 < 200ms'] }),
  types: { upload: 'POST', health: 'GET' },
  agents: ['agent-1'],
  stretches: [
    {
      ...{ seconds: 12, vus: 100, cpuCores: 1.02, loopLagMs: 180 },
      operations: {
        upload: { perSecond: 210, ms: { 0: 40, 0.5: 190, 0.95: 420, 1: 900 }, sendDelayMs: 130 },
        health: { perSecond: 21, ms: { 0: 35, 0.5: 180, 0.95: 400, 1: 800 }, sendDelayMs: 130 },
      },
    },
  ],
};

const built = new Map<RunShape, RunResult>();

/** Built once in a process: the long ones take a second. */
export function resultOf(shape: RunShape): RunResult {
  const result = built.get(shape) ?? buildResult(shape);
  built.set(shape, result);
  return result;
}
