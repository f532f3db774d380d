import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { addRunConnectionFlags, type RunConnectionFlags } from '../flags/connection-flags.ts';
import type { Output } from '../output.ts';

type Act = (runId: string, flags: RunConnectionFlags) => Promise<void>;

export function addPause(command: Command, run: Act): void {
  addRunConnectionFlags(
    command
      .description('pause the load of a run until `bench resume`; the run does not get longer')
      .argument('<run>', 'id of the run, which `bench run` prints'),
  )
    .addHelpText('after', '\nExamples:\n  bench pause v1stgxr8z5jd\n  bench resume v1stgxr8z5jd')
    .action(run);
}

export function addResume(command: Command, run: Act): void {
  addRunConnectionFlags(
    command
      .description('resume the load of a run that is paused')
      .argument('<run>', 'id of the run, which `bench run` prints'),
  )
    .addHelpText('after', '\nExamples:\n  bench resume v1stgxr8z5jd')
    .action(run);
}

export async function runPause(
  kind: 'pause' | 'resume',
  runId: string,
  flags: RunConnectionFlags,
  output: Output,
): Promise<ExitCode> {
  const { askControlOf } = await import('../client/run-location.ts');
  const change = { case: kind, value: {} };
  const { atUs } = await askControlOf(runId, flags, (client) => client.changeLoad({ runId, change }));
  output.line(
    `The load of run ${runId} ${kind === 'pause' ? 'pauses' : 'resumes'} at second ${(atUs / 1e6).toFixed(1)}.`,
  );
  return EXIT.pass;
}
