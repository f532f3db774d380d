const SECOND_US = 1_000_000;

/** An agent that says nothing for this long is lost. */
export const SILENCE_LIMIT_US = 3 * SECOND_US;
/**
 * An agent that has heard nothing for this long has ended its load: it keeps no more than ten minutes of windows that are
 * not acknowledged.
 */
export const HEARD_LIMIT_US = 660 * SECOND_US;
/** How often the roster looks for silent agents. */
export const SWEEP_US = SECOND_US / 4;
/** A look that comes this much late is one of a control that is held up: it did not hear either. */
export const HELD_UP_US = 50_000;
/** How often each agent's clock is probed. */
export const PROBE_INTERVAL_US = 2 * SECOND_US;
/** One that has been told nothing for this long is probed before that: it is how it knows that control is there. */
export const QUIET_LIMIT_US = SECOND_US;
/** A connection that does not say who it is within this is closed. */
export const JOIN_LIMIT_US = 5 * SECOND_US;
/** How long to wait for agents when the caller does not say. */
export const DEFAULT_AGENTS_TIMEOUT_US = 30 * SECOND_US;
/** How long an agent may take to open its drivers and connect its first virtual users. */
export const PREPARE_LIMIT_US = 60 * SECOND_US;
/** Probes before a start, and how long they may take together. */
export const START_PROBES = 16;
export const START_PROBES_LIMIT_US = 2 * SECOND_US;
/** From sending the start to second 0, beside the longest way to an agent. */
export const START_LEAD_US = SECOND_US / 2;
/** How long the store may take to know of the start. */
export const START_PATIENCE_US = 5 * SECOND_US;
/** The start is chosen anew when that took so long that less is left of the lead, but not more often than this. */
export const MIN_START_LEAD_US = SECOND_US / 10;
export const MAX_START_TRIES = 3;
/** Beyond the graceful stop: what an agent may take to cut off, and to send the rest. */
export const CLOSING_LIMIT_US = 15 * SECOND_US;
/** The same when it was told to cut off at once. */
export const ABORT_LIMIT_US = 8 * SECOND_US;
/** How long the end of a run waits for an agent that was lost shortly before. */
export const RETURN_LIMIT_US = 10 * SECOND_US;
/** A window may be of a second that is this far ahead of control's clock, and no more. */
export const SECONDS_AHEAD = 10;
/** An agent may be this many windows ahead of the first one that is missing. */
export const MAX_WINDOWS_AHEAD = 10_000;
/** Windows that come within this are stored at once. */
export const COMMIT_INTERVAL_US = 20_000;
/** How long the load waits for the store to know of a change before agents are told: half of the time they have for it. */
export const STORE_PATIENCE_US = SECOND_US / 4;
/** So many in one statement, and no more bytes of them unless one alone has more: a MySQL server takes packets of 16 MB by default. */
export const MAX_WINDOWS_PER_COMMIT = 1000;
export const MAX_COMMIT_BYTES = 4 * 1024 * 1024;
/** With so many a store that failed is tried again. */
export const WINDOWS_PER_TRIAL = 10;
/** Before the store is tried again. */
export const STORE_RETRY_US = SECOND_US;
/** Of one run's windows that wait to be stored, as they came. Beyond that agents keep theirs. */
export const MAX_WAITING_BYTES = 256 * 1024 * 1024;
/** So many of them are kept as they were read, too, in ten times the memory; what comes beyond is read once more when it is stored. */
export const MAX_DECODED_BYTES = 16 * 1024 * 1024;
/** How often agents are called back that have windows which could not be taken. */
export const RESEND_INTERVAL_US = SECOND_US;
/** How long a driver's once-per-run step may take. */
export const HOOK_LIMIT_US = 300 * SECOND_US;
/** How long a monitor's sample or description may take. */
export const MONITOR_LIMIT_US = 900_000;
/** How long it may take to open, or to close. */
export const MONITOR_OPEN_LIMIT_US = 10 * SECOND_US;
/** How long a control that ends waits for those who watched its run to fetch the result. */
export const DELIVERY_LIMIT_US = 2 * SECOND_US;
/** How much of a run's load may be missing, as a share of all of it, when the caller does not say. */
export const DEFAULT_LOSS_TOLERANCE = 0.01;
