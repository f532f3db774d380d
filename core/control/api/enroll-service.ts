import { hostOf } from '../../../proto/address.ts';
import type { EnrollService } from '../../../proto/gen/bench/v1/enroll_pb.ts';
import { RpcError, type ServiceHandlers } from '../../../proto/rpc/adapter.ts';
import { addressOf } from '../../../proto/rpc/caller.ts';
import type { Clock } from '../../clock.ts';
import { errorMessage, unexpectedStack } from '../../error.ts';
import type { Log } from '../../log.ts';
import { InvitationError } from '../security/invitations.ts';
import { KeyedMutex } from '../security/keyed-mutex.ts';
import { type BucketSize, FAILED_TOKENS, LeakyBuckets } from '../security/leaky-buckets.ts';
import type { ServerSecurity } from '../security/security-folder.ts';
import type { MetricsSink } from '../telemetry/metrics-sink.ts';

const MAX_TOKEN_LENGTH = 100;
const MAX_REQUEST_LENGTH = 8000;
/** What one invitation brings: each certificate leaves a record here. A fleet comes at once, and its hosts are replaced now and then. */
const CERTIFICATES: BucketSize = { max: 10_000, intervalUs: 1_000_000 };

const USED_UP =
  'this invitation has brought 10,000 certificates and brings one a second now: try again, or ask for another (`bench control invite`)';

export interface EnrollOptions {
  readonly security: ServerSecurity;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: MetricsSink | undefined;
}

/** Issues certificates to callers that have the token of an invitation. */
export function enrollHandlers({
  security,
  clock,
  log,
  metrics,
}: EnrollOptions): ServiceHandlers<typeof EnrollService> {
  const failures = new LeakyBuckets(clock, FAILED_TOKENS);
  const certificates = new LeakyBuckets(clock, CERTIFICATES);
  // Attempts of one address run one after the other: many at the same time would all pass the limit.
  const attempts = new KeyedMutex();
  const checkRate = (address: string) => {
    const waitUs = failures.waitUs(address);
    if (waitUs === 0) return;
    metrics?.joinFailed();
    const seconds = Math.ceil(waitUs / 1e6);
    throw new RpcError('RESOURCE_EXHAUSTED', `too many failed joins from ${address}: try again in ${seconds} s`);
  };
  return {
    getAuthority: () => ({ authorityPem: security.authority }),

    async enroll({ token, requestPem }, { peer }) {
      const { invitations } = security;
      if (invitations === undefined) {
        throw new RpcError('UNIMPLEMENTED', 'this control uses certificates from elsewhere and cannot issue any');
      }
      const address = addressOf(peer);
      checkRate(address);
      if (token.length > MAX_TOKEN_LENGTH || requestPem.length > MAX_REQUEST_LENGTH) {
        failures.fill(address);
        metrics?.joinFailed();
        throw new RpcError('INVALID_ARGUMENT', 'the token or the certificate request is too long');
      }
      return attempts.run(address, async () => {
        checkRate(address);
        try {
          const { id } = await invitations.book.holderOf(token, 'join', clock.epochMs());
          if (certificates.waitUs(id) > 0) {
            certificates.turnAway(id);
            throw new RpcError('RESOURCE_EXHAUSTED', USED_UP);
          }
          const turnedAway = certificates.fill(id);
          if (turnedAway > 0) {
            const mend = `if they are not yours, revoke it with \`bench control revoke ${id}\``;
            log(`the invitation ${id} brought no certificate ${turnedAway} times, after very many: ${mend}`, {
              level: 'warn',
            });
          }
          const issued = await invitations.book.redeem(token, requestPem, invitations.signer, clock.epochMs());
          failures.empty(address);
          log(
            `${hostOf(peer)} got a certificate for the role ${issued.role}, valid until ${issued.expiresAt.toISOString()}`,
          );
          return { certificatePem: issued.certificate, role: issued.role };
        } catch (error) {
          metrics?.joinFailed();
          if (error instanceof RpcError) throw error;
          failures.fill(address);
          if (!(error instanceof InvitationError)) throw unreadable(error, log);
          log(`${hostOf(peer)} failed to join: ${error.message}`, { level: 'warn' });
          throw new RpcError('UNAUTHENTICATED', error.message);
        }
      });
    },
  };
}

/** The caller learns nothing about the files of control's host; the log has all of it. */
function unreadable(error: unknown, log: Log): RpcError {
  log(`an invitation could not be looked up: ${errorMessage(error)}`, {
    level: 'error',
    stack: unexpectedStack(error),
  });
  const message = 'control cannot read its invitations at the moment: try again later';
  return new RpcError('RESOURCE_EXHAUSTED', message, { cause: error });
}
