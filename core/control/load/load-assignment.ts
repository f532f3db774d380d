import type { AgentChange } from '../../plan/load/load-change.ts';
import type { Share } from '../../plan/load/split.ts';
import type { MissingLoad } from '../../stats/result.ts';
import { partOf } from './share-allocator.ts';

/** The share of an agent that has none. */
export const NO_SHARE: Share = { of: 1, slots: [] };

/** One second of a scenario's load, as in the message LoadLevel. */
export interface Level {
  readonly scenario: number;
  readonly second: number;
  readonly from: number;
  readonly to: number;
  readonly ended: boolean;
}

/** A share that was replaced, and that the agent has heard of: only its size is kept. */
interface PastShare {
  readonly kind: 'past-share';
  readonly atUs: number;
  /** Part of the whole load, 0 to 1. */
  readonly part: number;
}

export type AssignedChange = AgentChange | PastShare;

/** How an assignment reaches its agent, and the store. A message to an agent that is not here is dropped. */
export interface AssignmentChannel {
  /** Control's clock. */
  nowUs(): number;
  sendChange(change: AgentChange, number: number): void;
  sendLevel(level: Level): void;
  /** Resolves when all that is settled by now is stored, or cannot be for the moment. */
  saved(): Promise<void>;
}

/** The load that one agent is assigned: its share at the run start, every change since, and the levels of shapes. */
export class LoadAssignment {
  /** The share at the run start; undefined for an agent that joined the run later. */
  readonly first: Share | undefined;
  /** The part of the whole load, 0 to 1, that stays with the agent whatever its share becomes. */
  readonly #keptPart: number;
  readonly #changes: AssignedChange[] = [];
  readonly #channel: AssignmentChannel;
  /** How many of the changes are stored. */
  #savedChanges = 0;
  /** When each change was last sent, on control's clock; those that were not yet have no entry. */
  readonly #sentUs: number[] = [];
  /** Up to here, the agent has heard of the changes, and shares are kept by their size. */
  #heardChanges = 0;
  /** The last second of each scenario of which the agent was sent the level since it last came back. */
  readonly #sentSeconds = new Map<number, number>();

  /**
   * @param first the share at the run start
   * @param keepsIterations whether iterations of that share stay with the agent when the share goes to others
   */
  constructor(first: Share | undefined, keepsIterations: boolean, channel: AssignmentChannel) {
    this.first = first;
    // How many of its iterations are left is not known: so all of them count as kept.
    this.#keptPart = keepsIterations && first ? partOf(first) : 0;
    this.#channel = channel;
  }

  /** Every change that the agent was sent, in order. */
  get changes(): readonly AssignedChange[] {
    return this.#changes;
  }

  /** The latest share that the agent was sent; undefined while it has that of the run start, or never had one. */
  get share(): Share | undefined {
    const last = this.#changes.findLast(({ kind }) => kind === 'share');
    return last?.kind === 'share' ? last.share : undefined;
  }

  /** When the agent got a share of a load that was running, since the run start; 0 when it was there from the start. */
  get joinedUs(): number {
    return this.first === undefined ? (this.#changes.find(isOfShare)?.atUs ?? 0) : 0;
  }

  /**
   * Persists the change, then sends it; it is redelivered on reconnect. It is stored first, so that no other control
   * process gives its number to another change.
   */
  send(change: AgentChange): void {
    const number = this.#changes.push(change);
    void this.#channel.saved().then(() => {
      this.#savedChanges = number;
      this.#transmit(change, number);
    });
  }

  #transmit(change: AgentChange, number: number): void {
    this.#sentUs[number - 1] = this.#channel.nowUs();
    this.#channel.sendChange(change, number);
  }

  /**
   * The agent has answered what was sent to it at this time, on control's clock: so it has heard of what was sent before, because a
   * stream keeps its order. Of shares that were replaced since, the slots are dropped: an agent that reconnects for hours has many.
   */
  answered(sentUs: number): void {
    const latest = this.#changes.findLastIndex(({ kind }) => kind === 'share');
    for (; this.#heardChanges < latest; this.#heardChanges++) {
      const change = this.#changes[this.#heardChanges] as AssignedChange;
      // A control that was started again has never sent this itself.
      if (change.kind === 'past-share') continue;
      if ((this.#sentUs[this.#heardChanges] ?? sentUs) >= sentUs) return;
      if (change.kind === 'share') {
        this.#changes[this.#heardChanges] = { kind: 'past-share', atUs: change.atUs, part: partOf(change.share) };
      }
    }
  }

  /** Sends the level unless the agent was sent it since it last came back. It is not stored. */
  sendLevel(level: Level): void {
    if (level.second <= (this.#sentSeconds.get(level.scenario) ?? -1)) return;
    this.#sentSeconds.set(level.scenario, level.second);
    this.#channel.sendLevel(level);
  }

  /**
   * Called when the agent is back: sends everything that it may not have heard, and it ignores what it has. An agent that
   * missed a second's level holds the one before, and is sent only those that lie ahead.
   */
  resend(): void {
    this.#sentSeconds.clear();
    this.#changes.slice(0, this.#savedChanges).forEach((change, i) => {
      if (change.kind !== 'past-share') this.#transmit(change, i + 1);
    });
  }

  /** Takes over the changes that another control process stored and sent. */
  recover(changes: readonly AssignedChange[]): void {
    this.#savedChanges = this.#changes.push(...changes);
  }

  /**
   * The agent's share between two times, as load of which nothing is known to have been done. Times are since the run
   * start.
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
}

function isOfShare(change: AssignedChange): change is Extract<AssignedChange, { kind: 'share' | 'past-share' }> {
  return change.kind === 'share' || change.kind === 'past-share';
}
