/** Keeps virtual users from beginning operations while the load is paused. */
export class PauseLatch {
  #isClosed = false;
  #waiting: (() => void)[] = [];

  get isClosed(): boolean {
    return this.#isClosed;
  }

  close(): void {
    this.#isClosed = true;
  }

  open(): void {
    this.#isClosed = false;
    for (const pass of this.#waiting.splice(0)) pass();
  }

  /** Calls back once, when the latch is opened next. Called only while it is closed. */
  whenOpen(pass: () => void): void {
    this.#waiting.push(pass);
  }
}
