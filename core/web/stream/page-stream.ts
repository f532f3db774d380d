import type { Clock } from '../../clock.ts';
import type { ControlCore } from '../../control/control-plane.ts';
import type { StoredRun } from '../../control/store/run-store.ts';
import type { EventClient } from './event-client.ts';
import { eventFrame } from './sse-frame.ts';

const EACH_US = 1e6;

export interface PageStreamOptions {
  readonly control: Pick<ControlCore, 'watchRuns' | 'watchAgents'>;
  readonly clock: Clock;
  readonly shownRun: (run: StoredRun) => unknown;
  readonly agentCounts: () => unknown;
}

/** Tells all pages that are open which runs and agents come, change and go: at most each second, and the same bytes to all. */
export class PageStream {
  readonly #options: PageStreamOptions;
  readonly #clients = new Set<EventClient>();
  /** By id, what is to be told next; undefined of a run that was deleted. */
  readonly #runs = new Map<string, StoredRun | undefined>();
  readonly #ends: readonly (() => void)[];
  #hasAgentNews = false;
  #cancel: (() => void) | undefined;

  constructor(options: PageStreamOptions) {
    const { control } = options;
    this.#options = options;
    this.#ends = [
      control.watchRuns({
        changed: (run) => this.#tellOf(run.runId, run),
        deleted: (runId) => this.#tellOf(runId, undefined),
      }),
      control.watchAgents(() => {
        this.#hasAgentNews = true;
        this.#tellLater();
      }),
    ];
  }

  attach(client: EventClient): void {
    this.#clients.add(client);
    client.onClose(() => this.#clients.delete(client));
    client.send(eventFrame('agents', this.#options.agentCounts()));
  }

  close(): void {
    for (const end of this.#ends) end();
    this.#cancel?.();
  }

  #tellOf(runId: string, run: StoredRun | undefined): void {
    this.#runs.set(runId, run);
    this.#tellLater();
  }

  #tellLater(): void {
    if (this.#clients.size === 0) {
      this.#runs.clear();
      return;
    }
    this.#cancel ??= this.#options.clock.after(EACH_US, () => {
      this.#cancel = undefined;
      this.#tell();
    });
  }

  #tell(): void {
    const frames = [...this.#runs].map(([runId, run]) =>
      run === undefined ? eventFrame('deleted', { runId }) : eventFrame('run', this.#options.shownRun(run)),
    );
    this.#runs.clear();
    if (this.#hasAgentNews) {
      this.#hasAgentNews = false;
      frames.push(eventFrame('agents', this.#options.agentCounts()));
    }
    for (const client of this.#clients) for (const frame of frames) client.send(frame);
  }
}
