/** One agent process of a run, as far as its windows go: the collector and the backpressure see nothing else of it. */
export interface WindowSource {
  /** Its place in the run's totals. */
  readonly index: number;
  readonly name: string;
  /** Identifies the process among those that have had its name. */
  readonly epoch: string;
  /** Tells it up to which window all are stored. Called once these are merged, and for every window that comes again. */
  acknowledge(): void;
  /** Has it send again, on a new stream, all that is not acknowledged. */
  requestResend(): void;
}
