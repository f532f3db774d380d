import { setTimeout as sleep } from 'node:timers/promises';
import { create, type DescMessage, type MessageInitShape, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { PluginError, type StepContext } from '../../core/plugin.ts';
import { oneLine } from '../../core/text/printable.ts';
import * as messages from '../../proto/gen/milvus/v1/milvus_pb.ts';
import { type GrpcCaller, type GrpcClient, openGrpcClient } from '../grpc/grpc-client.ts';
import { messageFrame } from '../grpc/message-frame.ts';
import { kindOf, STATUS_NAMES, type StatusName } from '../grpc/status.ts';
import type { UnaryCall } from '../grpc/unary-call.ts';
import { outsideLoad } from '../verify/target-text.ts';
import { decodeAnswer } from './answer-reader.ts';
import { errorKind, mayPass } from './error-kinds.ts';
import { type MilvusOptions, milvusAddress, milvusMetadata, milvusSettings } from './options.ts';

const SERVICE = '/milvus.proto.milvus.MilvusService/';
/** The limit of one call of a step. To load or to flush much takes long, but a call only begins that. */
const DEADLINE_MS = 120_000;
const STEP_CALL = { deadlineMs: DEADLINE_MS, keepMessage: true, answerLimit: 'such an answer can have' } as const;
/** A status, a state or a count. */
const ANSWER_BYTES = 256 << 10;
/** What has more: the nearest rows are a property of a collection, and a collection may have many segments. */
const LONGER_ANSWERS: Readonly<Record<string, number>> = { DescribeCollection: 8 << 20, Flush: 1 << 20 };
const RETRY_MS = 1000;
const RETRIES = 60;

/** The path of a method. */
export function methodPath(name: string): string {
  return SERVICE + name;
}

/** The methods that steps call: what they take, and what they give. */
const METHODS = {
  AlterCollection: [messages.CollectionRequestSchema, messages.StatusSchema],
  CreateCollection: [messages.CreateCollectionRequestSchema, messages.StatusSchema],
  CreateIndex: [messages.IndexRequestSchema, messages.StatusSchema],
  CreatePartition: [messages.CreatePartitionRequestSchema, messages.StatusSchema],
  DescribeCollection: [messages.CollectionRequestSchema, messages.DescribeCollectionResponseSchema],
  DescribeIndex: [messages.IndexRequestSchema, messages.DescribeIndexResponseSchema],
  DropCollection: [messages.CollectionRequestSchema, messages.StatusSchema],
  Flush: [messages.FlushRequestSchema, messages.FlushResponseSchema],
  GetCompactionState: [messages.CompactionRequestSchema, messages.StateResponseSchema],
  GetFlushState: [messages.GetFlushStateRequestSchema, messages.GetFlushStateResponseSchema],
  GetLoadingProgress: [messages.LoadingRequestSchema, messages.StateResponseSchema],
  GetLoadState: [messages.LoadingRequestSchema, messages.StateResponseSchema],
  LoadCollection: [messages.CollectionRequestSchema, messages.StatusSchema],
  ManualCompaction: [messages.CompactionRequestSchema, messages.ManualCompactionResponseSchema],
  Query: [messages.QueryRequestSchema, messages.QueryResultsSchema],
} as const satisfies Readonly<Record<string, readonly [DescMessage, DescMessage]>>;

type Methods = typeof METHODS;

/** What a server, or the way to it, has refused. */
export class MilvusError extends PluginError {
  override readonly name = 'MilvusError';
  /** As outcomes have it, such as `collection_missing` or `connection_refused`. */
  readonly kind: string;

  /** @param reason what the server, or the way to it, says: a sentence without a full stop */
  constructor(method: string, kind: string, reason: string) {
    super(`Milvus, ${method}: ${reason === '' ? kind : `${oneLine(reason)} (${kind})`}`);
    this.kind = kind;
  }
}

/** What a call failed with; undefined for one that was answered with OK. What the answer itself says is another matter. */
export function callFailure({ failure, status, reason }: UnaryCall): { kind: string; reason: string } | undefined {
  if (failure === '' && status === 0) return undefined;
  return { kind: failure === '' ? kindOf(STATUS_NAMES[status] as StatusName) : failure, reason };
}

/** Calls Milvus outside the load. */
export class MilvusClient {
  readonly #client: GrpcClient;
  readonly #caller: GrpcCaller;
  readonly #metadata: Readonly<Record<string, string>>;
  readonly #signal: AbortSignal;

  constructor(client: GrpcClient, metadata: Readonly<Record<string, string>>, signal: AbortSignal, n = 0) {
    this.#client = client;
    this.#caller = client.join(n);
    this.#metadata = metadata;
    this.#signal = signal;
  }

  /** For calls beside the others, on a connection of its own. Closed by its caller. @param signal cuts them off */
  beside(n: number, signal: AbortSignal): MilvusClient {
    return new MilvusClient(this.#client, this.#metadata, signal, n);
  }

  /**
   * Does it again while it fails with what may pass, for a minute.
   * @param attempt is told how often it has failed
   */
  async retrying<Result>(attempt: (failures: number) => Promise<Result>): Promise<Result> {
    for (let failures = 0; ; failures++) {
      try {
        return await attempt(failures);
      } catch (error) {
        if (!(error instanceof MilvusError) || !mayPass(error.kind) || failures === RETRIES) throw error;
        await sleep(RETRY_MS, undefined, { signal: this.#signal });
      }
    }
  }

  /** As {@link call}, {@link retrying}: for what may be carried out twice. */
  insist<Name extends keyof Methods>(
    name: Name,
    request: MessageInitShape<Methods[Name][0]>,
  ): Promise<MessageShape<Methods[Name][1]>> {
    return this.retrying(() => this.call(name, request));
  }

  /** @throws {MilvusError} and the signal's reason */
  async call<Name extends keyof Methods>(
    name: Name,
    request: MessageInitShape<Methods[Name][0]>,
  ): Promise<MessageShape<Methods[Name][1]>> {
    const [input, output] = METHODS[name] as Methods[Name];
    const frame = messageFrame(toBinary<DescMessage>(input, create<DescMessage>(input, request)));
    const bytes = await this.send(name, frame, LONGER_ANSWERS[name] ?? ANSWER_BYTES);
    const answer = decoded(name, () => decodeAnswer<DescMessage>(output, bytes) as MessageShape<Methods[Name][1]>);
    const { status } = answer as { status?: messages.Status };
    checkStatus(name, output === messages.StatusSchema ? (answer as messages.Status) : status);
    return answer;
  }

  /**
   * @param frame a request as bytes
   * @param maxAnswerBytes how many the answer may have
   * @returns the answer, whatever its status says
   */
  async send(name: string, frame: Buffer, maxAnswerBytes: number): Promise<Buffer> {
    this.#signal.throwIfAborted();
    const headers = this.#client.headers(methodPath(name), DEADLINE_MS, this.#metadata);
    const call = await this.#caller.call({ headers, frame, maxAnswerBytes, ...STEP_CALL }, this.#signal);
    this.#signal.throwIfAborted();
    const failure = callFailure(call);
    if (failure !== undefined) throw new MilvusError(name, failure.kind, failure.reason);
    return call.message;
  }

  close(): void {
    this.#caller.close();
  }
}

/** @param read decodes an answer. @throws {MilvusError} for bytes that are none */
export function decoded<Answer>(method: string, read: () => Answer): Answer {
  try {
    return read();
  } catch {
    throw new MilvusError(method, 'protocol_error', 'the answer is not that of a Milvus');
  }
}

/** @throws {MilvusError} for one that tells of an error */
export function checkStatus(method: string, status: messages.Status | undefined): void {
  const kind = status === undefined ? '' : errorKind(status);
  if (kind !== '') throw new MilvusError(method, kind, status?.reason ?? '');
}

/**
 * Calls Milvus in a step of a run.
 * @throws {PluginError} when it cannot be reached, and whatever `use` throws
 */
export async function withMilvus<Result>(
  options: MilvusOptions,
  context: StepContext,
  use: (client: MilvusClient) => Promise<Result>,
): Promise<Result> {
  const grpc = await openGrpcClient(milvusAddress(options, context), milvusSettings(options), outsideLoad(context));
  const client = new MilvusClient(grpc, milvusMetadata(options), context.signal);
  try {
    return await use(client);
  } finally {
    client.close();
    grpc.close();
  }
}
