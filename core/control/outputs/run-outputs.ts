import type { RunResult } from '../../stats/result.ts';
import { MAX_KEPT_SECONDS, SO_FAR_SECONDS } from '../limits.ts';
import type { LiveParts } from '../results/live-parts.ts';
import type { RunContext } from '../run/run-context.ts';
import type { ResolvedOutput } from '../run/run-spec.ts';
import type { MetricsSink } from '../telemetry/metrics-sink.ts';
import { OutputFeed, type SecondFigures } from './output-feed.ts';
import { agentsNow, figuresOf, soFarOf } from './output-figures.ts';

/** An output that every run of a control has, whatever its plan says. */
export interface ControlOutput extends ResolvedOutput {
  /** The text without the values of secrets. */
  hide(text: string): string;
}

/** What a control has for the outputs of its runs. */
export interface OutputsOfControl {
  readonly outputs: readonly ControlOutput[];
  readonly metrics?: MetricsSink | undefined;
}

/** The outputs of a run. The run waits for them only at its end, and not for long. */
export class RunOutputs {
  readonly #run: RunContext;
  readonly #control: OutputsOfControl;
  readonly #feeds: OutputFeed[] = [];
  /** Once there is a result, an event could no longer be in it. */
  #hasResult = false;
  #next = 0;
  readonly #parts: () => LiveParts;

  constructor(run: RunContext, control: OutputsOfControl, parts: () => LiveParts) {
    this.#run = run;
    this.#control = control;
    this.#parts = parts;
  }

  /**
   * Begins to open all outputs.
   * @param isRecovered whether another control process has given seconds to them. Nobody knows which, so the last are given again
   * @throws {BenchError} when a secret of the plan's outputs has no value; those of control are open then
   */
  open(isRecovered: boolean): void {
    const { spec, secrets, totals } = this.#run;
    if (isRecovered) this.#next = Math.max(0, totals.settledSecond + 1 - MAX_KEPT_SECONDS);
    this.#openAll(this.#control.outputs);
    if (spec.outputs.length === 0) return;
    const values = secrets.get();
    const hide = (text: string) => secrets.hide(text);
    this.#openAll(spec.outputs.map((output) => ({ ...output, options: values.fill(output.options), hide })));
  }

  /** Gives the outputs what has been settled or corrected since the last call. Called once per second. */
  advance(): void {
    const { totals } = this.#run;
    const parts = this.#parts();
    const { startUs } = parts;
    if (startUs === undefined) return;
    const changed = totals.takeChanged().filter((second) => second < this.#next);
    const newest = totals.settledSecond;
    if (this.#feeds.length > 0) {
      for (const feed of this.#feeds) for (const second of changed) feed.correct(second);
      const agents = newest < this.#next ? [] : agentsNow(this.#run, parts.agents);
      for (let second = this.#next; second <= newest; second++) {
        // Where several seconds settle at once, the totals go with the last one, since they cover all of them.
        const isDue = second === newest && crosses(this.#next, newest);
        const soFar = isDue ? soFarOf(this.#run, parts, startUs) : undefined;
        for (const feed of this.#feeds) feed.offer({ second, agents, soFar });
      }
    }
    this.#next = Math.max(this.#next, newest + 1);
  }

  /** Waits a while until the outputs have all seconds; what they have not got is in the result. */
  async drain(): Promise<void> {
    await Promise.all(this.#feeds.map((feed) => feed.drain()));
  }

  /** Gives the outputs the result. */
  async end(result: RunResult): Promise<void> {
    this.#hasResult = true;
    await Promise.all(this.#feeds.map((feed) => feed.end(result)));
  }

  async close(): Promise<void> {
    await Promise.all(this.#feeds.map((feed) => feed.close()));
  }

  #figuresAt(second: number): SecondFigures {
    const parts = this.#parts();
    const { monitors, startedAt } = parts;
    return { ...figuresOf(this.#run, parts, second), startedAt, monitors: monitors.at(second) };
  }

  #openAll(outputs: readonly ControlOutput[]): void {
    const feeds = outputs.map((output) => this.#feedOf(output));
    this.#feeds.push(...feeds);
    for (const feed of feeds) feed.open();
  }

  #feedOf({ name, plugin, options, hide }: ControlOutput): OutputFeed {
    const { runId, spec, events, clock } = this.#run;
    const { name: plan, seed, target = '' } = spec.plan;
    const run = { runId, plan, target, seed };
    const note = (text: string) => {
      if (this.#hasResult) events.notify(hide(text));
      else events.record(hide(text));
    };
    const figuresAt = (second: number) => this.#figuresAt(second);
    const dropped = (seconds: number) => this.#control.metrics?.outputDropped(name, seconds);
    return new OutputFeed({ name, plugin, options, run, clock, figuresAt, note, dropped });
  }
}

/** Whether one of these seconds is the last of {@link SO_FAR_SECONDS}. */
function crosses(from: number, to: number): boolean {
  return Math.floor((to + 1) / SO_FAR_SECONDS) > Math.floor(from / SO_FAR_SECONDS);
}
