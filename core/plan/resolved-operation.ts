/** An operation of the plan, with what its driver declares about it. */
export interface ResolvedOperation {
  /** Position among the operations of all scenarios in plan order; a window's `operation` refers to it. */
  readonly index: number;
  readonly scenario: number;
  readonly scenarioName: string;
  /** Name of its row in the results table; unique within its scenario. */
  readonly name: string;
  /** Such as `POST`. */
  readonly type: string;
  /** Key into {@link ResolvedPlan.drivers}. */
  readonly driver: string;
  /** The name that the session's `send` expects. */
  readonly driverOperation: string;
  readonly weight: number;
  readonly tags: Readonly<Record<string, string>>;
}
