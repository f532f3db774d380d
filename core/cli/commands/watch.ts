import type { Command } from 'commander';
import { CommandError } from '../command-error.ts';
import { EXIT, type ExitCode, exitCodeOf } from '../exit-codes.ts';
import { addRunConnectionFlags, type RunConnectionFlags } from '../flags/connection-flags.ts';
import type { Output } from '../output.ts';
import { withLifetime } from '../processes/lifetime.ts';

export function addWatch(command: Command, run: (runId: string, flags: RunConnectionFlags) => Promise<void>): void {
  addRunConnectionFlags(
    command
      .description('show a run while it goes on, and then its result')
      .argument('<run>', 'id of the run, which `bench run` prints'),
  )
    .addHelpText(
      'after',
      `
Examples:
  bench watch v1stgxr8z5jd
  bench watch v1stgxr8z5jd --control control.example:7070

Ctrl-C stops watching; the run goes on. The exit code is that of the run.`,
    )
    .action(run);
}

export async function runWatch(runId: string, flags: RunConnectionFlags, output: Output): Promise<ExitCode> {
  const { controlError, watchRun } = await import('../client/run-client.ts');
  const { connectControlOf } = await import('../client/run-location.ts');
  const { readRunSummary } = await import('../../../proto/stored-run.ts');
  const { RunView } = await import('../view/run-view.ts');
  const { client, address } = await connectControlOf(runId, flags);
  return withLifetime(false, async (lifetime) => {
    const stored = await readRunSummary(client.getRun({ runId }, { signal: lifetime.signal })).catch(
      (error: unknown) => {
        client.close();
        if (lifetime.signal.aborted) return undefined;
        throw controlError(address, error);
      },
    );
    if (stored === undefined) return EXIT.aborted;
    const view = new RunView(output, stored.name, '');
    view.started(runId);
    try {
      const outcome = await watchRun(client, runId, view, lifetime.signal);
      view.end();
      if (outcome.kind === 'prepared') {
        output.line(`Run ${runId} was only to prepare: what its drivers have made is there.`);
        return EXIT.pass;
      }
      if (outcome.kind === 'failed') throw new CommandError(`Run ${runId} has no result: ${outcome.reason}`);
      const { makeView } = await import('../../../reports/view.ts');
      const { endScreen } = await import('../view/ending.ts');
      output.screen(endScreen(makeView(outcome.result, 'en'), [], output.columns(), output.paint));
      return exitCodeOf(outcome.result);
    } catch (error) {
      view.end();
      if (lifetime.signal.aborted) return EXIT.aborted;
      throw controlError(address, error);
    } finally {
      client.close();
    }
  });
}
