const MAX_PLAN_MIB = 4;

/** How large a plan may be, in its file and with its parameters filled in: plans hold no data, and the largest are a thousandth of this. */
export const MAX_PLAN_BYTES = MAX_PLAN_MIB << 20;

/** The same for messages. */
export const MAX_PLAN_SIZE = `${MAX_PLAN_MIB} MiB`;
