import { status } from '@grpc/grpc-js';
import { AgentService } from '../../../proto/gen/bench/v1/agent_pb.ts';
import { EnrollService } from '../../../proto/gen/bench/v1/enroll_pb.ts';
import { RunService } from '../../../proto/gen/bench/v1/run_pb.ts';
import {
  type Authentication,
  type Decision,
  type IncomingCall,
  type Refusal,
  rejected,
  undecided,
} from './authentication.ts';
import type { CertificateState } from './invitations.ts';
import { type Identity, type Role, roleOf } from './role.ts';

const INVITE = 'ask for a new invitation (`bench control invite`)';
const NO_CERTIFICATE =
  'this control accepts only callers with a certificate: ask for an invitation (`bench control invite`)';
/** Why a certificate is not valid, by what its record says. */
const INVALID: Readonly<Record<'missing' | 'damaged', string>> = {
  missing: `the certificate was revoked: ${INVITE}`,
  damaged: `control's record of the certificate is damaged, so it could not be revoked and is not valid: ${INVITE}`,
};
const UNREADABLE = 'control cannot read its records of certificates at the moment, so it cannot tell who is calling';

/** Knows callers by the certificates that control's own authority has issued, and takes each role's calls. */
export class CertificateAuthentication implements Authentication {
  readonly #stateOf: (serial: string) => CertificateState;

  /** @param stateOf what control has recorded of the certificate with this serial number */
  constructor(stateOf: (serial: string) => CertificateState) {
    this.#stateOf = stateOf;
  }

  decide({ path, context }: IncomingCall): Decision {
    if (needsNoIdentity(path)) return { kind: 'anonymous' };
    const identity = identityOf(context);
    if (identity === undefined) return rejected(status.UNAUTHENTICATED, NO_CERTIFICATE);
    const state = this.#stateOf(identity.serial);
    if (state === 'unreadable') return undecided(UNREADABLE);
    if (state !== 'valid') return rejected(status.UNAUTHENTICATED, INVALID[state]);
    if (mayCall(identity.role, path)) return { kind: 'accepted', withdrawn: () => this.#withdrawn(identity) };
    return rejected(
      status.PERMISSION_DENIED,
      `the certificate is for the role ${identity.role}, which may not do this: ask for an invitation for another role (\`bench control invite --role\`)`,
    );
  }

  /** A record that cannot be read for now withdraws nothing. */
  #withdrawn({ serial }: Identity): Refusal | undefined {
    const state = this.#stateOf(serial);
    if (state === 'valid' || state === 'unreadable') return undefined;
    return { code: status.UNAUTHENTICATED, details: INVALID[state] };
  }
}

/** @param context of a call or a TLS socket; its certificate is present only when the handshake has verified it */
export function identityOf({ sslPeerCertificate }: { sslPeerCertificate?: unknown }): Identity | undefined {
  const { subject, serialNumber } = (sslPeerCertificate ?? {}) as {
    subject?: { O?: string | string[] };
    serialNumber?: string;
  };
  const role = roleOf(subject?.O);
  return role === undefined || serialNumber === undefined ? undefined : { role, serial: serialNumber.toLowerCase() };
}

/** Calls that change nothing, which a viewer may make. */
const READ_CALLS = ['WatchRun', 'ListRuns', 'GetRun', 'ListAgents', 'ListBaselines'].map(
  (name) => `/${RunService.typeName}/${name}`,
);

/**
 * Whether a caller without a certificate may make this call: only those with which it gets one.
 * @param path of a gRPC call, such as `/bench.v1.RunService/StartRun`
 */
function needsNoIdentity(path: string): boolean {
  return path.startsWith(`/${EnrollService.typeName}/`);
}

/** Whether the role may make this call. */
function mayCall(role: Role, path: string): boolean {
  if (needsNoIdentity(path)) return true;
  if (path.startsWith(`/${AgentService.typeName}/`)) return role === 'agent';
  if (role === 'operator') return true;
  // Health and reflection reveal nothing about runs.
  return path.startsWith(`/${RunService.typeName}/`) ? role === 'viewer' && READ_CALLS.includes(path) : true;
}
