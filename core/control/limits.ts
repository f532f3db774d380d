const SECOND_US = 1_000_000;

/** How often the agent registry looks for silent agents. */
export const SWEEP_US = SECOND_US / 4;
/** A sweep later than this means that control itself stalled: it could not hear its agents either. */
export const HELD_UP_US = 50_000;
/** How often each agent's clock is probed. A clock that has jumped must be known before much of the load is over. */
export const PROBE_INTERVAL_US = 2 * SECOND_US;
/**
 * An agent that was sent nothing for this long is probed earlier, so that it knows that control is alive. It is longer than
 * the time between two acknowledgements of windows, or each agent under load would be probed every second for nothing.
 */
export const QUIET_LIMIT_US = (3 * SECOND_US) / 2;
/** A stream without a Join after this long is closed. */
export const JOIN_LIMIT_US = 5 * SECOND_US;
/** How long an agent may take to open its drivers and connect its first virtual users. */
export const PREPARE_LIMIT_US = 60 * SECOND_US;
/** The least bytes in a microsecond at which control sends what belongs to a run, to all agents together. */
export const SLOWEST_SENDING = 10;
/** Clock probes before a start, and how long they may take together. */
export const START_PROBES = 16;
export const START_PROBES_LIMIT_US = 2 * SECOND_US;
/** How long the clock probe at the end of a load may take. */
export const END_PROBE_LIMIT_US = SECOND_US / 2;
/** Time from sending the start message to the run start, in addition to the longest way to an agent. */
export const START_LEAD_US = SECOND_US / 2;
/** How long the store may take to record the start. */
export const START_PATIENCE_US = 5 * SECOND_US;
/** A new start time is chosen when less than this is left of the lead once it is recorded; at most this often. */
export const MIN_START_LEAD_US = SECOND_US / 10;
export const MAX_START_TRIES = 3;
/** How long, after the graceful stop, an agent may take to abort what is in flight and to send its last windows. */
export const CLOSING_LIMIT_US = 15 * SECOND_US;
/** The same for an agent that was told to abort at once. */
export const ABORT_LIMIT_US = 8 * SECOND_US;
/** How long the end of a run waits for an agent that was lost shortly before. */
export const RETURN_LIMIT_US = 10 * SECOND_US;
/** How far ahead of control's clock the second of a window may be. */
export const SECONDS_AHEAD = 10;
/** How many windows an agent may be ahead of the first one that is missing. */
export const MAX_WINDOWS_AHEAD = 10_000;
/**
 * How many bytes of windows control takes from one agent per second of the run, so that no agent fills the store: a window
 * that counts the writes of 100,000 keys has 4 MB.
 */
export const MAX_WINDOW_BYTES_PER_SECOND = 4 * 1024 * 1024;
/** How many seconds' worth of it an agent may send at once. */
export const MAX_BURST_SECONDS = 16;
/** How many different keys the drivers of one agent may count the writes of; they are in control's memory to the end. */
export const MAX_TALLY_KEYS = 2_000_000;
/** The same for all agents of a run together. */
export const MAX_RUN_TALLY_KEYS = 2_500_000;
/** Windows that arrive within this time are stored in one commit. */
export const COMMIT_INTERVAL_US = 20_000;
/** How long a load change waits to be recorded in the store before it is sent: half of the time that agents have for it. */
export const STORE_PATIENCE_US = SECOND_US / 4;
/** Limits of one commit, unless a single window is larger: a MySQL server takes packets of 16 MB by default. */
export const MAX_WINDOWS_PER_COMMIT = 1000;
export const MAX_COMMIT_BYTES = 4 * 1024 * 1024;
/** How many windows a store that failed is tried with. */
export const WINDOWS_PER_TRIAL = 10;
/** How long control waits before it tries a store that failed. */
export const STORE_RETRY_US = SECOND_US;
/** How much of one run's windows may wait to be stored, as they arrived. Beyond it agents keep theirs. */
export const MAX_WAITING_BYTES = 256 * 1024 * 1024;
/** How much of what waits is kept decoded too, which takes ten times the memory. The rest is decoded again when it is stored. */
export const MAX_DECODED_BYTES = 16 * 1024 * 1024;
/** How often agents are asked to send again the windows that control could not take. */
export const RESEND_INTERVAL_US = SECOND_US;
/** Characters of one text of a plugin: it may repeat whatever a server has answered. */
export const MAX_PLUGIN_TEXT = 2000;
/** Characters of an event, a notice or the reason of a run's end: `bench runs` reads a thousand reasons at once. */
export const MAX_RUN_TEXT = 8192;
/** How long a driver's once-per-run step may take. */
export const HOOK_LIMIT_US = 300 * SECOND_US;
/** The same for a preparation without a load: somebody watches it, and nothing waits for it. */
export const PREPARATION_LIMIT_US = 24 * 3600 * SECOND_US;
/** How long a monitor's sample or description may take. */
export const MONITOR_LIMIT_US = 900_000;
/** How long a monitor may take to open, or to close. */
export const MONITOR_OPEN_LIMIT_US = 10 * SECOND_US;
/** How long a control that ends waits for the watchers of its runs to fetch the results. */
export const DELIVERY_LIMIT_US = 2 * SECOND_US;
/** How many seconds of a run wait for an output that is away. */
export const MAX_KEPT_SECONDS = 60;
/** How long an output may take for one call before it is told that it is late. */
export const OUTPUT_LIMIT_US = 10 * SECOND_US;
/** How long control waits before it calls an output again that has failed: at first, and at most. */
export const OUTPUT_RETRY_US = SECOND_US;
export const MAX_OUTPUT_RETRY_US = 8 * SECOND_US;
/** How long the end of a run waits until its outputs have the last seconds, and until they are closed. */
export const OUTPUT_DRAIN_LIMIT_US = 5 * SECOND_US;
/** Every how many seconds an output gets what the run has come to so far. */
export const SO_FAR_SECONDS = 5;
