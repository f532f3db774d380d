import * as grpc from '@grpc/grpc-js';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { MetricsSink } from '../telemetry/metrics-sink.ts';
import { AnonymousCalls } from './anonymous-calls.ts';
import { CallerLog } from './caller-log.ts';
import { mayCall, needsNoIdentity } from './rights.ts';
import { type Identity, roleOf } from './role.ts';

/** How often open calls are checked for certificates that were revoked. */
const RECHECK_US = 5_000_000;

interface OpenCall {
  readonly identity: Identity;
  end(reason: string): void;
}

export interface AuthOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: MetricsSink | undefined;
  /** Whether the certificate with this serial number is recorded and not revoked. */
  readonly isGood: (serial: string) => boolean;
}

/** Rejects calls that the caller's certificate does not allow, before any of their messages is read. */
export class AuthInterceptor {
  readonly #options: AuthOptions;
  readonly #anonymous: AnonymousCalls;
  readonly #open = new Set<OpenCall>();
  readonly #callers: CallerLog;
  #cancelRecheck: () => void = () => {};

  constructor(options: AuthOptions) {
    this.#options = options;
    this.#callers = new CallerLog(options.clock, options.log);
    this.#anonymous = new AnonymousCalls(options.clock);
    this.#recheck();
  }

  /** To be given to the gRPC server. */
  readonly interceptor: grpc.ServerInterceptor = (method, call) => {
    const identity = identityOf(call.getAuthContext());
    // A revoked certificate counts as anonymous.
    const isAnonymous = identity === undefined || !this.#options.isGood(identity.serial);
    const tooMuch = isAnonymous ? this.#anonymous.refusal(call) : undefined;
    if (tooMuch !== undefined) return refusing(call, { code: grpc.status.RESOURCE_EXHAUSTED, details: tooMuch });
    const refusal = this.#refusal(method.path, identity);
    if (refusal !== undefined) {
      this.#callers.line(call.getPeer(), `${call.getPeer()} may not call ${method.path}: ${refusal.details}`);
      this.#options.metrics?.joinFailed();
      return refusing(call, refusal);
    }
    return isAnonymous ? this.#anonymous.watched(call) : this.#watched(call, identity);
  };

  close(): void {
    this.#cancelRecheck();
  }

  #refusal(path: string, identity: Identity | undefined): { code: grpc.status; details: string } | undefined {
    if (needsNoIdentity(path)) return undefined;
    if (identity === undefined) {
      return {
        code: grpc.status.UNAUTHENTICATED,
        details: 'this control accepts only callers with a certificate: ask for an invitation (`bench control invite`)',
      };
    }
    if (!this.#options.isGood(identity.serial)) return { code: grpc.status.UNAUTHENTICATED, details: REVOKED };
    if (mayCall(identity.role, path)) return undefined;
    return {
      code: grpc.status.PERMISSION_DENIED,
      details: `the certificate is for the role ${identity.role}, which may not do this: ask for an invitation for another role (\`bench control invite --role\`)`,
    };
  }

  /** Ends the call when the caller's certificate is revoked. */
  #watched(call: grpc.ServerInterceptingCallInterface, identity: Identity): grpc.ServerInterceptingCall {
    const open: OpenCall = {
      identity,
      end: (details) => call.sendStatus({ code: grpc.status.UNAUTHENTICATED, details }),
    };
    this.#open.add(open);
    const forget = () => this.#open.delete(open);
    const listener = new grpc.ServerListenerBuilder().withOnCancel(forget).build();
    return new grpc.ServerInterceptingCall(call, {
      start: (next) => next(listener),
      sendStatus: (status, next) => {
        forget();
        next(status);
      },
    });
  }

  #recheck(): void {
    this.#cancelRecheck = this.#options.clock.after(RECHECK_US, () => {
      for (const open of this.#open) {
        if (this.#options.isGood(open.identity.serial)) continue;
        this.#open.delete(open);
        open.end(REVOKED);
      }
      this.#recheck();
    });
  }
}

const REVOKED = 'the certificate was revoked: ask for a new invitation (`bench control invite`)';

/** @param context of a call or a TLS socket; its certificate is present only when the handshake has verified it */
export function identityOf({ sslPeerCertificate }: { sslPeerCertificate?: unknown }): Identity | undefined {
  const { subject, serialNumber } = (sslPeerCertificate ?? {}) as {
    subject?: { O?: string | string[] };
    serialNumber?: string;
  };
  const role = roleOf(subject?.O);
  return role === undefined || serialNumber === undefined ? undefined : { role, serial: serialNumber.toLowerCase() };
}

function refusing(
  call: grpc.ServerInterceptingCallInterface,
  status: { code: grpc.status; details: string },
): grpc.ServerInterceptingCall {
  const refuse = () => call.sendStatus(status);
  const listener = new grpc.ServerListenerBuilder().withOnReceiveMetadata(refuse).build();
  return new grpc.ServerInterceptingCall(call, { start: (next) => next(listener) });
}
