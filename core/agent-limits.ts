/** What control and its agents both keep to. */

const SECOND_US = 1_000_000;

/** How long a run waits for its agents where nobody says, whether a command, a program or a page starts it. */
export const DEFAULT_AGENTS_TIMEOUT_US = 60 * SECOND_US;
/** The share of a run's load that may be missing because agents were lost, where nobody says. */
export const DEFAULT_LOSS_TOLERANCE = 0.01;
/** An agent that sends nothing for this long is lost. */
export const SILENCE_LIMIT_US = 3 * SECOND_US;
/** How many warnings of one agent a result lists: a driver that misbehaves may do so in many ways. */
export const MAX_AGENT_WARNINGS = 50;
/**
 * Ten minutes of windows. An agent that has been cut off from control for longer stops its load, since keeping more windows
 * would use ever more memory; control counts the rest of the load as missing.
 */
export const MAX_UNACKED_WINDOWS = 600;
