import { type Connection, createConnection } from 'mysql2/promise';
import { PrivateMariadb } from '../../../core/cli/processes/private-mariadb.ts';
import type { PlanInput } from '../../../core/plan/schema.ts';
import { BenchmarkError } from '../benchmark-error.ts';
import { findProgram } from '../machine.ts';
import { observe } from '../measure/observe.ts';
import { type Sample, steadyLoad } from '../measure/steady.ts';
import { readSysbench, SYSBENCH_SCRIPTS, type SysbenchScript, sysbenchArguments } from '../peers/sysbench.ts';
import { compare, type Figure, type Goal, type Pair } from '../ratios.ts';
import { measured } from '../result-figures.ts';
import { benchCommand, type Runtime } from '../runtimes.ts';
import type { LoadedServer } from '../servers/server.ts';
import { StartedProcess } from '../started-process.ts';
import type { BenchmarkCase, CaseOptions } from './case.ts';
import { perRuntime, runOnce } from './product-runs.ts';

const CONNECTIONS = 50;
const DEVICES = 100;
/** What the plans refer to; BENCH_… would be taken for flags. */
const URL_VARIABLE = 'MYSQL_URL_OF_BENCHMARK';
const SYSBENCH_GOALS: Readonly<Record<Unit, Goal>> = {
  'inserts/s': { atLeast: 0.9 },
  'CPU µs/insert': { atMost: 1.4 },
  'p99 ms': {},
};
const UNITS = ['inserts/s', 'CPU µs/insert', 'p99 ms'] as const;
type Unit = (typeof UNITS)[number];
type Measured = Readonly<Record<Unit, number>>;

interface Run {
  readonly us: Measured;
  readonly them: Measured;
}

/** Beside sysbench, and the reference target beside the bare database: all on one server, with a sync at each commit. */
export const mysql: BenchmarkCase = {
  name: 'mysql',
  title: `MySQL inserts over ${CONNECTIONS} connections, prepared, innodb_flush_log_at_trx_commit=1`,
  byDefault: true,
  async run(options) {
    if (findProgram('sysbench') === undefined) throw new BenchmarkError('sysbench is not on PATH: install it');
    const server = await PrivateMariadb.start({ arguments: ['--innodb-flush-log-at-trx-commit=1'] });
    process.env[URL_VARIABLE] = server.url;
    const connection = await createConnection(server.adminUrl);
    try {
      const report = await perRuntime('mysql insert', options, (runtime, name) =>
        runPairs(name, runtime, server, counted(connection), options),
      );
      const [[row]] = (await connection.query('SELECT version() AS version')) as unknown as [[{ version: string }]];
      return { ...report, notes: [`Server: ${row.version}.`, ...report.notes] };
    } finally {
      await connection.end();
      await server.stop();
    }
  },
};

async function runPairs(
  name: string,
  runtime: Runtime,
  server: PrivateMariadb,
  counters: Pick<LoadedServer, 'counters'>,
  options: CaseOptions,
) {
  const isFirst = runtime === options.runtimes[0];
  const beside = new Map(SYSBENCH_SCRIPTS.map((script): [SysbenchScript, Run[]] => [script, []]));
  const uploads: Run[] = [];
  for (let pair = 1; pair <= options.pairs; pair++) {
    const us = await runPlan(directPlan(options.seconds), runtime, counters, options);
    const told = [`bench ${rateOf(us)}`];
    for (const [script, runs] of beside) {
      const them = await runSysbench(script, server, counters, options);
      runs.push({ us, them });
      told.push(`${script.name} ${rateOf(them)}`);
    }
    if (isFirst) {
      const upload = await runTarget(runtime, counters, options);
      uploads.push({ us: upload, them: us });
      told.push(`target ${rateOf(upload)}`);
    }
    options.progress(`${name}, pair ${pair} of ${options.pairs}: ${told.join(', ')}`);
  }
  const goals = isFirst ? SYSBENCH_GOALS : undefined;
  return {
    figures: [
      ...[...beside].flatMap(([script, runs]) =>
        UNITS.map((unit) => figure(name, script.name, unit, runs, script.isAsked ? goals?.[unit] : undefined)),
      ),
      ...(isFirst ? [figure('mysql target uploads', 'mysql-direct', 'inserts/s', uploads, { atLeast: 0.8 })] : []),
      ...(isFirst ? [figure('mysql target uploads', 'mysql-direct', 'p99 ms', uploads, undefined)] : []),
    ],
  };
}

