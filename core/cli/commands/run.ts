import process from 'node:process';
import type { Command } from 'commander';
import type { AgentPolicy } from '../../control/run/checkpoint.ts';
import type { Lang } from '../../verdict/messages/lang.ts';
import { type ExitCode, exitCodeOfPass } from '../exit-codes.ts';
import type { ReportAccess } from '../files/report-path.ts';
import { DEFAULT_STORE } from '../files/store-location.ts';
import {
  address,
  credentialsFlag,
  durationUs,
  flag,
  labels,
  languageFlag,
  percentage,
  type ReportFlag,
  refuseUnused,
  reportAccessFlag,
  reports,
  runNames,
  type StageFlag,
  tokenFileFlag,
  wholeNumber,
} from '../flags/flags.ts';
import { addLoadFlags } from '../flags/load-flags.ts';
import type { Output } from '../output.ts';
import { withLifetime } from '../processes/lifetime.ts';

export interface RunFlags {
  readonly once?: boolean;
  readonly trace?: 'failed' | true;
  readonly param?: Readonly<Record<string, string>>;
  readonly vus?: number;
  readonly duration?: string;
  readonly stage?: readonly StageFlag[];
  readonly host?: string;
  readonly seed?: number;
  readonly control?: string;
  readonly credentials?: string;
  readonly tokenFile?: string;
  readonly agents?: number;
  readonly expectAgents?: number;
  readonly agentsTimeout: number;
  readonly onAgentLoss: AgentPolicy['onAgentLoss'];
  readonly lossTolerance: number;
  readonly elastic?: boolean;
  readonly agentLabel?: Readonly<Record<string, string>>;
  readonly report?: readonly ReportFlag[];
  readonly out?: string;
  readonly lang?: Lang;
  readonly reportAccess: ReportAccess;
  readonly store: string;
  readonly baseline?: readonly string[];
}

const DEFAULT_AGENTS_TIMEOUT_US = 60e6;

export function addRun(command: Command, run: (plan: string, flags: RunFlags) => Promise<void>): void {
  command
    .description('run a plan: show it live, judge it, write reports')
    .argument('<plan>', 'YAML or JSON file, a TypeScript or JavaScript module, or - for standard input');
  addLoadFlags(command)
    .addOption(
      flag(
        '--once',
        'one virtual user of each scenario, one pass: each operation once where there is no flow',
      ).conflicts(['vus', 'duration', 'stage', 'agents', 'expectAgents', 'elastic', 'baseline']),
    )
    .addOption(
      flag(
        '--trace [failed]',
        'with --once (after the plan): print each request and answer; `failed`: in any run, the first 20 that fail, as they come',
      ).choices(['failed']),
    )
    .optionsGroup('Agents:')
    .addOption(
      flag('--agents <number>', 'number of agents to start on this host (default: 1)').argParser(wholeNumber(1, 256)),
    )
    .addOption(
      flag('--control <host:port>', 'use this control and its agents instead').argParser(address).conflicts('agents'),
    )
    .addOption(credentialsFlag())
    .addOption(tokenFileFlag())
    .addOption(
      flag(
        '--expect-agents <number>',
        'with --control: number of agents to wait for (default: those that have joined)',
      ).argParser(wholeNumber(1, 100_000)),
    )
    .addOption(
      flag('--agents-timeout <time>', 'how long to wait for agents')
        .argParser(durationUs)
        .default(DEFAULT_AGENTS_TIMEOUT_US, '60s'),
    )
    .addOption(
      flag(
        '--on-agent-loss <what>',
        'when an agent is lost: let the others take over its share, let them only continue, or abort the run',
      )
        .choices(['rebalance', 'continue', 'abort'])
        .default('rebalance'),
    )
    .addOption(
      flag('--loss-tolerance <percentage>', 'share of the load that may be missing because agents were lost')
        .argParser(percentage)
        .default(0.01, '1%'),
    )
    .addOption(flag('--elastic', 'with --control: agents that join during the run get a share of the load'))
    .addOption(
      flag('--agent-label <name=value>', 'with --control: use only agents with this label; repeatable').argParser(
        labels,
      ),
    )
    .optionsGroup('Results:')
    .addOption(flag('-o, --out <folder>', 'folder for the reports (default: bench-reports/<run>)'))
    .addOption(
      flag('--report <name[=path]>', 'report to write, instead of those of the plan; repeatable').argParser(reports),
    )
    .addOption(
      flag(
        '--baseline <name|run|file>',
        'what criteria such as `p95 <= baseline + 10%` compare the run with: a baseline or a run; repeatable',
      ).argParser(runNames),
    )
    .addOption(reportAccessFlag())
    .addOption(languageFlag())
    .addOption(flag('--store <file|url>', 'where the run is stored, without --control').default(DEFAULT_STORE))
    .addHelpText(
      'after',
      `
Examples:
  bench run plan.yaml                                  one agent on this host
  bench run plan.yaml --agents 2 --host http://shop.example:5002
  bench run plan.yaml --vus 50 --duration 2m           constant load instead of the plan's
  bench run plan.yaml --param users=50                 value of a parameter that the plan declares
  bench run plan.yaml --stage 30s:50 --stage 1m:200    ramps, as in k6
  bench run plan.yaml --once                           does the plan work? one user, one pass
  bench run plan.yaml --once --trace                   the same, with every request and answer
  bench run plan.yaml --trace failed                   the first 20 failures in full, as they come
  bench run plan.yaml --report markdown --report junit=out/junit.xml
  bench run plan.yaml --baseline main                  compare with runs that \`bench baseline set main\` has named
  bench run plan.yaml --control control.example:7070 --expect-agents 3
  bench run plan.yaml --control control.example:7070 --agent-label region=eu --elastic

Ctrl-C ends the load in order and reports what was measured. A second Ctrl-C aborts operations in flight.`,
    )
    .action((plan: string, flags: RunFlags, command: Command) => {
      refuseUnusedFlags(flags, command);
      return run(plan, flags);
    });
}

