import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { addLoadFlags } from '../flags/load-flags.ts';
import type { Output } from '../output.ts';
import type { PlanOverrides } from '../plans/overrides.ts';

export function addCheck(command: Command, run: (plan: string, flags: PlanOverrides) => Promise<void>): void {
  command
    .description('check a plan without running it, and show the load it would make')
    .argument('<plan>', 'YAML or JSON file, a TypeScript or JavaScript module, or - for standard input');
  addLoadFlags(command)
    .addHelpText(
      'after',
      `
This makes all checks that \`bench run\` makes before it starts anything. It does not contact the target.

Examples:
  bench check plan.yaml
  bench check plan.yaml --vus 50 --duration 2m
  bench check plan.yaml --param users=50
  bench http http://127.0.0.1:5002/health --print-plan | bench check -`,
    )
    .action(run);
}

export async function runCheck(file: string, overrides: PlanOverrides, output: Output): Promise<ExitCode> {
  const { readRunnablePlan } = await import('../plans/checked-plan.ts');
  const { loadOutline, paramOutline } = await import('../view/plan-outline.ts');
  const { resolved, params, notices } = await readRunnablePlan(file, overrides);
  for (const notice of notices) output.line(notice);
  output.screen(paramOutline(params, output.columns(), output.paint));
  output.screen(loadOutline(resolved.plan, output.columns(), output.paint));
  output.line(`The plan ${file === '-' ? '' : `${file} `}is valid.`);
  return EXIT.pass;
}
