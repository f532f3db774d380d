import { type OpenBundle, openKeptBundle } from '../../bundle/open-bundle.ts';
import { readCheckpoint } from '../run/checkpoint.ts';
import { RunSecrets } from '../run/run-secrets.ts';
import { type PluginLoaders, readSpec } from '../run/run-spec.ts';
import type { StoredPlan } from '../store/run-store.ts';
import type { ControlContext } from './control-context.ts';
import { DriverHooks } from './driver-hooks.ts';

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
