import { PREPARATION_LIMIT_US } from '../limits.ts';
import type { RunContext } from '../run/run-context.ts';
import { DriverHooks } from './driver-hooks.ts';

/**
 * Has the drivers of a run prepare, and keeps what they made: for `bench prepare`, which wants no load. What a preparation has made
 * that fails or is stopped is removed.
 *
 * @param isMaybePrepared whether a control process that is gone may have begun with it
 * @throws {BenchError} which says why nothing is prepared
 */
export async function prepareAlone(
  run: Pick<RunContext, 'runId' | 'spec' | 'secrets' | 'clock' | 'cancellation' | 'events'>,
  isMaybePrepared: boolean,
): Promise<void> {
  const { cancellation, events, secrets } = run;
  const hooks = new DriverHooks(run, (text) => events.notify(text));
  if (isMaybePrepared) hooks.recover();
  try {
    cancellation.drain.throwIfAborted();
    events.take({ kind: 'prepare', agents: 0 });
    // A secret without a value fails it before anything is made.
    secrets.get();
    await hooks.prepare(cancellation.drain, PREPARATION_LIMIT_US);
    cancellation.drain.throwIfAborted();
    hooks.keep();
  } finally {
    cancellation.cleanupBegins();
    await hooks.cleanup(cancellation.abortCleanup);
  }
}
