import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { addRunConnectionFlags, type RunConnectionFlags } from '../flags/connection-flags.ts';
import { flag } from '../flags/flags.ts';
import type { Output } from '../output.ts';

interface StopFlags extends RunConnectionFlags {
  readonly reason: string;
  readonly abort?: boolean;
}

export function addStop(command: Command, run: (runId: string, flags: StopFlags) => Promise<void>): void {
  addRunConnectionFlags(
    command.description('stop a run early').argument('<run>', 'id of the run, which `bench run` prints'),
  )
    .addOption(flag('--reason <text>', 'why, for the result of the run').default('bench stop'))
    .addOption(flag('--abort', 'abort operations in flight instead of letting them end'))
    .addHelpText(
      'after',
      `
Examples:
  bench stop v1stgxr8z5jd                        ends the load in order and keeps what was measured
  bench stop v1stgxr8z5jd --abort --reason "wrong target"`,
    )
    .action(run);
}

export async function runStop(runId: string, flags: StopFlags, output: Output): Promise<ExitCode> {
  const { askControlOf } = await import('../client/run-location.ts');
  const { reason, abort = false } = flags;
  await askControlOf(runId, flags, (client) => client.stopRun({ runId, reason, abort }));
  output.line(`Run ${runId} is ${abort ? 'aborted' : 'ending'}. \`bench watch ${runId}\` shows its result.`);
  return EXIT.pass;
}
