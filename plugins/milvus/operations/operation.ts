import type { RandomStream } from '../../../core/plan/random.ts';
import type { WriteTally } from '../../../core/plugin.ts';
import type { MilvusAnswer } from './search-answer.ts';

/** What an operation of a session draws from. */
export interface OperationScope {
  readonly random: RandomStream;
  /** Numbers of new rows, from 0 on, of the virtual user. */
  nextRow(): number;
  /** Its 0-based number. */
  readonly user: number;
  /** The timestamp of the virtual user's last write, where consistency is that of the session; 0 otherwise. */
  readonly lastWrite: bigint;
}

/** One call, and what is known about it. */
export interface MilvusRequest {
  /** Behind its prefix, see `messageFrame`. */
  readonly frame: Buffer;
  /** The expression, for people; empty where there is none. */
  readonly filter: string;
  /** For searches: the queries whose vectors are searched for. */
  readonly queries: readonly number[];
  /** For searches: the set of rows that are searched, see `setName`. */
  readonly set: string;
}

/** Why there is nothing to send: the kind of the error, and a clause for people. */
export interface Unsent {
  readonly kind: 'data_exhausted' | 'aborted';
  readonly reason: string;
}

/** One operation of the plan. */
export interface MilvusOperation {
  readonly name: string;
  /** Such as `Search`. */
  readonly method: string;
  /** For searches: how many hits each of them asks for. */
  readonly limit: number;
  /** For writes. */
  readonly writes: { readonly tally: WriteTally; readonly rows: number } | undefined;
  /** Whether {@link judged} wants the ids of hits. */
  readonly wantsIds: (request: MilvusRequest) => boolean;
  /** Makes one. @param signal ends the waiting for what it needs */
  request(scope: OperationScope, signal: AbortSignal): MilvusRequest | Promise<MilvusRequest | Unsent>;
  /** Called with each good answer. */
  judged(request: MilvusRequest, answer: MilvusAnswer): void;
}
