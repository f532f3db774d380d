/** What a driver counts and measures in addition to its operations. This is public API. */

/** Written rows of one key, such as a device. The driver counts them, and control compares them with the stored rows. */
export interface WriteTally {
  /** Rows that the target has said to have stored. Raise it when the answer has come; control reads it once per second. */
  acknowledged: number;
  /** Writes that timed out or were cut off before the answer: they may or may not be stored. */
  unknown: number;
}

/** A duration that a driver measures in addition to the operation, such as `http.connect`. */
export interface Timing {
  /**
   * Counts one duration, in the phase of the latest operation that has ended. May be called at any time, also from callbacks.
   * @param durationUs microseconds, at most a day's; less than none count as none. What a driver gives and is no duration is left out, and
   *   told once
   * @throws {PluginError} in a script, for what is no duration
   */
  recordUs(durationUs: number): void;
}

/** Hits of attempts that a driver counts, such as the true neighbours among those that a search has found, or hits of a cache. */
export interface Ratio {
  /**
   * Adds attempts, in the phase of the latest operation that has ended. May be called at any time, also from callbacks.
   * @param hits whole number, not negative
   * @param of how many attempts there were, hits included: a whole number, not less than the hits
   * @throws {PluginError} for other numbers, and beyond 1,000,000,000 attempts in a second, of all ratios of an agent together
   */
  add(hits: number, of: number): void;
  /**
   * Says that the ratio means nothing, in all of the run and in all agents, for example because the data changed under the
   * questions. Criteria on it cannot be judged then, and reports show the reason.
   * @param reason what a person reads after "void: "; cut to 300 characters
   */
  void(reason: string): void;
}