function figure(name: string, peer: string, unit: Unit, runs: readonly Run[], goal: Goal | undefined): Figure {
  const pairs = runs.map(({ us, them }): Pair => ({ us: us[unit], them: them[unit] }));
  const isAsked = goal !== undefined && Object.keys(goal).length > 0;
  return { case: name, peer, unit, ...compare(pairs), ...(isAsked && { goal }) };
}

async function runPlan(
  plan: PlanInput,
  runtime: Runtime,
  counters: Pick<LoadedServer, 'counters'>,
  options: CaseOptions,
): Promise<Measured> {
  const { result, seen } = await runOnce(plan, runtime, options, (pid, run) => observe(pid, counters, run));
  return figures(seen, measured(result).times('responseTime').valueAtQuantileUs(0.99), 'bench');
}

function rateOf(run: Measured): string {
  return `${Math.round(run['inserts/s'])}/s`;
}

async function runSysbench(
  script: SysbenchScript,
  server: PrivateMariadb,
  counters: Pick<LoadedServer, 'counters'>,
  { seconds, placement, folder }: CaseOptions,
): Promise<Measured> {
  const start = (step: 'prepare' | 'run' | 'cleanup') =>
    StartedProcess.start({
      command: 'sysbench',
      args: [...sysbenchArguments(script, { url: server.url, threads: CONNECTIONS, seconds }), step],
      cores: placement.generator,
      folder,
    });
  await (await start('prepare')).ended;
  const run = await start('run');
  const samples = await observe(run.pid, counters, run.ended);
  const { stdout } = await run.ended;
  await (await start('cleanup')).ended;
  return figures(samples, readSysbench(stdout).p99Us, 'sysbench');
}

/** All devices upload without a pause to a target on the same server. */
async function runTarget(
  runtime: Runtime,
  counters: Pick<LoadedServer, 'counters'>,
  options: CaseOptions,
): Promise<Measured> {
  const target = await StartedProcess.start({
    ...benchCommand('bun', ['target', '--child', '--port', '0', '--db', `\${env:${URL_VARIABLE}}`]),
    cores: options.placement.rest,
  });
  try {
    const { at } = JSON.parse(await target.firstLine) as { at: string };
    return await runPlan(uploadPlan(at, options.seconds), runtime, counters, options);
  } finally {
    await target.end();
  }
}

function figures(samples: readonly Sample[], p99Us: number, name: string): Measured {
  const steady = steadyLoad(samples);
  if (steady === undefined) throw new BenchmarkError(`no insert of ${name} reached the server`);
  return {
    'inserts/s': steady.requestsPerSecond,
    'CPU µs/insert': steady.cpuUsPerRequest ?? Number.NaN,
    'p99 ms': p99Us / 1000,
  };
}

function counted(connection: Connection): Pick<LoadedServer, 'counters'> {
  return {
    async counters() {
      const [rows] = await connection.query(
        "SHOW GLOBAL STATUS WHERE Variable_name IN ('Innodb_rows_inserted', 'Handler_write', 'Threads_connected')",
      );
      const status = new Map(
        (rows as { Variable_name: string; Value: string }[]).map((row) => [row.Variable_name, Number(row.Value)]),
      );
      // MariaDB has only the second.
      const served = status.get('Innodb_rows_inserted') ?? status.get('Handler_write') ?? 0;
      return { served, connections: status.get('Threads_connected') ?? 0 };
    },
  };
}

function directPlan(seconds: number): PlanInput {
  return {
    name: 'Inserts',
    drivers: { 'mysql-direct': { options: { url: `\${env:${URL_VARIABLE}}` } } },
    scenarios: {
      loop: {
        ...{ executor: 'constant-vus', vus: CONNECTIONS, duration: `${seconds}s`, gracefulStop: '5s' },
        operations: [{ driver: 'mysql-direct', operation: 'insert' }],
      },
    },
  };
}

function uploadPlan(target: string, seconds: number): PlanInput {
  return {
    name: 'Uploads',
    target,
    scenarios: {
      loop: {
        ...{ executor: 'constant-vus', vus: DEVICES, duration: `${seconds}s`, gracefulStop: '5s' },
        operations: [{ driver: 'http-upload' }],
      },
    },
  };
}
