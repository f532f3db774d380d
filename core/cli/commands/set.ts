import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { CommandError } from '../command-error.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { addConnectionFlags, type ConnectionFlags } from '../flags/connection-flags.ts';
import { flag, wholeNumber } from '../flags/flags.ts';
import type { Output } from '../output.ts';

interface SetFlags extends ConnectionFlags {
  readonly scenario?: string;
  readonly vus?: number;
  readonly rate?: number;
}

export function addSet(command: Command, run: (runId: string, flags: SetFlags) => Promise<void>): void {
  addConnectionFlags(
    command
      .description('change the load of a run while it goes on: to this level, until its end')
      .argument('<run>', 'id from `bench runs`'),
  )
    .addOption(flag('-u, --vus <number>', 'virtual users of all agents together').argParser(wholeNumber(0, 1_000_000)))
    .addOption(
      flag('--rate <number>', 'arrivals per second of all agents together').argParser(perSecond).conflicts('vus'),
    )
    .addOption(flag('--scenario <name>', 'which one, where the plan has several'))
    .addHelpText(
      'after',
      `
Examples:
  bench set v1stgxr8z5jd --vus 200
  bench set v1stgxr8z5jd --rate 1500 --scenario browse

The change is an event of the result and a mark on its charts.`,
    )
    .action(run);
}

export async function runSet(runId: string, flags: SetFlags, output: Output): Promise<ExitCode> {
  const { control, scenario = '', vus, rate } = flags;
  if (vus === undefined && rate === undefined) {
    throw new CommandError('Say what the load is to be: --vus <number> or --rate <number>.', EXIT.invalidInput);
  }
  const level = vus === undefined ? { case: 'rate' as const, value: rate ?? 0 } : { case: 'vus' as const, value: vus };
  const { askControl } = await import('../client/stored-runs.ts');
  const change = { case: 'level' as const, value: { scenario, level } };
  const { atUs } = await askControl(control, (client) => client.changeLoad({ runId, change }), flags);
  output.line(`Run ${runId} changes its load at second ${(atUs / 1e6).toFixed(1)}.`);
  return EXIT.pass;
}

function perSecond(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (value >= 0 && value <= 10_000_000) return value;
  throw new InvalidArgumentError('It must be a number from 0 to 10000000.');
}
