import * as grpc from '@grpc/grpc-js';
import { MessageMemory } from '../../../proto/rpc/message-memory.ts';
import { MessageReader } from '../../../proto/rpc/message-reader.ts';
import { SERVER_CUT_OFF_BYTES } from '../../../proto/rpc/rpc-method.ts';
import { closeAnswered } from '../../../proto/rpc/send-queue.ts';
import type { Clock } from '../../clock.ts';
import type { MetricsSink } from '../telemetry/metrics-sink.ts';
import { ANONYMOUS_MESSAGE_BYTES, AnonymousCalls } from './anonymous-calls.ts';
import type { Authentication, Decision, Refusal } from './authentication.ts';
import type { CallerLog } from './caller-log.ts';
import type { Connections } from './connections.ts';

/** How often open calls are checked for callers that are no longer let in. */
const RECHECK_US = 5_000_000;

/** Agents try again after it: others may leave. */
const FULL: Refusal = {
  code: grpc.status.UNAVAILABLE,
  details: 'control has as many connections as its limit of open files allows: raise `ulimit -n` for it',
};

interface OpenCall {
  readonly withdrawn: () => Refusal | undefined;
  end(refusal: Refusal): void;
}

export interface AuthOptions {
  readonly authentication: Authentication;
  readonly clock: Clock;
  readonly callers: CallerLog;
  readonly metrics?: MetricsSink | undefined;
  /** Told of callers that have shown who they are, and of those that were rejected. */
  readonly connections?: Pick<Connections, 'challenged' | 'identified' | 'rejected'>;
}

/** Rejects calls that their caller may not make, before any of their messages is read. */
export class AuthInterceptor {
  readonly #options: AuthOptions;
  readonly #anonymous: AnonymousCalls;
  readonly #memory = new MessageMemory();
  readonly #open = new Set<OpenCall>();
  #cancelRecheck: () => void = () => {};

  constructor(options: AuthOptions) {
    this.#options = options;
    this.#anonymous = new AnonymousCalls(options.clock);
    this.#recheck();
  }

  /** To be given to the gRPC server. */
  readonly interceptor: grpc.ServerInterceptor = ({ path }, call) => {
    const reader = new MessageReader(call, this.#memory, ANONYMOUS_MESSAGE_BYTES);
    let end = () => {};
    let answer: (head: grpc.Metadata) => void = () => {};
    /** @returns why the call is rejected */
    const begin = (metadata: grpc.Metadata): Refusal | undefined => {
      const peer = call.getPeer();
      const context = call.getAuthContext();
      const decision = this.#options.authentication.decide({ path, metadata, peer, context });
      if (decision.kind === 'challenged') {
        this.#options.connections?.challenged(peer);
        return decision.challenge;
      }
      if (decision.kind === 'rejected') return this.#rejected(peer, path, decision);
      if (decision.kind === 'anonymous') {
        const begun = this.#anonymous.begin(call);
        if (typeof begun !== 'function') return begun;
        end = begun;
        return undefined;
      }
      if (this.#options.connections?.identified(peer) === false) return this.#full(peer);
      reader.limitBytes = SERVER_CUT_OFF_BYTES;
      if (decision.answer) answer = decision.answer;
      if (decision.withdrawn) end = this.#watch(call, decision.withdrawn);
      return undefined;
    };
    const listener = new grpc.ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        const refusal = begin(metadata);
        if (refusal === undefined) next(metadata);
        else {
          call.sendStatus(refusal);
          closeAnswered(call);
        }
      })
      .withOnCancel(() => end())
      .build();
    return new grpc.ServerInterceptingCall(call, {
      start: (next) => next(listener),
      sendMetadata: (head, next) => {
        head.set('grpc-accept-encoding', 'identity');
        answer(head);
        next(head);
      },
      sendStatus: (status, next) => {
        end();
        next(status);
      },
    });
  };

  close(): void {
    this.#cancelRecheck();
  }

  #rejected(peer: string, path: string, { refusal, isOwnFault }: Extract<Decision, { kind: 'rejected' }>): Refusal {
    this.#options.callers.line(peer, `${peer} may not call ${path}: ${refusal.details}`);
    if (isOwnFault === true) return refusal;
    this.#options.metrics?.joinFailed();
    if (refusal.code === grpc.status.UNAUTHENTICATED) this.#options.connections?.rejected(peer);
    else this.#options.connections?.identified(peer);
    return refusal;
  }

  #full(peer: string): Refusal {
    this.#options.callers.line(peer, `${peer} is not served: ${FULL.details}`);
    return FULL;
  }

  /** @returns what to do when the call has ended */
  #watch(call: grpc.ServerInterceptingCallInterface, withdrawn: OpenCall['withdrawn']): () => void {
    const open: OpenCall = { withdrawn, end: (refusal) => call.sendStatus(refusal) };
    this.#open.add(open);
    return () => this.#open.delete(open);
  }

  #recheck(): void {
    this.#cancelRecheck = this.#options.clock.after(RECHECK_US, () => {
      for (const open of this.#open) {
        const refusal = open.withdrawn();
        if (refusal === undefined) continue;
        this.#open.delete(open);
        open.end(refusal);
      }
      this.#recheck();
    });
  }
}
