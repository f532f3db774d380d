import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/*
 * How a control that serves one machine without TLS and its callers recognize each other: both know a token, and neither sends
 * it. Before each call the caller asks for a challenge, with a nonce and nothing else. Control answers with a nonce of its own
 * and a proof: the HMAC of both under the token. Then the caller makes the call, with its own proof; the head of the answer has
 * a third one. Each proof holds for one call, at one address, over one connection: whoever listens where control is expected
 * learns nothing that is good elsewhere, and cannot pass calls on to control either.
 */

/** Of the request: the caller's nonce, or with {@link PROOF} the one of control that it answers. Of the challenge: control's. */
export const NONCE = 'bench-nonce';
export const PROOF = 'bench-proof';
/** Of the request for a challenge: the caller says that it comes through a tunnel, so that control sees another connection. */
export const TUNNEL = 'bench-tunnel';

/** Access to the control at one address, and to no other. */
export class LocalToken {
  /** `host:port` with a loopback address. */
  readonly address: string;
  /**
   * The token as it is now, asked for each call: a control that was started again may have another. Empty when the caller
   * does not know it: then no answer is believed.
   */
  readonly current: () => string;
  /** Control's own `host:port`, where {@link address} is that of a tunnel to it. */
  readonly tunnelTo: string | undefined;

  constructor(address: string, current: () => string, tunnelTo?: string) {
    this.address = address;
    this.current = current;
    this.tunnelTo = tunnelTo;
  }
}

/** What a proof is about. */
export interface ProvenCall {
  /** Such as `/bench.v1.RunService/StartRun`. */
  readonly path: string;
  /** Control's own `host:port`. */
  readonly control: string;
  /** The caller's `address:port` as control sees it; empty through a tunnel. */
  readonly caller: string;
  readonly callerNonce: string;
  readonly controlNonce: string;
}

/** @param by who proves that it knows the token, and when */
export function proofOf(token: string, by: 'control' | 'caller' | 'answer', call: ProvenCall): string {
  const { path, control, caller, callerNonce, controlNonce } = call;
  const text = JSON.stringify([`bench ${by}`, path, control, caller, callerNonce, controlNonce]);
  return createHmac('sha256', token).update(text).digest('base64url');
}

export function newNonce(): string {
  return randomBytes(16).toString('base64url');
}

/** Takes the same time wherever the two differ. Compares hashes, since texts of different lengths cannot be compared so. */
export function isSame(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(a as Buffer, b as Buffer);
}
