import { type BundleStore, type OpenBundle, openBundle, refusal } from '../core/bundle/open-bundle.ts';
import { BenchError } from '../core/error.ts';
import type { BundleEntry } from '../core/plan/bundle.ts';
import { bundleFromMessage } from '../proto/bundle-codec.ts';
import type { Assignment } from '../proto/gen/bench/v1/agent_pb.ts';
import { RpcError } from '../proto/rpc/adapter.ts';

/** Asks control for a content that was sent with a run. It comes in pieces. */
export type FetchContent = (request: { readonly runId: string; readonly sha256: string }) => AsyncIterable<Uint8Array>;

const MAX_TRIES = 5;
/** The session with control may have broken off, and another one begin. */
const RETRY_PAUSE_MS = 1000;

/**
 * Has everything here that was sent with a run, and opens it.
 * @throws {BenchError} when this agent takes no such code, or cannot get or keep it
 */
export async function obtainBundle(
  { runId, plan }: Pick<Assignment, 'runId' | 'plan'>,
  store: BundleStore,
  fetch: FetchContent,
): Promise<OpenBundle> {
  const entries = bundleFromMessage(plan?.bundle ?? []);
  // Nothing is fetched that is not taken.
  const problem = refusal(entries, store);
  if (problem !== undefined) throw new BenchError('bundle_refused', problem);
  for (const entry of entries) await obtain(entry, store, () => fetch({ runId, sha256: entry.sha256 }));
  return openBundle(entries, plan?.baseDirectory ?? '', store);
}

async function obtain(
  entry: BundleEntry,
  { cache }: BundleStore,
  fetch: () => AsyncIterable<Uint8Array>,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await cache.obtain(entry, fetch);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      if (tries < MAX_TRIES && (error.code === 'UNAVAILABLE' || error.code === 'CANCELLED')) {
        await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE_MS));
        continue;
      }
      throw new BenchError('content_missing', `control does not send ${entry.name}: ${error.message}`, {
        cause: error,
      });
    }
  }
}
