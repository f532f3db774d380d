/** The first failures of a kind are kept in full: at most this many for each row, phase and kind of a run. */
export const MAX_SAMPLES = 3;
/** The most that one agent keeps in a run, so that thousands of rows that fail do not fill the store. */
export const MAX_AGENT_SAMPLES = 300;
/** Characters of a sample's first line and headers, of its body, and of both together with the blank line between them. */
export const MAX_SAMPLE_HEAD = 2048;
export const MAX_SAMPLE_BODY = 1024;
export const MAX_SAMPLE_TEXT = MAX_SAMPLE_HEAD + MAX_SAMPLE_BODY + 2;
/** Characters of a sample's message. */
export const MAX_SAMPLE_MESSAGE = 300;

/**
 * One failed operation in full. Secrets are masked where it is made, in the agent; apart from that it is text of a stranger,
 * and each report escapes it.
 */
export interface FailureSample {
  /** When the operation ended, in microseconds since the run start. */
  readonly atUs: number;
  /** From its actual start to its end. */
  readonly durationUs: number;
  /** What went wrong. */
  readonly message: string;
  /** What was sent: a first line, headers, a blank line, and the beginning of the body; empty when nothing was sent. */
  readonly sent: string;
  /** What came back, in the same form; empty when nothing came. */
  readonly received: string;
}

/** A failure sample as the result of a run has it. */
export interface RunSample extends FailureSample {
  /** Name of the agent that saw it; undefined in results of earlier versions. */
  readonly agent?: string | undefined;
}

/** The first of these samples, the same ones in whatever order they come. */
export function firstSamples(samples: readonly RunSample[]): RunSample[] {
  return samples.toSorted(byTime).slice(0, MAX_SAMPLES);
}

/** Two agents may see a failure in the same microsecond; who saw it, and then what, decides. */
function byTime(a: RunSample, b: RunSample): number {
  return (
    a.atUs - b.atUs ||
    byText(a.agent ?? '', b.agent ?? '') ||
    byText(a.sent, b.sent) ||
    byText(a.received, b.received) ||
    byText(a.message, b.message)
  );
}

function byText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** The slowest operations with a trace are kept: at most this many for each row and phase of a run. */
export const MAX_SLOW_SAMPLES = 3;
/** Characters of the id of a trace. */
export const MAX_TRACE_ID = 64;

/** A slow operation that its target has recorded a trace of. */
export interface SlowSample {
  /** When the operation ended, in microseconds since the run start. */
  readonly atUs: number;
  readonly responseTimeUs: number;
  readonly traceId: string;
}

/** A slow sample as the result of a run has it. */
export interface RunSlowSample extends SlowSample {
  /** Name of the agent that saw it. */
  readonly agent: string;
}

/** The slowest of these samples first, the same ones in whatever order they come. */
export function slowestOf<Sample extends SlowSample>(samples: readonly Sample[]): Sample[] {
  return samples
    .toSorted((a, b) => b.responseTimeUs - a.responseTimeUs || a.atUs - b.atUs || byText(a.traceId, b.traceId))
    .slice(0, MAX_SLOW_SAMPLES);
}
