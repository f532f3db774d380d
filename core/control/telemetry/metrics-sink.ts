/** Counts what control does, called where it happens. */
export interface MetricsSink {
  /** Windows are stored and merged. @param storeUs how long their transaction took */
  committed(windows: readonly CommittedWindow[], storeUs: number): void;
  /** An agent sent a window that control had already. */
  duplicate(): void;
  /** An agent sent a window that cannot be of its run. */
  refused(): void;
  /** A join was rejected. */
  joinFailed(): void;
  /** An output does not get these seconds of a run any more. */
  outputDropped(output: string, seconds: number): void;
  /** @param outcome `failed`, or the verdict */
  runEnded(outcome: string): void;
}

export interface CommittedWindow {
  readonly bytes: number;
  readonly samples: number;
  readonly errors: number;
  /** Time from its arrival to its acknowledgement. */
  readonly ackUs: number;
}
