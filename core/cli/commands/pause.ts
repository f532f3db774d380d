import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { addConnectionFlags, type ConnectionFlags } from '../flags/connection-flags.ts';
import type { Output } from '../output.ts';

type Act = (runId: string, flags: ConnectionFlags) => Promise<void>;

export function addPause(command: Command, run: Act): void {
  addConnectionFlags(
    command
      .description('let no operation of a run begin until `bench resume`; its end stays when it is')
      .argument('<run>', 'id from `bench runs`'),
  )
    .addHelpText('after', '\nExamples:\n  bench pause v1stgxr8z5jd\n  bench resume v1stgxr8z5jd')
    .action(run);
}

export function addResume(command: Command, run: Act): void {
  addConnectionFlags(command.description('let a run that is paused go on').argument('<run>', 'id from `bench runs`'))
    .addHelpText('after', '\nExamples:\n  bench resume v1stgxr8z5jd')
    .action(run);
}

export async function runPause(
  kind: 'pause' | 'resume',
  runId: string,
  flags: ConnectionFlags,
  output: Output,
): Promise<ExitCode> {
  const { askControl } = await import('../client/stored-runs.ts');
  const change = { case: kind, value: {} };
  const { atUs } = await askControl(flags.control, (client) => client.changeLoad({ runId, change }), flags);
  output.line(`Run ${runId} ${kind === 'pause' ? 'pauses' : 'goes on'} at second ${(atUs / 1e6).toFixed(1)}.`);
  return EXIT.pass;
}
