import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { addConnectionFlags, type ConnectionFlags } from '../flags/connection-flags.ts';
import { flag } from '../flags/flags.ts';
import type { Output } from '../output.ts';

interface StopFlags extends ConnectionFlags {
  readonly reason: string;
  readonly abort?: boolean;
}

export function addStop(command: Command, run: (runId: string, flags: StopFlags) => Promise<void>): void {
  addConnectionFlags(command.description('end a run before its time').argument('<run>', 'id from `bench runs`'))
    .addOption(flag('--reason <text>', 'for its result').default('bench stop'))
    .addOption(flag('--abort', 'cut off what is in flight, instead of letting it end'))
    .addHelpText(
      'after',
      `
Examples:
  bench stop v1stgxr8z5jd                        the load ends in order, what was measured is kept
  bench stop v1stgxr8z5jd --abort --reason "wrong target"`,
    )
    .action(run);
}

export async function runStop(runId: string, flags: StopFlags, output: Output): Promise<ExitCode> {
  const { askControl } = await import('../client/stored-runs.ts');
  const { control, reason, abort = false } = flags;
  await askControl(control, (client) => client.stopRun({ runId, reason, abort }), flags);
  output.line(`Run ${runId} ${abort ? 'is cut off' : 'ends'}; \`bench watch ${runId}\` shows how.`);
  return EXIT.pass;
}
