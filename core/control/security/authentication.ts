import * as grpc from '@grpc/grpc-js';

/** What is known of a call before any of its messages is read. */
export interface IncomingCall {
  /** Such as `/bench.v1.RunService/StartRun`. */
  readonly path: string;
  readonly metadata: grpc.Metadata;
  /** The caller's `address:port`. */
  readonly peer: string;
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
  /** The caller asks for what it can prove with who it is; the call itself comes later. */
  | { readonly kind: 'challenged'; readonly challenge: Refusal & { readonly metadata: grpc.Metadata } }
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
