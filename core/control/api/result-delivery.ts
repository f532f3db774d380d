import type { Clock } from '../../clock.ts';

/**
 * Who watches a run to its end asks for its result then. A control that ends goes on answering until they have it, but
 * not for long: a watcher may have gone.
 */
export class ResultDeliveries {
  readonly #clock: Clock;
  #watchers = 0;
  /** By run: watchers that have been told of its end and have not asked for its result. */
  readonly #owed = new Map<string, number>();
  #isClosing = false;
  #changed: () => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  watchBegins(): void {
    this.#watchers++;
  }

  watchEnds(runId: string, hasResult: boolean): void {
    this.#watchers--;
    if (hasResult && this.#isClosing) this.#owed.set(runId, (this.#owed.get(runId) ?? 0) + 1);
    this.#changed();
  }

  fetched(runId: string): void {
    const others = (this.#owed.get(runId) ?? 0) - 1;
    if (others > 0) this.#owed.set(runId, others);
    else this.#owed.delete(runId);
    this.#changed();
  }

  /** From now on results are owed. */
  close(): void {
    this.#isClosing = true;
  }

  /** Resolves when nothing is owed, at the latest after this long. */
  settled(limitUs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(limitUs, resolve);
      this.#changed = () => {
        if (this.#watchers > 0 || this.#owed.size > 0) return;
        cancel();
        resolve();
      };
      this.#changed();
    });
  }
}
