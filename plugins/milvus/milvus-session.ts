import type { RandomStream } from '../../core/plan/random.ts';
import type { Outcome, OutcomeDetail, Session, VirtualUserContext } from '../../core/plugin.ts';
import { MutationResultSchema } from '../../proto/gen/milvus/v1/milvus_pb.ts';
import type { GrpcCaller, GrpcClient } from '../grpc/grpc-client.ts';
import { PREFIX_BYTES } from '../grpc/message-frame.ts';
import type { UnaryCall } from '../grpc/unary-call.ts';
import { Exchange, failedOutcome } from '../http/exchange.ts';
import { decodeAnswer } from './answer-reader.ts';
import { errorKind, mayHaveActed } from './error-kinds.ts';
import { callFailure } from './milvus-client.ts';
import type { MilvusOperation, MilvusRequest, OperationScope, Unsent } from './operations/operation.ts';
import { type MilvusAnswer, readAnswer } from './operations/search-answer.ts';

/** What the sessions of a driver share. */
export interface SessionContext {
  readonly client: GrpcClient;
  readonly operations: ReadonlyMap<string, MilvusOperation>;
  /** By method. */
  readonly headers: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly deadlineMs: number;
  /** Whether searches have to see the virtual user's own writes. */
  readonly seesOwnWrites: boolean;
  /** How many new rows each virtual user has made, by its number: also for its next session. */
  readonly newRows: Map<number, number>;
  /** Called before each write. */
  wrote(): void;
}

const LIMIT_OF_ANSWERS = 'what was asked for can have';

/** A virtual user of the `milvus` driver. */
export class MilvusSession implements Session, OperationScope {
  readonly random: RandomStream;
  readonly user: number;
  lastWrite = 0n;
  readonly #context: SessionContext;
  readonly #caller: GrpcCaller;
  readonly #wantsDetail: VirtualUserContext['wantsDetail'];
  readonly #isTraced: boolean;
  /** One object that every call reuses. */
  readonly #exchange = new Exchange();

  constructor(context: SessionContext, user: VirtualUserContext) {
    this.random = user.random;
    this.user = user.index;
    this.#context = context;
    this.#caller = context.client.join(user.index);
    this.#wantsDetail = user.wantsDetail;
    this.#isTraced = user.wantsDetail('');
  }

  open(): Promise<void> {
    return this.#caller.open();
  }

  nextRow(): number {
    const next = this.#context.newRows.get(this.user) ?? 0;
    this.#context.newRows.set(this.user, next + 1);
    return next;
  }

  send(name: string, signal: AbortSignal): Promise<Outcome> {
    const operation = this.#context.operations.get(name);
    if (operation === undefined) throw new Error(`the milvus driver has no operation "${name}"`);
    const made = operation.request(this, signal);
    return made instanceof Promise
      ? made.then((request) => this.#call(operation, request, signal))
      : this.#call(operation, made, signal);
  }

  close(): void {
    this.#caller.close();
  }

  async #call(operation: MilvusOperation, request: MilvusRequest | Unsent, signal: AbortSignal): Promise<Outcome> {
    if ('reason' in request) return failedOutcome(request.kind, request.reason);
    const { headers, deadlineMs } = this.#context;
    if (operation.writes !== undefined) this.#context.wrote();
    const call = await this.#caller.call(
      {
        headers: headers.get(operation.method) ?? {},
        frame: request.frame,
        deadlineMs,
        keepMessage: true,
        maxAnswerBytes: operation.maxAnswerBytes,
        answerLimit: LIMIT_OF_ANSWERS,
      },
      signal,
    );
    const exchange = this.#exchange;
    this.#judge(operation, request, call, exchange);
    if (exchange.ok ? this.#isTraced : this.#wantsDetail(exchange.errorKind)) {
      exchange.detail = detailOf(operation, request, exchange);
    }
    return exchange;
  }

  #judge(operation: MilvusOperation, request: MilvusRequest, call: UnaryCall, exchange: Exchange): void {
    exchange.begin(call.isSent ? request.frame.length - PREFIX_BYTES : 0);
    exchange.bytesReceived = call.messageBytes;
    exchange.written = call.isSent;
    const failure = callFailure(call);
    if (failure !== undefined) {
      exchange.fail(failure.kind, `${operation.method}: ${failure.reason}`);
      if (call.isSent) this.#count(operation, 0, true);
      return;
    }
    let answer: MilvusAnswer;
    let timestamp = 0n;
    try {
      answer = readAnswer(call.message, operation.wantsIds(request));
      if (operation.writes !== undefined) ({ timestamp } = decodeAnswer(MutationResultSchema, call.message));
    } catch {
      exchange.fail('protocol_error', `${operation.method}: the answer is not that of a Milvus`);
      this.#count(operation, 0, true);
      return;
    }
    const kind = errorKind(answer);
    exchange.status = answer.code;
    if (kind !== '') {
      exchange.fail(kind, `${operation.method}: ${answer.reason}`);
      this.#count(operation, 0, mayHaveActed(kind));
      return;
    }
    if (operation.writes === undefined) {
      operation.judged(request, answer);
      return;
    }
    if (this.#context.seesOwnWrites) this.lastWrite = timestamp;
    this.#count(operation, operation.writes.rows, false);
  }

  #count({ writes }: MilvusOperation, acknowledged: number, isUnknown: boolean): void {
    if (writes === undefined) return;
    writes.tally.acknowledged += acknowledged;
    if (isUnknown) writes.tally.unknown += writes.rows;
  }
}

/** Vectors are left out: nobody reads them. */
function detailOf(
  { method, limit }: MilvusOperation,
  request: MilvusRequest,
  { written, message }: Exchange,
): OutcomeDetail {
  const { filter, queries, frame } = request;
  const parts = [
    filter === '' ? '' : `filter: ${filter}`,
    queries.length === 0 ? '' : `vectors: ${queries.map((query) => `query ${query}`).join(', ')}`,
    limit === 0 ? '' : `limit: ${limit}`,
  ];
  const sent = [`${method} (${frame.length - PREFIX_BYTES} bytes)`, ...parts.filter((part) => part !== '')].join('\n');
  return { sent: written ? sent : undefined, received: message === '' ? undefined : message };
}
