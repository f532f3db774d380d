import { readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { makeTemporaryFolder } from '../../make-folder.ts';
import type { Lang } from '../../verdict/messages/lang.ts';
import { CommandError } from '../command-error.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { ReportAccess } from '../files/report-path.ts';
import { DEFAULT_STORE } from '../files/store-location.ts';
import { storeCommand } from '../flags/connection-flags.ts';
import { flag, languageFlag, reportAccessFlag } from '../flags/flags.ts';
import type { Output } from '../output.ts';
import { Child, readyUnless } from '../processes/child.ts';
import { withLifetime } from '../processes/lifetime.ts';

interface DemoFlags {
  readonly db: 'sqlite' | 'mysql';
  readonly out?: string;
  readonly store: string;
  readonly lang?: Lang;
  readonly reportAccess: ReportAccess;
}

const PLANS = { sqlite: 'upload.yaml', mysql: 'upload-mysql.yaml' } as const;
const AGENTS = 2;
const AGENTS_TIMEOUT_US = 30e6;

export function addDemo(command: Command, run: (flags: DemoFlags) => Promise<void>): void {
  command
    .description('run a complete example in about a minute: a target, control, two agents, 100 devices, a report')
    .addOption(
      // BENCH_DB belongs to the target and is a URL.
      flag('--db <database>', 'where the rows are stored; mysql starts a private MariaDB')
        .env('BENCH_DEMO_DB')
        .choices(['sqlite', 'mysql'])
        .default('sqlite'),
    )
    .addOption(flag('-o, --out <folder>', 'folder for the reports (default: bench-reports/<run>)'))
    .addOption(reportAccessFlag())
    .addOption(languageFlag())
    .addOption(flag('--store <file|url>', 'where the run is stored').default(DEFAULT_STORE))
    .addHelpText(
      'after',
      `
It starts everything it needs on free ports, so two demos can run at once. At the end it stops and removes all of it;
the reports stay, and the run in \`bench runs\`.

Examples:
  bench demo
  bench demo --db mysql
  bench demo --out /tmp/demo`,
    )
    .action(run);
}

export async function runDemo({ db, store, ...place }: DemoFlags, output: Output): Promise<ExitCode> {
  const { executeLocally } = await import('../client/execution.ts');
  const { planReports } = await import('../files/report-files.ts');
  const { checkedPlan } = await import('../plans/checked-plan.ts');
  const { textPlan } = await import('../plans/plan-file.ts');
  return withLifetime(false, async (lifetime) => {
    const database = await (db === 'mysql' ? privateMysql(lifetime.signal) : temporarySqlite());
    // The target drops its table when it ends, however the demo went.
    const flags = ['--host', '127.0.0.1', '--port', '0', '--temporary'];
    const target = new Child('target', 'the target', flags, { environment: { BENCH_DB: database.db } });
    let isTargetReady = false;
    try {
      const url = await readyUnless(lifetime.signal, target.ready);
      isTargetReady = true;
      output.line(
        `The target is at ${url} and stores rows in ${database.description}. A control and ${AGENTS} agents are starting.`,
      );
      const text = await readFile(new URL(`../../../plans/${PLANS[db]}`, import.meta.url), 'utf8');
      const plan = await checkedPlan(textPlan('The plan of the demo', resolve(PLANS[db]), text), { host: url });
      const reports = await planReports(plan.resolved.plan.reports, plan.baseDirectory, place);
      const execution = {
        plan,
        reports,
        lang: place.lang,
        agents: {
          agentsTimeoutUs: AGENTS_TIMEOUT_US,
          onAgentLoss: 'continue' as const,
          lossTolerance: 0,
          elastic: false,
          agentLabels: {},
        },
      };
      const exitCode = await executeLocally({ agents: AGENTS, store, web: undefined }, execution, output, lifetime);
      await target.end();
      const ended = await target.exited;
      if (ended.code !== EXIT.pass && ended.code !== EXIT.aborted) {
        output.problem(
          `bench: The target did not end in order (${ended.signal ?? `exit code ${ended.code}`}). ${target.lastWords()}`.trimEnd(),
        );
        return exitCode === EXIT.pass ? EXIT.error : exitCode;
      }
      output.line(
        `${target.lastWords()} Its table is dropped and all processes have ended. The reports are left, and the run in \`${storeCommand(['runs'], { store })}\`.`,
      );
      return exitCode;
    } finally {
      // One that is only starting hears no request to end.
      await target.end(!isTargetReady);
      await database.remove();
    }
  });
}

interface DemoDatabase {
  /** For `bench target --db`. */
  readonly db: string;
  readonly description: string;
  remove(): Promise<void>;
}

async function temporarySqlite(): Promise<DemoDatabase> {
  const folder = await makeTemporaryFolder('bench-demo-');
  const db = join(folder, 'devices.sqlite');
  return { db, description: db, remove: () => rm(folder, { recursive: true, force: true }) };
}

async function privateMysql(signal: AbortSignal): Promise<DemoDatabase> {
  const { PrivateMariadb } = await import('../processes/private-mariadb.ts');
  const server = await PrivateMariadb.start({ signal }).catch((error: unknown) => {
    throw signal.aborted ? new CommandError('The demo was stopped before it began.', EXIT.aborted) : error;
  });
  // The plan refers to this variable, which control and agents inherit.
  process.env.BENCH_MYSQL_URL = server.url;
  const description = `a private MariaDB on 127.0.0.1:${server.port}`;
  return { db: server.url, description, remove: () => server.stop() };
}
