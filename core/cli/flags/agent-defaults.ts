/** How long a run waits for its agents where nobody says, whether it was started by a command or by a program. */
export const DEFAULT_AGENTS_TIMEOUT_US = 60e6;
/** The share of the load that may be missing because agents were lost. */
export const DEFAULT_LOSS_TOLERANCE = 0.01;
