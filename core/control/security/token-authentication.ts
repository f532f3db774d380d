import * as grpc from '@grpc/grpc-js';
import { isSame, NONCE, newNonce, PROOF, type ProvenCall, proofOf, TUNNEL } from '../../../proto/rpc/local-token.ts';
import { type Authentication, type Decision, type IncomingCall, rejected, undecided } from './authentication.ts';

const MEND =
  'run the command as the user who started control, or give the token with --token-file or in BENCH_CONTROL_TOKEN';
const STRANGER = `this control accepts only callers that have its token: ${MEND}`;
const WRONG_TOKEN = `this control accepts only callers that have its token, and this one has another: ${MEND}`;
const SCHEME = 'Bearer ';
/** Beyond it the oldest challenges are forgotten. Callers answer them at once. */
const MAX_CHALLENGES = 10_000;

/** Knows the callers of a control without TLS by its token. Whoever has it may make every call. */
export class TokenAuthentication implements Authentication {
  readonly #token: string;
  /** `host:port`, as soon as callers can find the token. */
  #address: string | undefined;
  /** Those that nobody has answered, by control's nonce, the oldest first. */
  readonly #challenges = new Map<string, { readonly peer: string; readonly call: ProvenCall }>();

  constructor(token: string) {
    this.#token = token;
  }

  /**
   * From now on callers can find the token. Before, nobody is told that theirs is wrong: it may be that of the last control.
   * @param address control's `host:port`
   */
  published(address: string): void {
    this.#address = address;
  }

  decide({ path, metadata, peer }: IncomingCall): Decision {
    if (this.#address === undefined) return undecided('control is starting');
    const [nonce, proof, bearer] = [NONCE, PROOF, 'authorization'].map((key) => metadata.get(key)[0]?.toString());
    if (nonce !== undefined && proof === undefined) {
      const caller = metadata.get(TUNNEL).length > 0 ? '' : peer;
      return this.#challenge(peer, {
        path,
        control: this.#address,
        caller,
        callerNonce: nonce,
        controlNonce: newNonce(),
      });
    }
    if (nonce !== undefined && proof !== undefined) {
      const challenge = this.#challenges.get(nonce);
      this.#challenges.delete(nonce);
      if (challenge?.peer === peer && challenge.call.path === path) {
        const { call } = challenge;
        if (isSame(proof, proofOf(this.#token, 'caller', call))) {
          return { kind: 'accepted', answer: (head) => head.set(PROOF, proofOf(this.#token, 'answer', call)) };
        }
      }
    }
    // So other clients of gRPC get in. Those of bench send no token.
    if (bearer !== undefined && isSame(bearer, SCHEME + this.#token)) return { kind: 'accepted' };
    return rejected(grpc.status.UNAUTHENTICATED, proof === undefined && bearer === undefined ? STRANGER : WRONG_TOKEN);
  }

  #challenge(peer: string, call: ProvenCall): Decision {
    const [oldest] = this.#challenges.keys();
    if (oldest !== undefined && this.#challenges.size >= MAX_CHALLENGES) this.#challenges.delete(oldest);
    this.#challenges.set(call.controlNonce, { peer, call });
    const metadata = new grpc.Metadata();
    metadata.set(NONCE, call.controlNonce);
    metadata.set(PROOF, proofOf(this.#token, 'control', call));
    return { kind: 'challenged', challenge: { code: grpc.status.UNAUTHENTICATED, details: WRONG_TOKEN, metadata } };
  }
}
