import type { AgentChange } from '../../plan/load-change.ts';
import type { Share } from '../../plan/split.ts';
import type { MissingLoad } from '../../stats/result.ts';
import { HEARD_LIMIT_US } from '../limits.ts';
import type { Part } from './participant-surroundings.ts';
import { partOf } from './share-allocator.ts';

export const NO_SHARE: Share = { of: 1, slots: [] };

/** One second of a scenario's load, as in the message LoadLevel. */
export interface Level {
  readonly scenario: number;
  readonly second: number;
  readonly from: number;
  readonly to: number;
  readonly ended: boolean;
}

/** A share that another has followed, and that every agent which still has a load has heard of: how much it was. */
interface PastShare {
  readonly kind: 'past-share';
  readonly atUs: number;
  /** Of the whole load, 0 to 1. */
  readonly part: number;
}

export type AssignedChange = AgentChange | PastShare;

/** What one agent was told of the load: its share at the start, and every change since. */
export class LoadAssignment {
  /** Undefined for an agent that came while the load ran. */
  readonly first: Share | undefined;
  /** Of the whole load, 0 to 1: what stays with it at least. How many iterations it has left is not known. */
  readonly #keptPart: number;
  readonly #changes: AssignedChange[] = [];
  readonly #send: (change: AgentChange, number: number) => void;
  readonly #stored: () => Promise<void>;
  /** How many of the changes are stored. */
  #storedChanges = 0;

  /**
   * @param send to the agent, when it is here
   * @param stored resolves when what was settled before is stored, or cannot be for now
   */
  constructor(
    { share, keepsIterations }: Pick<Part, 'share' | 'keepsIterations'>,
    send: (change: AgentChange, number: number) => void,
    stored: () => Promise<void>,
  ) {
    this.first = share;
    this.#keptPart = keepsIterations && share ? partOf(share) : 0;
    this.#send = send;
    this.#stored = stored;
  }

  /** In order. */
  get changes(): readonly AssignedChange[] {
    return this.#changes;
  }

  /** The last that it was told; undefined while it has that of the start, or never had one. */
  get share(): Share | undefined {
    const last = this.#changes.findLast(({ kind }) => kind === 'share');
    return last?.kind === 'share' ? last.share : undefined;
  }

  /** When it came to a load that ran already, since second 0; 0 when it was there from the start. */
  get joinedUs(): number {
    return this.first === undefined ? (this.#changes.find(isOfShare)?.atUs ?? 0) : 0;
  }

  /** It hears it soon, or when it is back: first it is stored, so that no other control gives its number to another change. */
  tell(change: AgentChange): void {
    const number = this.#changes.push(change);
    if (change.kind === 'share') this.#shorten(change.atUs - HEARD_LIMIT_US);
    void this.#stored().then(() => {
      this.#storedChanges = number;
      this.#send(change, number);
    });
  }

  /** To an agent that was away, all that it may not have heard: it knows what it has. */
  tellAgain(): void {
    this.#changes.slice(0, this.#storedChanges).forEach((change, i) => {
      if (change.kind !== 'past-share') this.#send(change, i + 1);
    });
  }

  /** Another control process has told these. */
  recover(changes: readonly AssignedChange[]): void {
    this.#storedChanges = this.#changes.push(...changes);
  }

  /**
   * Its share from one time to another, as time that is missing: nothing is known to have been done of it. Times are
   * since second 0.
   */
  missing(fromUs: number, toUs: number): MissingLoad[] {
    const missing: MissingLoad[] = [];
    let part = Math.max(this.#keptPart, partOf(this.first ?? NO_SHARE));
    let sinceUs = fromUs;
    const add = (untilUs: number) => {
      const endUs = Math.min(untilUs, toUs);
      if (endUs > sinceUs && part > 0) {
        missing.push({ fromSecond: sinceUs / 1e6, toSecond: endUs / 1e6, share: part });
      }
      sinceUs = Math.max(sinceUs, untilUs);
    };
    for (const change of this.#changes) {
      if (!isOfShare(change)) continue;
      const next = Math.max(this.#keptPart, change.kind === 'share' ? partOf(change.share) : change.part);
      if (next === part) continue;
      add(change.atUs);
      part = next;
    }
    add(Number.POSITIVE_INFINITY);
    return missing;
  }

  /** A link that goes and comes for hours would have them grow without end, and a run be stored with ever more of them. */
  #shorten(beforeUs: number): void {
    this.#changes.forEach((change, i) => {
      if (change.kind !== 'share' || change.atUs >= beforeUs) return;
      this.#changes[i] = { kind: 'past-share', atUs: change.atUs, part: partOf(change.share) };
    });
  }
}

function isOfShare(change: AssignedChange): change is Extract<AssignedChange, { kind: 'share' | 'past-share' }> {
  return change.kind === 'share' || change.kind === 'past-share';
}
