import type { Baseline, RunService } from '../../../proto/gen/bench/v1/run_pb.ts';
import { RpcError, type ServiceHandlers } from '../../../proto/rpc/adapter.ts';
import type { Clock } from '../../clock.ts';
import { oneLine } from '../../text/printable.ts';
import type { BaselineFigures } from '../../verdict/baseline/baseline-figures.ts';
import { BASELINE_NAME_RULE, isBaselineName } from '../../verdict/baseline/baseline-name.ts';
import type { FoundRun } from '../orchestrator/run-queue.ts';
import type { RunStore } from '../store/run-store.ts';

const MAX_RUNS = 100;

export interface BaselineContext {
  readonly store: Pick<RunStore, 'baselines'>;
  readonly clock: Clock;
  /** @throws {RpcError} NOT_FOUND */
  readonly found: (runId: string) => Promise<FoundRun>;
  /** Resolves when calls may be answered. */
  readonly begun: Promise<void>;
}

type Handlers = Pick<ServiceHandlers<typeof RunService>, 'setBaseline' | 'listBaselines' | 'removeBaseline'>;

/** Handlers of the calls about baselines. */
export function baselineHandlers({ store: { baselines }, clock, found, begun }: BaselineContext): Handlers {
  return {
    async setBaseline({ name, runIds }) {
      await begun;
      if (!isBaselineName(name))
        throw new RpcError('INVALID_ARGUMENT', `the name of a baseline has ${BASELINE_NAME_RULE}`);
      if (runIds.length === 0 || runIds.length > MAX_RUNS)
        throw new RpcError('INVALID_ARGUMENT', `a baseline has 1 to ${MAX_RUNS} runs`);
      for (const runId of runIds) {
        const { summary } = await found(runId);
        if (summary.state === 'finished') continue;
        throw new RpcError('FAILED_PRECONDITION', `run ${runId} has no result (it is ${summary.state})`);
      }
      await baselines.set({ name, runIds, setAt: new Date(clock.epochMs()).toISOString() });
      return {};
    },

    async listBaselines() {
      await begun;
      const stored = await baselines.list();
      return { baselines: stored.map(({ name, runIds, setAt }) => ({ name, runIds: [...runIds], setAt })) };
    },

    async removeBaseline({ name }) {
      await begun;
      const isThere = (await baselines.list()).some((baseline) => baseline.name === name);
      if (!isThere)
        throw new RpcError(
          'NOT_FOUND',
          `there is no baseline ${oneLine(name, 80)}: \`bench baseline list\` lists them`,
        );
      await baselines.remove(name);
      return {};
    },
  };
}

/** What a run's criteria are compared with, as whoever starts it says. */
export function baselineOf(message: Baseline | undefined): BaselineFigures | undefined {
  if (message === undefined) return undefined;
  const { name, runIds, figures } = message;
  return { name: oneLine(name, 80), runIds: runIds.map((runId) => oneLine(runId, 64)), figures };
}
