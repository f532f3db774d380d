/** What keeps virtual users from beginning an operation while the load is paused. */
export class Gate {
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

  /** Calls back when it opens, for one that has found it closed. */
  whenOpen(pass: () => void): void {
    this.#waiting.push(pass);
  }
}
