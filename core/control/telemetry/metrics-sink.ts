/** What control counts of itself, told where it happens. */
export interface Meter {
  /** Windows that are stored and merged. @param storeUs how long their transaction took */
  committed(windows: readonly MeteredWindow[], storeUs: number): void;
  /** A window that was there already. */
  duplicate(): void;
  /** A window that cannot be of its run. */
  refused(): void;
  /** Somebody who wanted in was not let in. */
  joinFailed(): void;
  /** @param outcome `failed`, or the verdict */
  runEnded(outcome: string): void;
}

export interface MeteredWindow {
  readonly bytes: number;
  readonly samples: number;
  readonly errors: number;
  /** From its arrival to its acknowledgement. */
  readonly ackUs: number;
}
