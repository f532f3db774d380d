import type { Command } from 'commander';
import { CommandError } from '../command-error.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { DEFAULT_STORE } from '../files/store-location.ts';
import { address, credentialsFlag, flag, refuseUnused, tokenFileFlag } from '../flags/flags.ts';
import { addTargetFlags } from '../flags/load-flags.ts';
import type { Output } from '../output.ts';

export interface PrepareFlags {
  readonly param?: Readonly<Record<string, string>>;
  readonly host?: string;
  readonly seed?: number;
  readonly control?: string;
  readonly credentials?: string;
  readonly tokenFile?: string;
  readonly store: string;
}

export function addPrepare(command: Command, run: (plan: string, flags: PrepareFlags) => Promise<void>): void {
  command
    .description('do what the drivers of a plan do before its load, and keep it')
    .argument('<plan>', 'YAML or JSON file, a TypeScript or JavaScript module, or - for standard input')
    .optionsGroup('Instead of what the plan says:');
  addTargetFlags(command)
    .optionsGroup('Where:')
    .addOption(flag('--control <host:port>', 'let this control prepare, on its host').argParser(address))
    .addOption(credentialsFlag())
    .addOption(tokenFileFlag())
    .addOption(
      flag('--store <file|url>', 'where the id is stored that `bench cleanup` needs, without --control').default(
        DEFAULT_STORE,
      ),
    )
    .addHelpText(
      'after',
      `
Nothing is removed at the end; \`bench cleanup\` with the id that is printed does so. Whether a later run uses what was prepared is up
to the driver and its options. A run itself prepares anyway: this is for what takes long, such as loading many rows.

Examples:
  bench prepare plan.yaml
  bench prepare plan.yaml --param rows=1000000
  bench prepare plan.yaml --control control.example:7070

Ctrl-C ends it and removes what was made by then. A second Ctrl-C does not wait for that.`,
    )
    .action((plan: string, flags: PrepareFlags, command: Command) => {
      refuseUnusedFlags(flags, command);
      return run(plan, flags);
    });
}

function refuseUnusedFlags({ control, store }: PrepareFlags, command: Command): void {
  if (control !== undefined) {
    refuseUnused(command, 'store', 'cannot be used with --control: that control has a store of its own.');
    return;
  }
  for (const unused of ['credentials', 'tokenFile']) refuseUnused(command, unused, 'is for --control: add that.');
  if (store === ':memory:')
    throw new CommandError(
      'A store in memory forgets the id that `bench cleanup` needs: leave out --store, or name a file.',
      EXIT.invalidInput,
    );
}

export async function runPrepare(planFile: string, flags: PrepareFlags, output: Output): Promise<ExitCode> {
  const { readRunnablePlan } = await import('../plans/checked-plan.ts');
  const { preparePlan } = await import('../client/prepare-plan.ts');
  const { param, host, seed } = flags;
  const overrides = { ...(param && { param }), ...(host && { host }), ...(seed !== undefined && { seed }) };
  return preparePlan(await readRunnablePlan(planFile, overrides), flags, output);
}
