/** What control and its agents both keep to. */

const SECOND_US = 1_000_000;
const DAY_US = 86_400 * SECOND_US;

/** Of a scenario, and of one agent: ten times what a large site of load hosts runs. A larger number is a mistake. */
export const MAX_VUS = 1_000_000;
/** Of a scenario: more than one control can drive. */
export const MAX_RATE_PER_SECOND = 10_000_000;
/** A year: no duration of a plan and no time of a run is longer. */
export const MAX_DURATION_US = 365 * DAY_US;
/** A load that is decided while it runs is kept second by second. */
export const MAX_LIVE_DURATION_US = 30 * DAY_US;
/** How often operators may change the load of one run: each agent keeps all changes until its end. */
export const MAX_LOAD_CHANGES = 10_000;

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
