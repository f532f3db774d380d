import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import * as grpc from '@grpc/grpc-js';

/*
 * How a control that serves one machine without TLS and its callers recognize each other: both know a token. The caller
 * sends it, with a random challenge; control answers with the challenge's HMAC under the token. So control answers nobody
 * else on the machine, and a caller believes no other process that listens where control is expected.
 */

const AUTHORIZATION = 'authorization';
const SCHEME = 'Bearer ';
const CHALLENGE = 'bench-challenge';
const PROOF = 'bench-proof';

/** Access to the control at one address, and to no other: what listens elsewhere must not get the token. */
export class LocalToken {
  /** `host:port` with a loopback address. */
  readonly address: string;
  /**
   * The token as it is now, asked for each call: a control that was started again may have another. Empty when the caller
   * does not know it: then no answer is believed.
   */
  readonly current: () => string;

  constructor(address: string, current: () => string) {
    this.address = address;
    this.current = current;
  }
}

/** Whether the call carries the token. Takes the same time wherever the two differ. */
export function carriesToken(metadata: grpc.Metadata, token: string): boolean {
  const [given = ''] = metadata.get(AUTHORIZATION);
  return isSame(String(given), SCHEME + token);
}

export function carriesAnyToken(metadata: grpc.Metadata): boolean {
  return metadata.get(AUTHORIZATION).length > 0;
}

/** What control adds to the head of its answer. */
export function addProof(answer: grpc.Metadata, request: grpc.Metadata, token: string): void {
  const [challenge] = request.get(CHALLENGE);
  if (challenge !== undefined) answer.set(PROOF, proofOf(token, String(challenge)));
}

/**
 * Sends the token with each call, and fails calls that are answered without proof with UNAUTHENTICATED. A call that was
 * rejected because control was started again meanwhile fails with UNAVAILABLE: it is worth another try.
 */
export function tokenInterceptor({ address, current }: LocalToken): grpc.Interceptor {
  return (options, nextCall) => {
    const call = nextCall(options);
    const token = current();
    const challenge = randomBytes(16).toString('base64url');
    let isProven = false;
    const stranger = { code: grpc.status.UNAUTHENTICATED, details: strangerAt(address, token) };
    return new grpc.InterceptingCall(call, {
      start(metadata, listener, next) {
        if (token !== '') metadata.set(AUTHORIZATION, SCHEME + token);
        metadata.set(CHALLENGE, challenge);
        next(metadata, {
          onReceiveMetadata(answer: grpc.Metadata) {
            const [proof = ''] = answer.get(PROOF);
            isProven = token !== '' && isSame(String(proof), proofOf(token, challenge));
            if (isProven) listener.onReceiveMetadata(answer);
            else call.cancelWithStatus(stranger.code, stranger.details);
          },
          onReceiveMessage(message: unknown) {
            if (isProven) listener.onReceiveMessage(message);
          },
          onReceiveStatus(status: grpc.StatusObject) {
            // A call may end well without ever having had a head that could carry the proof.
            if (status.code === grpc.status.OK && !isProven) listener.onReceiveStatus({ ...status, ...stranger });
            else if (status.code === grpc.status.UNAUTHENTICATED && current() !== token) {
              const again = { code: grpc.status.UNAVAILABLE, details: 'it was started again' };
              listener.onReceiveStatus({ ...status, ...again });
            } else listener.onReceiveStatus(status);
          },
        });
      },
    });
  };
}

function strangerAt(address: string, token: string): string {
  return token === ''
    ? `something answers at ${address}, but there is no token by which it could be known as a control of this user: start \`bench control\` as this user, or give its token with --token-file or in BENCH_CONTROL_TOKEN`
    : `what answers at ${address} does not know the token of the control there, so it is not trusted: find out which process listens on that port`;
}

function proofOf(token: string, challenge: string): string {
  return createHmac('sha256', token).update(`bench control ${challenge}`).digest('base64url');
}

/** Compares hashes, since texts of different lengths cannot be compared in constant time. */
function isSame(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(a as Buffer, b as Buffer);
}
