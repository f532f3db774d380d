/** How many agents and runs are in each state now. */
export interface StateCounts {
  readonly agents: Readonly<Record<string, number>>;
  /** Runs that have not ended. */
  readonly runs: Readonly<Record<string, number>>;
}

/** How many items are in each state. */
export function countByState<Item>(items: Iterable<Item>, stateOf: (item: Item) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) {
    const state = stateOf(item);
    counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
}
