import type { Outcome } from '../../../core/outcome.ts';
import { NO_BYTES } from './outcome.ts';

/** Why a pass has failed. */
export interface Failure {
  readonly kind: string;
  readonly message: string;
}

export const ABORTED: Failure = {
  kind: 'aborted',
  message:
    'the pass was cut off at the end of the load: where passes take longer, give the scenario a longer gracefulStop',
};

const PASSED: Outcome = { ok: true, errorKind: '', message: '', ...NO_BYTES };

/** What a pass came to. @param failure undefined when it has passed */
export function outcomeOfPass(failure: Failure | undefined): Outcome {
  if (failure === undefined) return PASSED;
  return { ok: false, errorKind: failure.kind, message: failure.message, ...NO_BYTES };
}
