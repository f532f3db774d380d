import type { Clock } from '../../clock.ts';
import type { ControlCore } from '../../control/control-plane.ts';
import type { ObservedRun } from '../../control/orchestrator/run-lifecycle.ts';
import type { RunEventData } from '../api/run-events.ts';
import { RunStream } from './run-stream.ts';

/** How long what happens in a run is kept for clients that may come back, when there is none. */
const UNWATCHED_US = 600e6;

export interface RunStreamsOptions {
  readonly control: Pick<ControlCore, 'observed'>;
  readonly clock: Clock;
  readonly ending: (run: ObservedRun) => RunEventData<'result'>;
}

/** The streams of the runs under way that somebody watches, or has watched shortly before. */
export class RunStreams {
  readonly #options: RunStreamsOptions;
  readonly #streams = new Map<string, RunStream>();
  readonly #sweeps = new Map<string, () => void>();

  constructor(options: RunStreamsOptions) {
    this.#options = options;
  }

  /** Undefined for a run that has ended, or that another control runs. */
  of(runId: string): RunStream | undefined {
    const known = this.#streams.get(runId);
    if (known !== undefined) return known;
    const { control, clock, ending } = this.#options;
    const first = control.observed(runId);
    if (first === undefined) return undefined;
    let last = first;
    const observed = () => {
      last = control.observed(runId) ?? last;
      return last;
    };
    const stream = new RunStream(observed, { clock, ending, ended: () => this.#forget(runId) });
    this.#streams.set(runId, stream);
    this.#sweepLater(runId, stream);
    return stream;
  }

  close(): void {
    for (const [runId, stream] of this.#streams) {
      stream.close();
      this.#forget(runId);
    }
  }

  #sweepLater(runId: string, stream: RunStream): void {
    const cancel = this.#options.clock.after(UNWATCHED_US, () => {
      if (stream.clients > 0) {
        this.#sweepLater(runId, stream);
        return;
      }
      stream.close();
      this.#forget(runId);
    });
    this.#sweeps.set(runId, cancel);
  }

  #forget(runId: string): void {
    this.#sweeps.get(runId)?.();
    this.#sweeps.delete(runId);
    this.#streams.delete(runId);
  }
}
