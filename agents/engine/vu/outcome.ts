import { errorMessage } from '../../../core/error.ts';
import type { Outcome } from '../../../core/plugin.ts';

export const NO_BYTES = { status: 0, bytesSent: 0, bytesReceived: 0 };
const NO_OUTCOME: Outcome = {
  ok: false,
  errorKind: 'driver_gave_no_outcome',
  message:
    'send returned something that is not an outcome: have the driver return ok, errorKind, message, bytesSent and bytesReceived',
  ...NO_BYTES,
};
/** The outcome of an operation that is no longer waited for. */
export const NO_ANSWER: Outcome = {
  ok: false,
  errorKind: 'driver_gave_no_answer',
  message: 'send returned no outcome, long after its signal was aborted: have the driver heed the signal',
  ...NO_BYTES,
};

/** The outcome of a pass or an operation of a user whose steps at the start have failed. */
export const START_FAILED: Outcome = {
  ok: false,
  errorKind: 'start_failed',
  message: 'a step of onStart failed, so the virtual user did not begin; it is tried again later',
  ...NO_BYTES,
};

/** Checks what `send` returned. Anything but a whole outcome is a failed operation, since it would spoil the figures. */
export function outcomeFrom(given: Partial<Outcome> | undefined): Outcome {
  return isOutcome(given) ? given : NO_OUTCOME;
}

/** A driver must not throw. When it does, the operation has failed, not the agent. */
export function outcomeOfThrown(error: unknown): Outcome {
  const message = errorMessage(error);
  return {
    ok: false,
    errorKind: isOutOfDescriptors(error) ? 'too_many_open_files' : 'driver_threw',
    message,
    ...NO_BYTES,
  };
}

/** Whatever a driver opens, it throws this when the process or the host has no free descriptor. */
function isOutOfDescriptors(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EMFILE' || code === 'ENFILE') return true;
  }
  return false;
}

function isOutcome(given: Partial<Outcome> | undefined): given is Outcome {
  return (
    isCount(given?.bytesSent) &&
    isCount(given?.bytesReceived) &&
    (given?.ok === true ||
      (given?.ok === false && typeof given.errorKind === 'string' && typeof given.message === 'string'))
  );
}

/** Control believes no agent that counts more than ten times as much in a second. */
const MAX_BYTES = 1e12;

function isCount(given: number | undefined): boolean {
  return Number.isSafeInteger(given) && (given as number) >= 0 && (given as number) <= MAX_BYTES;
}
