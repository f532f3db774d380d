import type { Command } from 'commander';
import { CommandError } from '../command-error.ts';
import { EXIT, type ExitCode, exitCodeOf } from '../exit-codes.ts';
import { addConnectionFlags, type ConnectionFlags } from '../flags/connection-flags.ts';
import type { Output } from '../output.ts';
import { withLifetime } from '../processes/lifetime.ts';

export function addWatch(command: Command, run: (runId: string, flags: ConnectionFlags) => Promise<void>): void {
  addConnectionFlags(
    command
      .description('show a run of a control while it goes on, and its result')
      .argument('<run>', 'id from `bench runs`'),
  )
    .addHelpText(
      'after',
      `
Examples:
  bench watch v1stgxr8z5jd
  bench watch v1stgxr8z5jd --control 10.0.0.5:7070

Ctrl-C ends the watching and leaves the run alone. The exit code is that of the run.`,
    )
    .action(run);
}

export async function runWatch(runId: string, flags: ConnectionFlags, output: Output): Promise<ExitCode> {
  const { connectControl, controlError, watchRun } = await import('../client/run-client.ts');
  const { readRunSummary } = await import('../../../proto/stored-run.ts');
  const { RunView } = await import('../view/run-view.ts');
  const client = await connectControl(flags.control, flags);
  return withLifetime(false, async (lifetime) => {
    const stored = await readRunSummary(client.getRun({ runId }, { signal: lifetime.signal })).catch(
      (error: unknown) => {
        client.close();
        if (lifetime.signal.aborted) return undefined;
        throw controlError(flags.control, error);
      },
    );
    if (stored === undefined) return EXIT.aborted;
    const view = new RunView(output, stored.name, '');
    view.started(runId);
    try {
      const outcome = await watchRun(client, runId, view, lifetime.signal);
      view.end();
      if (outcome.kind === 'failed') throw new CommandError(`Run ${runId} has no result: ${outcome.reason}`);
      const { makeView } = await import('../../../reports/view.ts');
      const { endScreen } = await import('../view/ending.ts');
      output.screen(endScreen(makeView(outcome.result, 'en'), [], output.columns(), output.paint));
      return exitCodeOf(outcome.result);
    } catch (error) {
      view.end();
      if (lifetime.signal.aborted) return EXIT.aborted;
      throw controlError(flags.control, error);
    } finally {
      client.close();
    }
  });
}
