import type { Clock } from '../../clock.ts';

/**
 * Lets a control that ends wait for its watchers: whoever watches a run to its end asks for the result next. Control goes on
 * answering until they have it, but not for long, because a watcher may be gone.
 */
export class ResultDeliveries {
  readonly #clock: Clock;
  #watchers = 0;
  /** How many watchers of a run have been told of its end and have not fetched its result. */
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

  /** From now on, watchers whose run ends are waited for. */
  close(): void {
    this.#isClosing = true;
  }

  /** Resolves when nobody watches and every result is fetched, at the latest after this time. */
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
