import { RpcError, type ServiceHandlers } from '../../../proto/adapter.ts';
import type { EnrollService } from '../../../proto/gen/bench/v1/enroll_pb.ts';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import { addressOf } from '../security/caller-log.ts';
import { InvitationError } from '../security/invitations.ts';
import { LeakyBuckets } from '../security/leaky-buckets.ts';
import type { ServerSecurity } from '../security/security-folder.ts';
import { Turns } from '../security/turns.ts';
import type { Meter } from '../telemetry/metrics-sink.ts';

const LONGEST_TOKEN = 100;
const LONGEST_REQUEST = 8000;

export interface EnrollOptions {
  readonly security: ServerSecurity;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter?: Meter | undefined;
}

/** Slows down those who guess tokens. */
const FAILURES = { most: 10, intervalUs: 6_000_000 };

/** Tokens for certificates. */
export function enrollHandlers({ security, clock, log, meter }: EnrollOptions): ServiceHandlers<typeof EnrollService> {
  const failures = new LeakyBuckets(clock, FAILURES);
  // Who tries many at once must not get them all past the limit.
  const turns = new Turns();
  const mayTry = (address: string) => {
    const waitUs = failures.waitUs(address);
    if (waitUs === 0) return;
    meter?.joinFailed();
    const seconds = Math.ceil(waitUs / 1e6);
    throw new RpcError('RESOURCE_EXHAUSTED', `too many failed joins from ${address}: try again in ${seconds} s`);
  };
  return {
    getAuthority: () => ({ authorityPem: security.authority }),

    async enroll({ token, requestPem }, { peer }) {
      const { invitations } = security;
      if (invitations === undefined) {
        throw new RpcError('UNIMPLEMENTED', 'this control has certificates from elsewhere, and cannot issue any');
      }
      const address = addressOf(peer);
      mayTry(address);
      if (token.length > LONGEST_TOKEN || requestPem.length > LONGEST_REQUEST) {
        failures.fill(address);
        meter?.joinFailed();
        throw new RpcError('INVALID_ARGUMENT', 'the token or the certificate request is too long to be one');
      }
      return turns.take(address, async () => {
        mayTry(address);
        try {
          const issued = await invitations.book.redeem(token, requestPem, invitations.signer, clock.epochMs());
          failures.empty(address);
          log(`${address} has a certificate for the role ${issued.role} now, until ${issued.expiresAt.toISOString()}`);
          return { certificatePem: issued.certificate, role: issued.role };
        } catch (error) {
          if (!(error instanceof InvitationError)) throw error;
          failures.fill(address);
          meter?.joinFailed();
          log(`${address} has failed to join: ${error.message}`, { level: 'warn' });
          throw new RpcError('UNAUTHENTICATED', error.message);
        }
      });
    },
  };
}
