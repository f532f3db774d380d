import { status } from '@grpc/grpc-js';
import { addProof, carriesToken } from '../../../proto/local-token.ts';
import { type Authentication, type Decision, type IncomingCall, rejected, undecided } from './authentication.ts';

const STRANGER =
  'this control accepts only callers that have its token: run the command as the user who started control, or give the token with --token-file or in BENCH_CONTROL_TOKEN';

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
    if (!carriesToken(metadata, this.#token)) return rejected(status.UNAUTHENTICATED, STRANGER);
    return { kind: 'accepted', answer: (head) => addProof(head, metadata, this.#token) };
  }
}
