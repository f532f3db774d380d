import { errorMessage } from '../../../core/error.ts';
import type { Outcome } from '../../../core/plugin.ts';

const NO_BYTES = { status: 0, bytesSent: 0, bytesReceived: 0 };
const NO_OUTCOME: Outcome = {
  ok: false,
  errorKind: 'driver_gave_no_outcome',
  message:
    'send gave something else than an outcome, which has ok, errorKind, message, bytesSent and bytesReceived: mend the driver',
  ...NO_BYTES,
};
/** Of an operation that is no longer waited for. */
export const NO_ANSWER: Outcome = {
  ok: false,
  errorKind: 'driver_gave_no_answer',
  message: 'send has given no outcome, long after its signal was aborted: have the driver heed the signal',
  ...NO_BYTES,
};

/** What was given, when it is one; otherwise the operation has failed. Half an outcome would spoil the figures of others. */
export function outcomeFrom(given: Partial<Outcome> | undefined): Outcome {
  return isOutcome(given) ? given : NO_OUTCOME;
}

/** Drivers are not to throw; one that does fails the operation, not the agent. */
export function outcomeOfThrown(error: unknown): Outcome {
  const message = errorMessage(error);
  return { ok: false, errorKind: 'driver_threw', message, ...NO_BYTES };
}

function isOutcome(given: Partial<Outcome> | undefined): given is Outcome {
  return (
    isCount(given?.bytesSent) &&
    isCount(given?.bytesReceived) &&
    (given?.ok === true || (typeof given?.errorKind === 'string' && typeof given.message === 'string'))
  );
}

/** The wire takes no other number. */
function isCount(given: number | undefined): boolean {
  return Number.isSafeInteger(given) && (given as number) >= 0;
}
