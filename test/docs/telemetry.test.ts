/** docs/telemetry.md is followed word by word: its commands with real receivers, its statements and queries on what has come, its tables. */
import { spawn } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import pg from 'pg';
import t from 'tap';
import { freePort } from '../../core/cli/processes/free-port.ts';
import { metricsOf } from '../../core/series/run-series.ts';
import type { HistogramPoint } from '../../core/series/series.ts';
import type { RunResult } from '../../core/stats/result.ts';
import { sampleResult } from '../../testing/index.ts';
import { USUAL_BENCH, WITH_THIS_PROCESS, workbench } from '../e2e/bench-process.ts';
import { resultIn } from '../e2e/busy-host.ts';
import { otlpGrpcReceiver } from '../kit/otlp/grpc-receiver.ts';
import { otlpReceiver, pointsOf, type ReceivedPush } from '../kit/otlp/receiver.ts';
import { privatePostgres } from '../kit/programs/postgres.ts';
import { privatePrometheus, prometheusQuery } from '../kit/programs/prometheus.ts';
import { blocksOf, commandsIn, ROOT } from './pages.ts';

t.setTimeout(400_000);

const PAGE = 'docs/telemetry.md';
const page = readFileSync(`${ROOT}${PAGE}`, 'utf8');
const blocks = blocksOf(PAGE);
const TYPES = /^(counter|gauge|histogram)/;
/** For six seconds, so that there is a push while it goes on. */
const PLAN = `name: Greetings
thresholds: [error_rate < 1%]
scenarios:
  guests:
    executor: constant-vus
    vus: 2
    duration: 6s
    thinkTime: 10ms
    operations: [{ driver: 'null', name: greet }]
`;

/** The commands of the page that begin so, with these in place of hosts that are not there. */
function commands(starts: RegExp, places: Readonly<Record<string, string>>): string[] {
  const found = blocks.filter(({ language }) => language === 'sh').flatMap(commandsIn);
  const wanted = found.filter((command) => starts.test(command));
  return wanted.map((command) =>
    Object.entries(places).reduce((text, [from, to]) => {
      t.ok(
        wanted.some((one) => one.includes(from)),
        `${PAGE} has ${from}`,
      );
      return text.replaceAll(from, to);
    }, command),
  );
}

/** A folder with the plan, in which `bench` is this program. */
function shell(test: Pick<typeof t, 'testdir' | 'teardown'>) {
  const bench = workbench(test, {
    'plan.yaml': PLAN,
    bench: `#!/bin/sh\nexec '${USUAL_BENCH.command.join("' '")}' "$@"\n`,
  });
  chmodSync(join(bench.folder, 'bench'), 0o755);
  const type = (command: string) =>
    new Promise<{ readonly code: number | null; readonly text: string }>((resolve) => {
      const [first = '', ...args] = [...WITH_THIS_PROCESS, 'bash', '-c', command];
      const env = {
        ...process.env,
        ...USUAL_BENCH.env,
        PATH: `${bench.folder}:${process.env.PATH}`,
        HOME: bench.folder,
      };
      const child = spawn(first, args, { cwd: bench.folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
      let text = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (more: string) => {
          text += more;
        });
      }
      child.once('close', (code) => resolve({ code, text }));
    });
  return { ...bench, type };
}

/** On a busy host a measurement may be distrusted. */
const AFTER_LOAD = [0, 120];

