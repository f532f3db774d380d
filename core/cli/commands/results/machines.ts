import type { Command } from 'commander';
import type { ScaledRun } from '../../../verdict/conclusion/scaling.ts';
import { CommandError } from '../../command-error.ts';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import { needFlag, reserveFlag } from '../../flags/capacity-flags.ts';
import { addStoreFlags, refuseUnusedStoreFlags, type StoreFlags } from '../../flags/connection-flags.ts';
import type { Output } from '../../output.ts';

interface MachinesFlags extends StoreFlags {
  readonly need?: number;
  readonly reserve?: number;
}

export function addMachines(
  command: Command,
  run: (runs: readonly string[], flags: MachinesFlags) => Promise<void>,
): void {
  addStoreFlags(
    command
      .description(
        'how a target scales, from runs against different numbers of its machines, and how many a need takes',
      )
      .argument('<machines=run|file...>', 'a number of machines, and a run of find-max or with stages against so many'),
  )
    .addOption(needFlag('say how many machines take so many requests per second together'))
    .addOption(reserveFlag())
    .addHelpText(
      'after',
      `
Examples:
  bench machines 1=one/result.json 2=two/result.json 4=four/result.json
  bench machines 1=V1StGXR8_Z5j 2=aB3dEfGh1jKl 4=Qw7rTy9uIo2p --need 10000 --reserve 2

Exit codes: 0 all was said, 99 no number of machines takes the need, 104 the runs do not show it.`,
    )
    .action((runs: readonly string[], flags: MachinesFlags, command: Command) => {
      refuseUnusedStoreFlags(flags, command);
      return run(runs, flags);
    });
}

export async function runMachines(texts: readonly string[], flags: MachinesFlags, output: Output): Promise<ExitCode> {
  const { need, reserve = 1 } = flags;
  if (need === undefined && flags.reserve !== undefined)
    throw new CommandError('--reserve says nothing without --need: how many requests per second?', EXIT.invalidInput);
  const named = texts.map(numberAndName);
  const { loadSides } = await import('../../client/named-runs.ts');
  const sides = await loadSides(
    named.map(({ name }) => [name]),
    flags,
  );
  const runs = named.flatMap(({ machines, name }, i) =>
    (sides[i]?.runs ?? []).map((result): ScaledRun => ({ machines, name, result })),
  );
  const { scaledPlan, scalingOf } = await import('../../../verdict/conclusion/scaling.ts');
  const scaling = scalingOf(runs);
  if (!('fit' in scaling)) throw new CommandError(scaling.join('\n'), EXIT.invalidInput);
  const { scalingScreen } = await import('../../view/scaling.ts');
  const plan = need === undefined ? undefined : { need, reserve, ...scaledPlan(scaling, { need, reserve }) };
  output.screen(scalingScreen(scaling, plan, output.columns(), output.paint));
  return plan !== undefined && plan.withReserve === undefined ? EXIT.thresholdsFailed : EXIT.pass;
}

function numberAndName(text: string): { readonly machines: number; readonly name: string } {
  const [, number = '', name = ''] = /^(\d+)=(.+)$/s.exec(text) ?? [];
  const machines = Number(number);
  if (machines >= 1 && machines <= 1e6) return { machines, name };
  throw new CommandError(
    `${text}: say how many machines the target of each run had, such as 4=result.json.`,
    EXIT.invalidInput,
  );
}
