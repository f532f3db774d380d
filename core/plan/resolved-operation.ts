/** An operation of the plan with all that its driver says of it. */
export interface ResolvedOperation {
  /** Counted through all scenarios in plan order: what a window's `operation` refers to. */
  readonly index: number;
  readonly scenario: number;
  readonly scenarioName: string;
  /** Row of the results table; unique within its scenario. */
  readonly name: string;
  /** Such as `POST`. */
  readonly type: string;
  /** Key into {@link ResolvedPlan.drivers}. */
  readonly driver: string;
  /** What the session's `send` takes. */
  readonly driverOperation: string;
  readonly weight: number;
  readonly tags: Readonly<Record<string, string>>;
}
