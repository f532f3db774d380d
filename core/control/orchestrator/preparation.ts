/** The steps of drivers without a load: what `bench prepare` has them make, and `bench cleanup` has them remove. */
import { type OpenBundle, openKeptBundle } from '../../bundle/open-bundle.ts';
import { BenchError, errorMessage } from '../../error.ts';
import { PREPARATION_LIMIT_US, STORE_PATIENCE_US } from '../limits.ts';
import { readCheckpoint } from '../run/checkpoint.ts';
import type { RunContext } from '../run/run-context.ts';
import { RunSecrets } from '../run/run-secrets.ts';
import { type PluginLoaders, readSpec } from '../run/run-spec.ts';
import type { StoredPlan } from '../store/run-store.ts';
import type { ControlContext } from './control-context.ts';
import { DriverHooks } from './driver-hooks.ts';

/** Says why nothing is prepared, and that not everything was removed which had been made by then. */
export class LeftBehindError extends BenchError {
  override readonly name = 'LeftBehindError';

  constructor(error: unknown, problems: readonly string[]) {
    const message = `${errorMessage(error)}; cleaning up failed: ${problems.join('; ')}`;
    super(BenchError.from(error).code, message, { cause: error });
  }
}

type PreparedRun = Pick<RunContext, 'runId' | 'spec' | 'secrets' | 'clock' | 'cancellation' | 'events' | 'saved'>;

/**
 * Has the drivers of a run prepare, and keeps what they made: for `bench prepare`, which wants no load. What a preparation has made
 * that fails or is stopped is removed.
 *
 * @param isMaybePrepared whether a control process that is gone may have begun with it
 * @throws {BenchError} which says why nothing is prepared; a {@link LeftBehindError} when cleaning up failed, too
 */
export async function prepareAlone(run: PreparedRun, isMaybePrepared: boolean): Promise<void> {
  const hooks = new DriverHooks(run, (text) => run.events.notify(text));
  if (isMaybePrepared) hooks.recover();
  try {
    await prepare(run, hooks);
  } catch (error) {
    run.cancellation.cleanupBegins();
    const problems = await hooks.cleanup(run.cancellation.abortCleanup);
    throw problems.length === 0 ? error : new LeftBehindError(error, problems);
  }
}

async function prepare({ cancellation, events, secrets, saved }: PreparedRun, hooks: DriverHooks): Promise<void> {
  cancellation.drain.throwIfAborted();
  events.take({ kind: 'prepare', agents: 0 });
  // A secret without a value fails it before anything is made.
  secrets.get();
  // Should control be killed from here on, it is known that drivers have begun.
  await saved(STORE_PATIENCE_US);
  await hooks.prepare(cancellation.drain, PREPARATION_LIMIT_US);
  cancellation.drain.throwIfAborted();
}

export interface RunCleanup {
  /** What drivers told of it. */
  readonly done: string[];
  /** What went wrong, a sentence each. */
  readonly problems: string[];
}

/**
 * Has the drivers of a run that has ended remove what they made. It is done whether or not its caller waits.
 * @throws {BenchError} when its plan can no longer be read @throws {StoreError}
 */
export async function cleanUpAfter(
  runId: string,
  { plan: json, baseDirectory, checkpoint }: StoredPlan,
  { store, loaders, files, clock }: Pick<ControlContext, 'store' | 'files' | 'clock'> & { loaders: PluginLoaders },
): Promise<RunCleanup> {
  const done: string[] = [];
  const { bundles } = files;
  let bundle: OpenBundle | undefined;
  try {
    bundle = bundles && (await openKeptBundle(readCheckpoint(checkpoint).bundle, baseDirectory, bundles));
    const spec = await readSpec({ json, baseDirectory, command: '', bundle }, loaders);
    const secrets = new RunSecrets(spec, files.secrets);
    const hooks = new DriverHooks({ runId, spec, secrets, clock }, (text) => done.push(text));
    hooks.recover();
    const problems = await hooks.cleanup(new AbortController().signal);
    if (problems.length === 0) await store.cleanedUp(runId);
    return { done, problems };
  } finally {
    await bundle?.close();
  }
}
