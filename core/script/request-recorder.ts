import type { Outcome } from '../outcome.ts';

/**
 * Times and counts the requests that one virtual user's script makes up itself. The engine makes one for each virtual user and
 * driver; the driver's client calls it. One request is {@link wait}, {@link due}, the sending, {@link record}. Requests of one
 * user may overlap. All times are microseconds on the engine's clock.
 */
export interface RequestRecorder {
  /** Aborted when what is in flight is cut off. */
  readonly signal: AbortSignal;

  /**
   * The row in which requests of this name and type are counted: the same two give the same row for the whole run, for all users
   * of the scenario in this agent. Beyond the names that an agent may have it is the row `(other)`. Keep it where you can.
   * @param name what is longer than 200 characters is cut
   * @param type such as `GET`
   * @param tags labels for thresholds; those of the row's first use count
   */
  row(name: string, type: string, tags?: Readonly<Record<string, string>>): number;

  /**
   * Asks whether a request may begin. Asked again after waiting, unless the signal is aborted by then.
   * @returns undefined when it may begin at once, which is nearly always; else a promise to wait for, because the load is paused
   *   or the event loop needs a turn. When the load is cut off it resolves in a later turn, with the signal aborted: the request
   *   is then not sent and not recorded, and its answer is of the kind `aborted`. Once the script is waited for no longer, the
   *   promise never settles, so that no loop of a script goes on
   */
  wait(): Promise<void> | undefined;

  /**
   * When the request that the script asks for now is due: with the pass for its first request, else when the one before has
   * ended, or its pause. Called once per request. Reads the clock into {@link askedUs}.
   */
  due(): number;

  /** When {@link due} was called last: the start of a request that is sent at once. Another request may change it meanwhile. */
  readonly askedUs: number;

  /** The time now, for a request that was sent later than it was asked for, such as one behind another on its connection. */
  nowUs(): number;

  /**
   * Whether somebody wants to see a request of this row in full that ends with this kind of error, as
   * `VirtualUserContext.wantsDetail` says for operations of the plan.
   * @param errorKind empty for one that succeeds
   */
  wantsDetail(row: number, errorKind: string): boolean;

  /**
   * Counts one request that ends now.
   * @param row as {@link row} gave it
   * @param dueUs as {@link due} gave it
   * @param startUs when it was sent
   * @returns when it ended
   */
  record(row: number, dueUs: number, startUs: number, outcome: Outcome): number;
}
