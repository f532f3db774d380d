import type { RunService } from '../../../proto/gen/bench/v1/run_pb.ts';
import { RpcError, type ServiceHandlers } from '../../../proto/rpc/adapter.ts';
import type { FoundRun, RunQueue } from '../orchestrator/run-queue.ts';
import { checkedNotes, type RunNotes } from '../run/run-notes.ts';
import { isEnded } from '../run/run-state.ts';
import type { RunStore } from '../store/run-store.ts';

export interface StoredRunContext {
  readonly runs: Pick<RunQueue, 'setNotes' | 'hasLeftBehind' | 'delete'>;
  readonly store: Pick<RunStore, 'baselines'>;
  /** @throws {RpcError} NOT_FOUND */
  readonly found: (runId: string) => Promise<FoundRun>;
}

type Handlers = Pick<ServiceHandlers<typeof RunService>, 'updateRun' | 'deleteRun'>;

/** Handlers of the calls that change what is stored of a run. */
export function storedRunHandlers({ runs, store, found }: StoredRunContext): Handlers {
  return {
    async updateRun({ runId, note, tags }) {
      const run = await found(runId);
      const checked = notesOf({ note: note ?? '', tags: tags?.tags ?? [] });
      // What was not sent may be changed by another call meanwhile.
      await runs.setNotes(run, {
        ...(note !== undefined && { note: checked.note }),
        ...(tags !== undefined && { tags: checked.tags }),
      });
      return {};
    },

    async deleteRun({ runId, force }) {
      const { summary, live } = await found(runId);
      if (!isEnded({ kind: summary.state }))
        throw new RpcError('FAILED_PRECONDITION', `run ${runId} is under way: stop it first`);
      if (live !== undefined) {
        throw new RpcError('FAILED_PRECONDITION', `run ${runId} has ended and is not stored yet: try again later`);
      }
      const baseline = (await store.baselines.list()).find(({ runIds }) => runIds.includes(runId));
      if (baseline !== undefined) {
        throw new RpcError(
          'FAILED_PRECONDITION',
          `run ${runId} is part of the baseline ${baseline.name}, which others are compared with: remove that first (\`bench baseline remove\`)`,
        );
      }
      if (!force && (await runs.hasLeftBehind(summary))) {
        throw new RpcError(
          'FAILED_PRECONDITION',
          `what the drivers of run ${runId} made may still be there, and only its plan tells how to remove it: clean up first (\`bench cleanup ${runId}\`, or over HTTP with POST /api/v1/runs/${runId}/cleanup); if that can never succeed, delete the run with --force, or over HTTP with ?force=true`,
        );
      }
      await runs.delete(runId);
      return {};
    },
  };
}

/** Why nothing can be removed that a run has left. */
export function unreadablePlan(runId: string, error: Error): string {
  return `the plan of run ${runId} can no longer be read (${error.message}): mend that, or delete the run with \`bench delete ${runId} --force\`, and what it made stays`;
}

/** @throws {RpcError} INVALID_ARGUMENT */
export function notesOf(notes: RunNotes): RunNotes {
  const checked = checkedNotes(notes);
  if (typeof checked === 'string') throw new RpcError('INVALID_ARGUMENT', checked);
  return checked;
}
