import type { WireRequest } from '../connections/sender.ts';
import type { HttpOperation } from '../operation.ts';
import { KeptTexts } from './kept-texts.ts';

/** What a session has sent for an operation last, and what it was made of. */
export interface LastRequest {
  /** The values of the variables that the operation reads, in their order. */
  readonly values: readonly (string | undefined)[];
  /** All that it sends as Cookie; empty for none. */
  readonly cookie: string;
  /** Path and query. */
  readonly target: string;
  readonly request: WireRequest;
  readonly bodyBytes: number;
}

/**
 * The last requests of one session, for operations whose requests {@link HttpOperation.repeats}: a token or a cookie mostly
 * stays the same for many requests, and to write one anew costs a tenth of sending it.
 */
export class LastRequests {
  readonly #ofOperations = new KeptTexts<HttpOperation, LastRequest>();

  /** What was sent last, where the variables are still those that it was made of. */
  find(operation: HttpOperation, variables: ReadonlyMap<string, string>): LastRequest | undefined {
    const last = this.#ofOperations.get(operation);
    if (last === undefined) return undefined;
    const { reads } = operation;
    for (let i = 0; i < reads.length; i++) {
      if (variables.get(reads[i] as string) !== last.values[i]) return undefined;
    }
    return last;
  }

  keep(operation: HttpOperation, request: LastRequest): void {
    this.#ofOperations.set(operation, request);
  }

  forget(): void {
    this.#ofOperations.clear();
  }
}
