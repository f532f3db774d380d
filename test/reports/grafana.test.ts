/** The dashboards ask for what really comes: each metric with its labels, and each statement on a real database. */
import { readFileSync } from 'node:fs';
import pg from 'pg';
import t from 'tap';
import { metricsOf } from '../../core/series/run-series.ts';
import type { RunResult } from '../../core/stats/result.ts';
import { secondsOf } from '../../plugins/postgres/rows.ts';
import postgres from '../../plugins/postgres.ts';
import { sampleResult } from '../../testing/index.ts';
import { privatePostgres } from '../kit/programs/postgres.ts';

t.setTimeout(400_000);

interface Target {
  readonly expr?: string;
  readonly legendFormat?: string;
  readonly rawSql?: string;
}

interface Dashboard {
  readonly uid: string;
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: string }[] };
  readonly annotations: { readonly list: readonly { readonly target: Target }[] };
  readonly panels: readonly { readonly title: string; readonly targets: readonly Target[] }[];
}

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../reports/grafana/${name}.json`, import.meta.url), 'utf8')) as Dashboard;

const context = { runId: 'r1', plan: 'Shop', target: 'http://shop.example', seed: 1 };
const scenarios = [{ name: 'devices', vus: 3, vusWanted: 4, droppedArrivals: 1 }];
const agents = [{ name: 'a', state: 'here' as const, processCpuCores: 0.5, processMemoryBytes: 1e8, loopLagUs: 900 }];
const monitors = { 'target.queue_depth': 7 };
const result: RunResult = sampleResult('failed');

t.test('Prometheus: every metric and label that an expression names is one that comes', async (t) => {
  const labels = new Map<string, ReadonlySet<string>>();
  for (const { name, points } of metricsOf(context, result, { state: 'running', scenarios, agents, monitors })) {
    labels.set(name, new Set(points.flatMap((point) => Object.keys(point.labels))));
  }
  const { uid, panels, templating } = read('prometheus');
  t.equal(uid, 'bench-runs-prometheus');
  t.strictSame(
    templating.list.map(({ name }) => name),
    ['datasource', 'plan', 'run', 'operation'],
  );
  const expressions = panels.flatMap(({ targets }) => targets);
  t.ok(expressions.length >= 10);
  const check = (text: string, more = '') => {
    const [full = ''] = /bench_\w+/.exec(text) ?? [];
    const known = labels.get(full.replace(/_bucket$/, '')) ?? new Set();
    t.ok(known.size > 0, full);
    const selected = [...text.matchAll(/(\w+)=~?"/g)].map(([, name = '']) => name);
    const grouped = [...text.matchAll(/by \(([^)]*)\)/g)].flatMap(([, names = '']) => names.split(', '));
    const shown = [...more.matchAll(/\{\{(\w+)\}\}/g)].map(([, name = '']) => name);
    for (const name of [...selected, ...grouped, ...shown]) t.ok(name === 'le' || known.has(name), `${full}: ${name}`);
  };
  for (const { expr = '', legendFormat = '' } of expressions) check(expr, legendFormat);
  for (const { query } of templating.list.slice(1)) {
    const [, inner = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(query) ?? [];
    check(inner, `{{${label}}}`);
  }
});

t.test('PostgreSQL: every statement works on the tables of a run, and gives rows', async (t) => {
  const url = await privatePostgres(t);
  const { signal } = new AbortController();
  const output = await postgres.open({ url }, { ...context, note: () => {} }, signal);
  const { startedAt, operations, timings, events, thresholds } = result;
  const sums = { operations, timings, scenarios: result.scenarios, events, thresholds };
  for (const { second, rows } of secondsOf(result)) {
    const soFar = { ...sums, seconds: second + 1, behindSeconds: 0.5, verdict: 'fail' as const };
    await output.second({ second, startedAt, isCorrection: false, rows, scenarios, agents, monitors, soFar }, signal);
  }
  await output.end(result, signal);
  await output.close(signal);
  const client = new pg.Client(url);
  await client.connect();
  t.teardown(() => client.end());
  const { uid, panels, templating, annotations } = read('postgres');
  t.equal(uid, 'bench-runs-postgres');
  t.strictSame(
    templating.list.map(({ name }) => name),
    ['datasource', 'plan', 'run', 'operation'],
  );
  const names = operations.map(({ name }) => client.escapeLiteral(name)).join(', ');
  // What Grafana makes of its variables and its macro.
  const filled = (sql: string) =>
    sql
      .replaceAll(/\$__timeFilter\((\w+)\)/g, "$1 BETWEEN '2000-01-01' AND '2100-01-01'")
      .replaceAll('$run', "'r1'")
      .replaceAll('$operation', names)
      .replaceAll('$plan', 'Shop');
  const statements = [
    ...panels.flatMap(({ title, targets }) => targets.map(({ rawSql = '' }) => [title, rawSql] as const)),
    ...templating.list.slice(1).map(({ name, query }) => [name, query] as const),
    ...annotations.list.map(({ target }) => ['events', target.rawSql ?? ''] as const),
  ];
  t.ok(statements.length >= 15);
  for (const [title, sql] of statements) {
    const { rowCount } = await client.query(filled(sql));
    t.ok((rowCount ?? 0) > 0, `${title}: ${rowCount} rows`);
  }
});
