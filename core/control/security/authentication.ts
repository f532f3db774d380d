import * as grpc from '@grpc/grpc-js';
import { addProof, carriesAnyToken, carriesToken } from '../../../proto/rpc/local-token.ts';

const MEND =
  'run the command as the user who started control, or give the token with --token-file or in BENCH_CONTROL_TOKEN';
const STRANGER = `this control accepts only callers that have its token: ${MEND}`;
const WRONG_TOKEN = `this control accepts only callers that have its token, and was sent another one: ${MEND}`;

/** What is known of a call before any of its messages is read. */
export interface IncomingCall {
  /** Such as `/bench.v1.RunService/StartRun`. */
  readonly path: string;
  readonly metadata: grpc.Metadata;
  /** Holds the caller's certificate, when the handshake has verified one. */
  readonly context: object;
}

export interface Refusal {
  readonly code: grpc.status;
  readonly details: string;
}

/** What becomes of a call. */
export type Decision =
  | {
      readonly kind: 'accepted';
      /** Adds to the head of the answer what proves to the caller who control is. */
      readonly answer?: (head: grpc.Metadata) => void;
      /** Asked again while the call is open. @returns why the caller is no longer let in; undefined when it still is */
      readonly withdrawn?: () => Refusal | undefined;
    }
  /** The call is open to callers that have not shown who they are, with their limits. */
  | { readonly kind: 'anonymous' }
  | {
      readonly kind: 'rejected';
      readonly refusal: Refusal;
      /** The fault is control's: the caller is not held to have tried to get in without a right. */
      readonly isOwnFault?: boolean;
    };

/** Decides who may make which call. */
export interface Authentication {
  decide(call: IncomingCall): Decision;
}

export function rejected(code: grpc.status, details: string): Decision {
  return { kind: 'rejected', refusal: { code, details } };
}

/** For what control cannot decide at the moment. Agents try again after it. */
export function undecided(details: string): Decision {
  return { kind: 'rejected', refusal: { code: grpc.status.UNAVAILABLE, details }, isOwnFault: true };
}

/** Knows the callers of a control without TLS by its token. Whoever has it may make every call. */
export class TokenAuthentication implements Authentication {
  readonly #token: string;
  #isPublished = false;

  constructor(token: string) {
    this.#token = token;
  }

  /** From now on callers can find the token. Before, nobody is told that theirs is wrong: it may be that of the last control. */
  published(): void {
    this.#isPublished = true;
  }

  decide({ metadata }: IncomingCall): Decision {
    if (!this.#isPublished) return undecided('control is starting');
    if (!carriesToken(metadata, this.#token)) {
      return rejected(grpc.status.UNAUTHENTICATED, carriesAnyToken(metadata) ? WRONG_TOKEN : STRANGER);
    }
    return { kind: 'accepted', answer: (head) => addProof(head, metadata, this.#token) };
  }
}
