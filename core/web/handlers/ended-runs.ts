import type { GetRunResponse } from '../../../proto/gen/bench/v1/run_pb.ts';
import { RpcError } from '../../../proto/rpc/rpc-error.ts';
import type { ServerStreamingContext } from '../../../proto/rpc/rpc-server.ts';
import { readRun, readRunSummary } from '../../../proto/stored-run.ts';
import type { ControlCore } from '../../control/control-plane.ts';
import { KeyedMutex } from '../../control/security/keyed-mutex.ts';
import { StoreError } from '../../control/store/run-store.ts';
import { BenchError } from '../../error.ts';
import type { RunResult } from '../../stats/result.ts';
import { ApiError } from '../api-error.ts';
import type { ReportProvider } from '../providers.ts';

/** Results of long runs take much memory: whoever looks at a run asks for several parts of one. */
const MAX_KEPT = 2;

/** Results of runs that have ended, as the store has them. */
export class EndedRuns {
  readonly #runs: ControlCore['runs'];
  readonly #readResult: ReportProvider['readResult'];
  /** The last ones that were asked for; the newest last. */
  readonly #kept = new Map<string, Promise<RunResult | undefined>>();
  /** While a result is read, it is in memory packed, as a text and taken apart. */
  readonly #turns = new KeyedMutex();

  constructor(runs: ControlCore['runs'], { readResult }: Pick<ReportProvider, 'readResult'>) {
    this.#runs = runs;
    this.#readResult = readResult;
  }

  /** Undefined for a run without a result. @throws {RpcError} when there is no such run */
  async result(runId: string, call: ServerStreamingContext): Promise<RunResult | undefined> {
    if (this.#kept.has(runId)) await this.#checkStored(runId, call);
    const reading = this.#kept.get(runId) ?? this.#turns.run('result', () => this.#read(runId, call));
    this.#kept.delete(runId);
    this.#kept.set(runId, reading);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MAX_KEPT) break;
      this.#kept.delete(oldest);
    }
    const forget = () => this.#kept.delete(runId);
    // A run that has none yet may have one soon.
    reading.then((result) => result ?? forget(), forget);
    return reading;
  }

  /** @throws {ApiError} for a run without a result */
  async needed(runId: string, call: ServerStreamingContext): Promise<RunResult> {
    const result = await this.result(runId, call);
    if (result !== undefined) return result;
    throw new ApiError(409, `run ${runId} has no result: it has not ended, or it has failed`);
  }

  /** The run may have been deleted since it was read, also by another control of the store. @throws {RpcError} */
  async #checkStored(runId: string, call: ServerStreamingContext): Promise<void> {
    try {
      await readRunSummary(this.#messages(runId, call));
    } catch (error) {
      this.#kept.delete(runId);
      throw error;
    }
  }

  #messages(runId: string, call: ServerStreamingContext): AsyncIterable<GetRunResponse> {
    const request = { runId } as Parameters<ControlCore['runs']['getRun']>[0];
    return this.#runs.getRun(request, call) as AsyncIterable<GetRunResponse>;
  }

  async #read(runId: string, call: ServerStreamingContext): Promise<RunResult | undefined> {
    // Others may wait for the same result when whoever asked first has gone.
    const { signal } = new AbortController();
    try {
      const { resultJson } = await readRun(this.#messages(runId, { ...call, signal }));
      return resultJson === undefined ? undefined : this.#readResult(resultJson);
    } catch (error) {
      if (!(error instanceof BenchError) || error instanceof RpcError || error instanceof StoreError) throw error;
      throw new ApiError(
        409,
        `the result of run ${runId} cannot be read: it is damaged in the store, or another version of bench has written it; \`bench report ${runId}\` says more`,
        { cause: error },
      );
    }
  }
}
