import { createHash, timingSafeEqual } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { customAlphabet } from 'nanoid';
import { z } from 'zod';
import { BenchError, type ErrorDetails, errorMessage } from '../../error.ts';
import { reasonOf } from '../../text/system-reason.ts';
import { type IssuedClient, issueClient, type KeyedCertificate, newSerial } from './certificates.ts';
import { type RecordState, readRecord, readRecords, SeenRecords, writeRecord } from './records.ts';
import { ROLES, type Role } from './role.ts';
import { SecurityError } from './security-files.ts';

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';
const newId = customAlphabet(ALPHABET, 6);
/** 36^32 are 165 bits: too many to guess, so a hash without a salt is enough to store it. */
const newSecret = customAlphabet(ALPHABET, 32);
const TOKEN = /^([0-9a-z]{6})\.([0-9a-z]{32})$/;
/** Stands in place of an invitation's id in the record of the operator that `bench control init` makes. */
const UNINVITED = '';
const ID = /^[0-9a-z]{6}$/;
const SERIAL = /^[0-9a-f]{32}$/;

/** What an invitation is for: certificates, logging in to the page, or calling the HTTP API. */
const INVITATION_USES = ['join', 'web', 'api'] as const;
export type InvitationUse = (typeof INVITATION_USES)[number];

const invitationSchema = z.object({
  id: z.string().regex(ID),
  role: z.enum(ROLES),
  /** Older records do not have it. */
  use: z.enum(INVITATION_USES).default('join'),
  /** SHA-256 of the secret, hexadecimal. */
  secretHash: z.string(),
  /** RFC 3339. */
  createdAt: z.string(),
  expiresAt: z.string(),
});
const issuedSchema = z.object({
  invitation: z.string().regex(ID).or(z.literal(UNINVITED)),
  role: z.enum(ROLES),
  issuedAt: z.string(),
});

const ASK_FOR: Readonly<Record<InvitationUse, string>> = {
  join: '`bench control invite`',
  web: '`bench control invite --web`',
  api: '`bench control invite --api`',
};

export type Invitation = Readonly<Omit<z.infer<typeof invitationSchema>, 'secretHash'>> & {
  /** How many certificates were issued for it and not revoked. */
  readonly certificates: number;
};

/** `missing` when it was revoked or never issued here. */
export type CertificateState = RecordState;

/** The token of an invitation was not accepted; the message is one sentence. */
export class InvitationError extends BenchError {
  override readonly name = 'InvitationError';

  constructor(message: string, details: ErrorDetails = {}) {
    super('invitation_refused', message, details);
  }
}

/**
 * Invitations and the certificates issued for them, each recorded in a small file, so that the command line and a running
 * control can use them at the same time. An invitation or a certificate without its file is not valid.
 */
export class Invitations {
  readonly #folder: string;
  readonly #invitations: string;
  readonly #issued: string;
  readonly #seen = new SeenRecords(issuedSchema);
  readonly #seenInvitations = new SeenRecords(invitationSchema);

  /** @param folder control's security folder */
  constructor(folder: string) {
    this.#folder = folder;
    this.#invitations = join(folder, 'invitations');
    this.#issued = join(folder, 'issued');
  }