t.test('webhooks and OpenTelemetry, over HTTP and gRPC', async (t) => {
  const posted: string[] = [];
  const server = createServer((request, response) => {
    posted.push(`${request.url} ${request.headers['content-type']}`);
    request.resume().on('end', () => response.writeHead(204).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const [http, grpc] = [await otlpReceiver(t, {}), await otlpGrpcReceiver(t, [{}])];
  const { folder, type } = shell(t);
  const typed = commands(/bench run .*(webhook|otlp)/, {
    'https://hooks.example': `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    'http://collector.example:4318': http.url,
    'http://collector.example:4317': grpc.url,
  });
  t.equal(typed.length, 3);
  const taken: readonly ((requests: number) => void)[] = [
    () => t.match(posted, [/^\/bench application\/cloudevents\+json/]),
    (requests) => t.equal(requestsIn(http.pushes), requests),
    (requests) => t.equal(requestsIn(grpc.pushes), requests),
  ];
  for (const [i, command] of typed.entries()) {
    const { code, text } = await type(`${command} --out out-${i}`);
    t.ok(AFTER_LOAD.includes(code ?? -1), command, { code, text });
    taken[i]?.(requestsOf(resultIn(`${folder}/out-${i}`)));
  }
  t.same([...http.faults, ...grpc.faults], []);
});

t.test('PostgreSQL', async (t) => {
  const admin = new pg.Client(await privatePostgres(t));
  await admin.connect();
  t.teardown(() => admin.end());
  for (const statement of ["CREATE ROLE bench LOGIN PASSWORD 'secret'", 'CREATE DATABASE bench'])
    await admin.query(statement);
  const inBench = new pg.Client({ host: admin.host, port: admin.port, user: 'postgres', database: 'bench' });
  await inBench.connect();
  t.teardown(() => inBench.end());
  const [, grant = ''] = /`(GRANT [^`]+)`/.exec(page) ?? [];
  await inBench.query(`${grant} TO bench`);
  const { folder, type } = shell(t);
  const [command = ''] = commands(/postgres=/, {
    '@db.example/': `@${admin.host}:${admin.port}/`,
    'PGPASSWORD=…': 'PGPASSWORD=secret',
  });
  const { code, text } = await type(`${command} --out out`);
  t.ok(AFTER_LOAD.includes(code ?? -1), command, { code, text });
  const [sql] = blocks.filter(({ language }) => language === 'sql');
  const { rows } = await inBench.query(sql?.text ?? '');
  const sum = rows.reduce((all, { requests }) => all + Number(requests), 0);
  t.equal(sum, requestsOf(resultIn(`${folder}/out`)));
  t.same(Object.keys(rows[0] ?? {}), ['at', 'operation', 'requests', 'errors', 'p95_ms']);
  const tables = [...page.matchAll(/^\| `(bench_\w+)`(?: \*)? \| ([^|]+) \| [^|]+ \|$/gm)]
    .filter(([, , kind = '']) => !TYPES.test(kind))
    .map(([, name]) => name);
  const { rows: there } = await inBench.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
  t.same(tables.sort(), there.map(({ tablename }) => tablename).sort());
});

t.test('Prometheus, by its page and by remote write', async (t) => {
  const port = await freePort();
  const prometheus = await privatePrometheus(t, `127.0.0.1:${port}`);
  const { folder, type, start } = shell(t);
  const [served = ''] = commands(/bench control --metrics/, { '127.0.0.1:9464': `127.0.0.1:${port}` });
  const control = start([...served.split(' ').slice(1), '--port', '0']);
  const [, address = ''] = await control.said(/^Control on (\S+),/m);
  start(['agent', '--control', address]);
  const { code, text } = await type(`bench run plan.yaml --control ${address} --expect-agents 1 --out out`);
  t.ok(AFTER_LOAD.includes(code ?? -1), text);
  const { runId, ...result } = resultIn(`${folder}/out`);
  const queries = blocks.filter(({ language }) => language === 'promql').flatMap(({ text }) => text.split('\n'));
  t.equal(queries.length, 3);
  const over = async () => prometheusQuery(prometheus, `bench_run_state{run_id="${runId}", state!="running"} == 1`);
  while ((await over()).length === 0) await new Promise((resolve) => setTimeout(resolve, 200));
  // A rate takes two readings, which are a second apart here.
  const until = Date.now() + 15_000;
  for (const query of queries) {
    const found = async () => (await prometheusQuery(prometheus, query)).length > 0;
    while (!(await found()) && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 200));
    t.ok(await found(), query);
  }
  const [command = ''] = commands(/prometheus-rw=/, { 'http://prometheus.example:9090': prometheus });
  const pushed = await type(`${command} --out pushed`);
  t.ok(AFTER_LOAD.includes(pushed.code ?? -1), command, pushed);
  const second = resultIn(`${folder}/pushed`);
  for (const [id, one] of [
    [runId, result],
    [second.runId, second],
  ] as const) {
    const [sum] = await prometheusQuery(prometheus, `sum(last_over_time(bench_requests_total{run_id="${id}"}[5m]))`);
    t.equal(sum?.value, requestsOf(one), `run ${id}`, pushed);
  }
});

t.test('the table of metrics is what comes: names, types and labels', async (t) => {
  const sample = sampleResult('failed');
  const agents = [{ name: 'a', state: 'here' as const, processCpuCores: 0.5, processMemoryBytes: 1e8, loopLagUs: 900 }];
  const scenarios = [{ name: 's', vus: 1, vusWanted: 1, rateWanted: 1, droppedArrivals: 0 }];
  const point = sample.operations[0] as RunResult['operations'][number];
  const full: RunResult = {
    ...sample,
    timings: [
      { name: 'x', phases: { warmup: point.phases.measure.responseTime, measure: point.phases.measure.responseTime } },
    ],
    ratios: [{ name: 'recall', phases: { warmup: { hits: 1, of: 2 }, measure: { hits: 1, of: 2 } } }] as never,
    reconciliations: [{ driver: 'd', reconciliation: { lost: 1 } }] as never,
  };
  const present = {
    state: 'running',
    scenarios,
    agents,
    monitors: { 'target.x': 1 },
    behindSeconds: 1,
    recent: [] as HistogramPoint[],
  };
  const came = metricsOf({ runId: 'r', plan: 'p', target: '', seed: 1 }, full, present);
  const OP = ['scenario', 'operation', 'type', 'phase'];
  const described = new Map<string, { readonly type: string; readonly labels: string }>();
  for (const [, names = '', type = '', labels = ''] of page.matchAll(
    /^\| ((?:`bench_\w+`[,;]? ?)+) \| ([^|]+) \| (.*) \|$/gm,
  )) {
    if (!TYPES.test(type)) continue;
    for (const [, name = ''] of names.matchAll(/`(\w+)`/g)) {
      t.notOk(described.has(name), `${name} stands there once`);
      described.set(name, { type, labels });
    }
  }
  t.strictSame([...described.keys()].sort(), came.map(({ name }) => name).sort());
  for (const { name, kind, points } of came) {
    const { type = '', labels = '' } = described.get(name) ?? {};
    t.ok(type.startsWith(kind), `${name} is a ${kind}`);
    const own = new Set(points.flatMap((point) => Object.keys(point.labels)));
    for (const label of ['run_id', 'plan', ...(labels.startsWith('op') ? OP : [])])
      t.ok(own.delete(label), `${name}: ${label}`);
    for (const label of own) t.ok(labels.includes(`\`${label}\``), `${name}: ${label}`);
  }
});

function requestsOf({ operations }: Pick<RunResult, 'operations'>): number {
  return operations.reduce((sum, { phases: { warmup, measure } }) => sum + warmup.requests + measure.requests, 0);
}

function requestsIn(pushes: readonly ReceivedPush[]): number {
  return pointsOf(pushes.at(-1)?.metrics ?? [], 'bench.requests').reduce((sum, { asInt }) => sum + Number(asInt), 0);
}
