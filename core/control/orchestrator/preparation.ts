import { BenchError, errorMessage } from '../../error.ts';
import { PREPARATION_LIMIT_US } from '../limits.ts';
import type { RunContext } from '../run/run-context.ts';
import { DriverHooks } from './driver-hooks.ts';

type PreparedRun = Pick<RunContext, 'runId' | 'spec' | 'secrets' | 'clock' | 'cancellation' | 'events' | 'cleanedUp'>;

/**
 * Has the drivers of a run prepare, and keeps what they made: for `bench prepare`, which wants no load. What a preparation has made
 * that fails or is stopped is removed.
 *
 * @param isMaybePrepared whether a control process that is gone may have begun with it
 * @throws {BenchError} which says why nothing is prepared, and what went wrong when that was removed
 */
export async function prepareAlone(run: PreparedRun, isMaybePrepared: boolean): Promise<void> {
  const hooks = new DriverHooks(run, (text) => run.events.notify(text));
  if (isMaybePrepared) hooks.recover();
  try {
    await prepare(run, hooks);
  } catch (error) {
    run.cancellation.cleanupBegins();
    const problems = await hooks.cleanup(run.cancellation.abortCleanup);
    run.cleanedUp(problems);
    if (problems.length === 0) throw error;
    const { code } = BenchError.from(error);
    const message = `${errorMessage(error)}; cleaning up failed: ${problems.join('; ')}`;
    throw new BenchError(code, message, { cause: error });
  }
}

async function prepare({ cancellation, events, secrets }: PreparedRun, hooks: DriverHooks): Promise<void> {
  cancellation.drain.throwIfAborted();
  events.take({ kind: 'prepare', agents: 0 });
  // A secret without a value fails it before anything is made.
  secrets.get();
  await hooks.prepare(cancellation.drain, PREPARATION_LIMIT_US);
  cancellation.drain.throwIfAborted();
}
