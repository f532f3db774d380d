import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { hashOf } from '../../control/security/invitations.ts';
import { KeyedMutex } from '../../control/security/keyed-mutex.ts';
import { readRecord, readRecords, writeRecord } from '../../control/security/records.ts';
import { ApiError } from '../api-error.ts';

/** Sessions of one invitation that may be open at the same time. */
const MAX_SESSIONS = 100;
const HOUR_MS = 3_600_000;
const LIFETIME_MS = 12 * HOUR_MS;
const IDLE_MS = 2 * HOUR_MS;
const SECRET = /^[A-Za-z0-9_-]{43}$/;
const NAME = /^[0-9a-f]{64}\.json$/;

const sessionSchema = z.object({
  /** Id of the invitation by which it came to be: with it, the session is revoked. */
  invitation: z.string(),
  role: z.enum(['viewer', 'operator']),
  /** RFC 3339. */
  createdAt: z.string(),
});

export interface WebSession {
  /** SHA-256 of the secret, hexadecimal. */
  readonly hash: string;
  readonly role: 'viewer' | 'operator';
  readonly invitation: string;
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/** Those who have logged in: each a small file under the hash of its secret, so that a control that is started again knows them. */
export class WebSessions {
  readonly #folder: string;
  readonly #clock: Pick<Clock, 'epochMs'>;
  /** When each was last used, milliseconds since 1970; minus infinity for one that was ended. What is not here was used before this process. */
  readonly #usedMs = new Map<string, number>();
  readonly #startedMs: number;
  /** Many that begin at the same time would all pass the limit. */
  readonly #beginning = new KeyedMutex();

  /** @param security control's security folder */
  constructor(security: string, clock: Pick<Clock, 'epochMs'>) {
    this.#folder = join(security, 'sessions');
    this.#clock = clock;
    this.#startedMs = clock.epochMs();
  }

  /**
   * @returns the secret, which is stored nowhere
   * @throws {ApiError} when the invitation has {@link MAX_SESSIONS} open
   */
  begin(invitation: string, role: WebSession['role']): Promise<{ secret: string; session: WebSession }> {
    return this.#beginning.run(invitation, () => this.#begin(invitation, role));
  }

  async #begin(invitation: string, role: WebSession['role']) {
    const open = await this.#openOf(invitation);
    this.#forgetUnused();
    if (open >= MAX_SESSIONS) {
      throw new ApiError(
        429,
        `the invitation has ${MAX_SESSIONS} sessions open: log out of some, or ask for another (\`bench control invite --web\`)`,
      );
    }
    const secret = randomBytes(32).toString('base64url');
    const hash = hashOf(secret);
    const createdAtMs = this.#clock.epochMs();
    await writeRecord(this.#fileOf(hash), { invitation, role, createdAt: new Date(createdAtMs).toISOString() });
    this.#usedMs.set(hash, createdAtMs);
    return { secret, session: { hash, role, invitation, expiresAtMs: createdAtMs + LIFETIME_MS } };
  }

  /** The session with this secret, which is thereby used; undefined when there is none, or it is over. */
  async of(secret: string): Promise<WebSession | undefined> {
    if (!SECRET.test(secret)) return undefined;
    const hash = hashOf(secret);
    const record = await readRecord(this.#fileOf(hash), sessionSchema);
    if (record === undefined) return undefined;
    const { invitation, role, createdAt } = record;
    const session = { hash, role, invitation, expiresAtMs: Date.parse(createdAt) + LIFETIME_MS };
    if (this.isOver(session)) {
      await this.end(secret);
      return undefined;
    }
    this.use(session);
    return session;
  }

  /** A stream that is open counts as use. */
  use({ hash }: Pick<WebSession, 'hash'>): void {
    this.#usedMs.set(hash, this.#clock.epochMs());
  }

  /** Whether it has lasted too long, or was not used for too long. */
  isOver({ hash, expiresAtMs }: Pick<WebSession, 'hash' | 'expiresAtMs'>): boolean {
    const nowMs = this.#clock.epochMs();
    return nowMs >= expiresAtMs || nowMs - (this.#usedMs.get(hash) ?? this.#startedMs) >= IDLE_MS;
  }

  async end(secret: string): Promise<void> {
    const hash = hashOf(secret);
    // Streams that are open must learn of it. Anybody may send any secret: one that is not known leaves nothing here.
    if (this.#usedMs.has(hash)) this.#usedMs.set(hash, Number.NEGATIVE_INFINITY);
    await rm(this.#fileOf(hash), { force: true });
  }

  /** What is not known counts as used when this process began: once that is too long ago, it is over all the same. */
  #forgetUnused(): void {
    const nowMs = this.#clock.epochMs();
    if (nowMs - this.#startedMs < IDLE_MS) return;
    for (const [hash, usedMs] of this.#usedMs) if (nowMs - usedMs >= IDLE_MS) this.#usedMs.delete(hash);
  }

  /** Removes the sessions that are over, of all invitations. @returns how many of this one are open */
  async #openOf(invitation: string): Promise<number> {
    const names = await readdir(this.#folder).catch(() => []);
    if (!names.some((name) => NAME.test(name))) return 0;
    let open = 0;
    for (const { name, value } of await readRecords(this.#folder, sessionSchema)) {
      const expiresAtMs = Date.parse(value.createdAt) + LIFETIME_MS;
      if (this.isOver({ hash: name.slice(0, -'.json'.length), expiresAtMs })) {
        await rm(join(this.#folder, name), { force: true });
      } else if (value.invitation === invitation) open++;
    }
    return open;
  }

  #fileOf(hash: string): string {
    return join(this.#folder, `${hash}.json`);
  }
}
