/** What keeps virtual users from beginning an operation while the load is paused. */
export class Gate {
  #waiting: PromiseWithResolvers<void> | undefined;

  get isClosed(): boolean {
    return this.#waiting !== undefined;
  }

  close(): void {
    this.#waiting ??= Promise.withResolvers();
  }

  open(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }

  /** Resolves when it is open. */
  async passed(): Promise<void> {
    await this.#waiting?.promise;
  }
}
