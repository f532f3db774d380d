import type { RandomStream } from '../../../core/plan/random.ts';
import type { WriteTally } from '../../../core/plugin.ts';
import type { Fields } from '../collection-options.ts';
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
  /** How many bytes an answer may have that gives no more than was asked for. */
  readonly maxAnswerBytes: number;
  /** Whether {@link judged} wants the ids of hits. */
  readonly wantsIds: (request: MilvusRequest) => boolean;
  /** Makes one. @param signal ends the waiting for what it needs */
  request(scope: OperationScope, signal: AbortSignal): MilvusRequest | Promise<MilvusRequest | Unsent>;
  /** Called with each good answer. */
  judged(request: MilvusRequest, answer: MilvusAnswer): void;
}

/** Status, names and whatever else an answer has that does not grow with its rows. */
const ANSWER_BYTES = 1 << 20;
/** Id and score of a row, with what stands before them. */
const ROW_BYTES = 128;
/** Milvus has no longer text (https://milvus.io/docs/limitations.md). */
const TEXT_BYTES = 65_535;
const MAX_BYTES = 256 << 20;

/**
 * How many bytes an answer may have.
 * @param rows the most that were asked for
 * @param output the fields that were asked for, besides the id
 */
export function maxAnswerBytes(rows: number, output: readonly string[], { vector }: Pick<Fields, 'vector'>): number {
  const perRow = output.reduce((sum, name) => sum + (name === vector.name ? 4 * vector.dim : TEXT_BYTES), ROW_BYTES);
  return Math.min(MAX_BYTES, ANSWER_BYTES + rows * perRow);
}
