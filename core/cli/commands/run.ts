import type { Command } from 'commander';
import type { Baseline } from '../../verdict/baseline/baseline-figures.ts';
import { type ExitCode, exitCodeOfPass } from '../exit-codes.ts';
import { flag, refuseUnused, runNames, type StageFlag } from '../flags/flags.ts';
import { addLoadFlags } from '../flags/load-flags.ts';
import { addRunPlanFlags, type RunPlanFlags, refuseUnusedAgentFlags } from '../flags/run-plan-flags.ts';
import type { Output } from '../output.ts';

export interface RunFlags extends RunPlanFlags {
  readonly once?: boolean;
  readonly trace?: 'failed' | true;
  readonly param?: Readonly<Record<string, string>>;
  readonly vus?: number;
  readonly spawnRate?: number;
  readonly duration?: string;
  readonly stage?: readonly StageFlag[];
  readonly host?: string;
  readonly seed?: number;
  readonly baseline?: readonly string[];
}

export function addRun(command: Command, run: (plan: string, flags: RunFlags) => Promise<void>): void {
  command
    .description('run a plan: show it live, judge it, write reports')
    .argument(
      '<plan>',
      'YAML or JSON file, a TypeScript or JavaScript module, also a script alone, or - for standard input',
    );
  addLoadFlags(command)
    .addOption(
      flag(
        '--once',
        'one virtual user of each scenario, one pass: each operation once where there is no flow',
      ).conflicts(['vus', 'spawnRate', 'duration', 'stage', 'agents', 'expectAgents', 'elastic', 'baseline', 'outTo']),
    )
    .addOption(
      flag(
        '--trace [failed]',
        'with --once (after the plan): print each request and answer; `failed`: in any run, the first 20 that fail, as they come',
      ).choices(['failed']),
    );
  addRunPlanFlags(command)
    .addOption(
      flag(
        '--baseline <name|run|file>',
        'what criteria such as `p95 <= baseline + 10%` compare the run with: a baseline or a run; repeatable',
      ).argParser(runNames),
    )
    .addHelpText(
      'after',
      `
Examples:
  bench run plan.yaml                                  one agent on this host
  bench run plan.yaml --agents 2 --host http://shop.example:5002
  bench run plan.yaml --vus 50 --duration 2m           constant load instead of the plan's
  bench run plan.yaml -u 100 -r 10 -d 5m               ten more users each second up to 100, as in Locust
  bench run shopper.ts --host http://127.0.0.1:5002    a script without a plan
  bench run plan.yaml --param users=50                 value of a parameter that the plan declares
  bench run plan.yaml --stage 30s:50 --stage 1m:200    ramps, as in k6
  bench run plan.yaml --once                           does the plan work? one user, one pass
  bench run plan.yaml --once --trace                   the same, with every request and answer
  bench run plan.yaml --trace failed                   the first 20 failures in full, as they come
  bench run plan.yaml --report markdown --report junit=out/junit.xml
  bench run plan.yaml --out-to 'webhook=https://hooks.example/bench'
  bench run plan.yaml --baseline main                  compare with runs that \`bench baseline set main\` has named
  bench run plan.yaml --tag nightly --tag build:42     found again with \`bench runs --tag nightly\`
  bench run plan.yaml --control control.example:7070 --expect-agents 3
  bench run plan.yaml --control control.example:7070 --agent-label region=eu --elastic

Ctrl-C ends the load in order and reports what was measured. A second Ctrl-C aborts operations in flight.`,
    )
    .action((plan: string, flags: RunFlags, command: Command) => {
      refuseUnusedTrace(flags, command);
      refuseUnusedAgentFlags(flags, command);
      return run(plan, flags);
    });
}

function refuseUnusedTrace({ once, trace }: RunFlags, command: Command): void {
  if (trace === true && !once)
    refuseUnused(command, 'trace', 'without a value is for --once: add --once, or give --trace failed.');
}

export async function runRun(planFile: string, flags: RunFlags, output: Output): Promise<ExitCode> {
  const { readRunnablePlan } = await import('../plans/checked-plan.ts');
  const { runPlan } = await import('../client/run-plan.ts');
  return runPlan(planFile, flags, output, async () => {
    const baseline = await baselineOf(flags);
    const checked = await readRunnablePlan(planFile, flags, flags.once ? undefined : { baseline });
    const plan = flags.once ? await (await import('../plans/once.ts')).onePassOf(checked) : checked;
    const trace = flags.trace === undefined ? {} : { trace: flags.trace === 'failed' ? flags.trace : ('all' as const) };
    return { plan, ...trace, baseline, exitCode: flags.once ? exitCodeOfPass : undefined };
  });
}

async function baselineOf(flags: RunFlags): Promise<Baseline | undefined> {
  if (flags.baseline === undefined) return undefined;
  const { loadBaseline } = await import('../client/named-runs.ts');
  return loadBaseline(flags.baseline, flags);
}
