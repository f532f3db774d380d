import { status } from '@grpc/grpc-js';
import {
  type Authentication,
  type Decision,
  type IncomingCall,
  type Refusal,
  rejected,
  undecided,
} from './authentication.ts';
import type { CertificateState } from './invitations.ts';
import { mayCall, needsNoIdentity } from './rights.ts';
import { type Identity, roleOf } from './role.ts';

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
