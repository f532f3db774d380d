import type { LeanDraft } from '../../verdict/run-draft.ts';
import type { LoadPhase } from '../load/load-phase.ts';
import type { RunAgents } from '../load/run-agents.ts';
import type { ThresholdWatch } from '../load/threshold-watch.ts';
import type { MonitorValues } from '../monitors/monitor-series.ts';
import { draftAt } from '../results/interim-result.ts';
import type { LiveParts } from '../results/live-parts.ts';
import { type LiveRows, liveRows } from '../results/live-rows.ts';
import { snapshotOf } from '../results/live-snapshot.ts';
import type { RunContext } from '../run/run-context.ts';

/** Shows a run while it goes on: each second to those who watch it, and its parts to whoever asks for them. */
export class RunDisplay {
  /** What the monitors said of the target before the load. */
  targetEnvironment: Readonly<Record<string, string>> = {};
  readonly #run: RunContext;
  readonly #agents: RunAgents;
  readonly #load: LoadPhase;
  readonly #thresholds: ThresholdWatch;
  readonly #monitors: MonitorValues;
  /** What is made once for all who show a second, because it takes long; undefined between two. */
  #made: { draft?: LeanDraft; rows?: LiveRows } | undefined;

  constructor(
    run: RunContext,
    agents: RunAgents,
    load: LoadPhase,
    thresholds: ThresholdWatch,
    monitors: MonitorValues,
  ) {
    this.#run = run;
    this.#agents = agents;
    this.#load = load;
    this.#thresholds = thresholds;
    this.#monitors = monitors;
  }

  /** What can be shown of the run beside its totals. */
  get parts(): LiveParts {
    const { runStart, requested, shaped } = this.#load;
    const { startUs, startedAt = '' } = runStart ?? {};
    return {
      agents: this.#agents.all,
      thresholds: this.#thresholds,
      requested,
      shaped,
      monitors: this.#monitors,
      startUs,
      startedAt,
      targetEnvironment: this.targetEnvironment,
      draft: () => this.#draft(),
      rows: () => this.#rows(),
    };
  }

  /**
   * Called each second of the load.
   * @param feedOutputs gives the second to the outputs, with what was made of it for those who watch
   */
  tick(feedOutputs: () => void): void {
    this.#made = {};
    try {
      this.#show();
      feedOutputs();
    } finally {
      this.#made = undefined;
    }
  }

  #show(): void {
    const { events, clock } = this.#run;
    const { startUs } = this.#load;
    events.tick();
    if (!events.isWatched || startUs === undefined) return;
    events.show(snapshotOf(this.#run, this.parts, clock.nowUs() - startUs));
  }

  #draft(): LeanDraft {
    const made = this.#made ?? {};
    made.draft ??= draftAt(this.#run, this.#agents.all, this.#run.clock.nowUs() - (this.#load.startUs ?? 0));
    return made.draft;
  }

  #rows(): LiveRows {
    const made = this.#made ?? {};
    made.rows ??= liveRows(this.#run);
    return made.rows;
  }
}