  /** @returns the token, which is stored nowhere */
  async invite(role: Role, lifetimeMs: number, nowMs: number, use: InvitationUse = 'join'): Promise<string> {
    const id = newId();
    const secret = newSecret();
    const invitation = {
      id,
      role,
      use,
      secretHash: hashOf(secret),
      createdAt: new Date(nowMs).toISOString(),
      expiresAt: new Date(nowMs + lifetimeMs).toISOString(),
    };
    await writeRecord(this.#fileOf(id), invitation);
    return `${id}.${secret}`;
  }

  /** All invitations, also those that have expired; oldest first. @throws {SecurityError} */
  async list(): Promise<Invitation[]> {
    await this.#requireFolder();
    const issued = await this.#readIssued();
    const invitations = await readRecords(this.#invitations, invitationSchema);
    return invitations
      .map(({ value: { secretHash: _, ...invitation } }) => ({
        ...invitation,
        certificates: issued.filter(({ value }) => value.invitation === invitation.id).length,
      }))
      .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  }

  /**
   * Withdraws an invitation and every certificate that was issued for it. The invitation goes first: an enrolment that is
   * under way in another process then either left its record before, where it is found here, or finds the invitation gone
   * and gets no certificate (see {@link redeem}).
   * @returns how many certificates were revoked; undefined when there was neither an invitation nor a certificate
   * @throws {SecurityError}
   */
  async revoke(id: string): Promise<number | undefined> {
    await this.#requireFolder();
    if (!ID.test(id)) return undefined;
    const file = this.#fileOf(id);
    const wasInvited = existsSync(file);
    await rm(file, { force: true });
    const issued = (await this.#readIssued()).filter(({ value }) => value.invitation === id);
    for (const { name } of issued) await rm(join(this.#issued, name), { force: true });
    return wasInvited || issued.length > 0 ? issued.length : undefined;
  }

  /**
   * Issues a certificate for a token. The certificate is recorded before it exists, and the invitation is looked at once
   * more after that, so that {@link revoke} misses none, in whatever order the two go on.
   * @throws {InvitationError}
   */
  async redeem(
    token: string,
    requestPem: string,
    authority: KeyedCertificate,
    nowMs: number,
  ): Promise<IssuedClient & { readonly role: Role }> {
    const { id, role } = await this.holderOf(token, 'join', nowMs);
    const serial = newSerial();
    await this.record(serial, role, id, nowMs);
    try {
      await this.holderOf(token, 'join', nowMs);
      const issued = await issueClient(authority, requestPem, role, nowMs, serial).catch((error: unknown) => {
        throw new InvitationError(`the certificate request is not valid: ${errorMessage(error)}`, { cause: error });
      });
      return { ...issued, role };
    } catch (error) {
      await rm(this.#recordOf(serial), { force: true });
      throw error;
    }
  }

  /**
   * Whose token this is.
   * @throws {InvitationError} when it is not that of a valid invitation for this use
   */
  async holderOf(
    token: string,
    use: InvitationUse,
    nowMs: number,
  ): Promise<Pick<Invitation, 'id' | 'role' | 'expiresAt'>> {
    const [, id = '', secret = ''] = TOKEN.exec(token) ?? [];
    const invitation = id === '' ? undefined : await readRecord(this.#fileOf(id), invitationSchema);
    const isRight = timingSafeEqual(
      Buffer.from(hashOf(secret), 'hex'),
      Buffer.from(invitation?.secretHash ?? hashOf('no secret'), 'hex'),
    );
    if (invitation === undefined || !isRight) {
      throw new InvitationError('the token is unknown or was revoked: ask for a new one (`bench control invite`)');
    }
    if (Date.parse(invitation.expiresAt) <= nowMs) {
      throw new InvitationError(
        `the token expired at ${invitation.expiresAt}: ask for a new one (\`bench control invite\`)`,
      );
    }
    if (invitation.use !== use)
      throw new InvitationError(`the token is not for this: ask for one with ${ASK_FOR[use]}`);
    return invitation;
  }

  /** Makes the certificate with this serial number valid until it is revoked. */
  async record(serial: string, role: Role, invitation: string, nowMs: number): Promise<void> {
    const issued = { invitation, role, issuedAt: new Date(nowMs).toISOString() };
    await writeRecord(this.#recordOf(serial), issued);
  }

  /** Makes this certificate the only valid one of the operator that has no invitation. */
  async recordOwn(serial: string, nowMs: number): Promise<void> {
    const before = (await this.#readIssued()).filter(({ value }) => value.invitation === UNINVITED);
    await this.record(serial, 'operator', UNINVITED, nowMs);
    for (const { name } of before) await rm(join(this.#issued, name), { force: true });
  }

  /** What the record of the certificate says. A certificate whose record is damaged is not valid: it could not be revoked. */
  stateOf(serial: string): CertificateState {
    return SERIAL.test(serial) ? this.#seen.stateOf(this.#recordOf(serial)) : 'missing';
  }

  /** Whether the invitation was revoked; one that has expired was not. What cannot be read for now counts as not revoked. */
  isRevoked(id: string): boolean {
    const state = this.#seenInvitations.stateOf(this.#fileOf(id));
    return state === 'missing' || state === 'damaged';
  }

  isGood(serial: string): boolean {
    return this.stateOf(serial) === 'valid';
  }

  #fileOf(id: string): string {
    return join(this.#invitations, `${id}.json`);
  }

  #recordOf(serial: string): string {
    return join(this.#issued, `${serial}.json`);
  }

  #readIssued() {
    return readRecords(this.#issued, issuedSchema);
  }

  async #requireFolder(): Promise<void> {
    await readdir(this.#folder).catch((error: unknown) => {
      throw new SecurityError(
        `${this.#folder} cannot be read (${reasonOf(error)}): \`bench control init\` makes such a folder, and --security names it`,
        { cause: error },
      );
    });
  }
}

/** SHA-256, hexadecimal: what is stored of a secret. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
