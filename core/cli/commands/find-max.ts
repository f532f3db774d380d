import { type Command, InvalidArgumentError } from 'commander';
import type { ExitCode } from '../exit-codes.ts';
import { needFlag, perSecond, positive, reserveFlag } from '../flags/capacity-flags.ts';
import { durationText, flag, repeatable, runNames } from '../flags/flags.ts';
import { addTargetFlags } from '../flags/load-flags.ts';
import { addRunPlanFlags, type RunPlanFlags, refuseUnusedAgentFlags } from '../flags/run-plan-flags.ts';
import type { Output } from '../output.ts';
import type { SearchFlags } from '../plans/searching-plan.ts';

export interface FindMaxFlags extends RunPlanFlags, SearchFlags {
  readonly param?: Readonly<Record<string, string>>;
  readonly host?: string;
  readonly seed?: number;
  readonly baseline?: readonly string[];
}

export function addFindMax(command: Command, run: (plan: string, flags: FindMaxFlags) => Promise<void>): void {
  command
    .description('search the greatest load that a target takes with a plan')
    .argument('<plan>', 'YAML or JSON file, a TypeScript or JavaScript module, or - for standard input')
    .optionsGroup('Search:')
    .addOption(
      flag(
        '--until <criterion>',
        "what each level must meet beside the plan's thresholds, such as 'p95 < 50ms'; repeatable",
      ).argParser(criteria),
    )
    .addOption(
      flag('--of <what>', 'what is searched; without it, rate where the plan has arrivals, else vus').choices([
        'rate',
        'vus',
      ]),
    )
    .addOption(flag('--from <level>', 'the first level (default: 10)').argParser(level))
    .addOption(flag('--to <level>', 'the highest level (default: 100000 per second, or 1000 users)').argParser(level))
    .addOption(
      flag('--precision <percentage>', 'how close to the first level that breaks (default: 5%)').argParser(precision),
    )
    .addOption(
      flag('--level-time <time>', 'the longest that a level is held to settle (default: 30s)').argParser(durationText),
    )
    .addOption(flag('--confirm <time>', 'how long the answer is held (default: 60s)').argParser(durationText))
    .addOption(
      flag('--max-duration <time>', 'the search ends then at the latest (default: 1h)').argParser(durationText),
    )
    .addOption(
      flag('--at-least <per second>', 'requests per second that it must find; exit code 99 below').argParser(perSecond),
    )
    .addOption(needFlag('say how many machines take so many requests per second'))
    .addOption(reserveFlag())
    .addOption(
      flag(
        '--baseline <name|run|file>',
        'searches that a criterion such as `max_rps >= baseline - 5%` compares this one with; repeatable',
      ).argParser(runNames),
    )
    .optionsGroup('Instead of what the plan says:');
  addTargetFlags(command);
  addRunPlanFlags(command)
    .addHelpText(
      'after',
      `
Examples:
  bench find-max plan.yaml --until 'p95 < 50ms'
  bench find-max plan.yaml --until 'p95 < 50ms' --of vus --from 10 --to 500
  bench find-max plan.yaml --until 'p95 < 50ms' --at-least 1000          exit code 99 below 1,000 requests/s
  bench find-max plan.yaml --until 'p95 < 50ms' --need 10000 --reserve 2  how many machines?

It doubles the load until a level breaks a criterion, halves what is left, and holds the answer. A level that the load
generator cannot offer is not taken for the limit of the target.`,
    )
    .action((plan: string, flags: FindMaxFlags, command: Command) => {
      refuseUnusedAgentFlags(flags, command);
      return run(plan, flags);
    });
}

export async function runFindMax(planFile: string, flags: FindMaxFlags, output: Output): Promise<ExitCode> {
  const { readRunnablePlan } = await import('../plans/checked-plan.ts');
  const { runPlan } = await import('../client/run-plan.ts');
  const { loadBaseline } = await import('../client/named-runs.ts');
  const { param, host, seed, outTo } = flags;
  const overrides = {
    ...(param && { param }),
    ...(host && { host }),
    ...(seed !== undefined && { seed }),
    ...(outTo && { outTo }),
    search: flags,
  };
  return runPlan(planFile, flags, output, async () => {
    const baseline = flags.baseline === undefined ? undefined : await loadBaseline(flags.baseline, flags);
    return { plan: await readRunnablePlan(planFile, overrides, { baseline }), baseline };
  });
}

const criteria = repeatable((text: string, before: readonly string[] = []): readonly string[] => [...before, text]);

function level(text: string): number {
  const value = positive(text);
  if (value > 0) return value;
  throw new InvalidArgumentError('It must be a number above 0: requests per second, or virtual users.');
}

function precision(text: string): string {
  if (/^\d+(\.\d+)?%$/.test(text.trim()) && Number.parseFloat(text) > 0) return text.trim();
  throw new InvalidArgumentError('It must be a percentage above 0%, such as 5%.');
}