function refuseUnusedFlags({ control, once, trace }: RunFlags, command: Command): void {
  if (trace === true && !once)
    refuseUnused(command, 'trace', 'without a value is for --once: add --once, or give --trace failed.');
  if (control !== undefined) {
    refuseUnused(command, 'store', 'cannot be used with --control: that control stores the run in its own store.');
    return;
  }
  const wanted = 'is for a control that others join: add --control host:port';
  refuseUnused(command, 'expectAgents', `${wanted}, or use --agents to start agents here.`);
  refuseUnused(command, 'agentLabel', `${wanted}, or use --agents to start agents here.`);
  refuseUnused(command, 'credentials', `${wanted}.`);
  refuseUnused(command, 'tokenFile', `${wanted}.`);
  refuseUnused(command, 'elastic', `${wanted}.`);
}

export async function runRun(planFile: string, flags: RunFlags, output: Output): Promise<ExitCode> {
  const { readRunnablePlan } = await import('../plans/checked-plan.ts');
  const { planReports } = await import('../files/report-files.ts');
  const { execute, executeLocally } = await import('../client/execution.ts');
  const { planBundle } = await import('../bundle/plan-bundle.ts');
  const { onePassOf } = await import('../plans/once.ts');
  const { loadBaseline } = await import('../client/named-runs.ts');
  const baseline = flags.baseline === undefined ? undefined : await loadBaseline(flags.baseline, flags);
  const checked = await readRunnablePlan(planFile, flags, flags.once ? undefined : { baseline });
  const plan = flags.once ? await onePassOf(checked) : checked;
  const { report, lang, agentsTimeout: agentsTimeoutUs, onAgentLoss, lossTolerance } = flags;
  const reports =
    report === undefined
      ? await planReports(plan.parsed.reports, plan.baseDirectory, flags)
      : await planReports(report, process.cwd(), flags);
  const { elastic = false, agentLabel: agentLabels = {} } = flags;
  const trace = flags.trace === undefined ? {} : { trace: flags.trace === 'failed' ? flags.trace : ('all' as const) };
  const agents = { agentsTimeoutUs, onAgentLoss, lossTolerance, elastic, agentLabels, ...trace };
  const execution = { plan, reports, lang, agents, baseline, ...(flags.once && { exitCode: exitCodeOfPass }) };
  return withLifetime(false, async (lifetime) => {
    if (flags.control === undefined) {
      return executeLocally(flags.agents ?? 1, flags.store, execution, output, lifetime);
    }
    const wanted = { ...agents, expectAgents: flags.expectAgents ?? 0 };
    const bundle = await planBundle(plan, true);
    const remote = { ...execution, bundle, agents: wanted, caller: flags };
    return execute(remote, flags.control, output, lifetime);
  });
}
