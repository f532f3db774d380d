import type { DescMethod, Registry } from '@bufbuild/protobuf';
import { errorMessage } from '../../core/error.ts';
import type { RandomStream } from '../../core/plan/random.ts';
import type { OutcomeDetail, SchemaIssue } from '../../core/plugin.ts';
import { MAX_KEPT_BYTES } from '../../core/text/kept-body.ts';
import { compileTemplate, type FindColumn, type TemplateScope, type Text } from '../data/template.ts';
import { Checks } from '../http/checks.ts';
import { type Answer, type Exchange, type RequestShape, requestShape } from '../http/exchange.ts';
import { Extract } from '../http/extract.ts';
import { inHeader, made } from '../http/operation.ts';
import type { GrpcClient } from './grpc-client.ts';
import { jsonText, MessageEncoder, type PreparedMessage, preparedMessage } from './message-codec.ts';
import { PREFIX_BYTES } from './message-frame.ts';
import { messageTemplate } from './message-template.ts';
import { type OperationOptions, readsOf } from './operation-options.ts';
import { findMethod } from './services.ts';
import { kindOf, STATUS_NAMES, type StatusName } from './status.ts';
import type { UnaryCall, UnaryRequest } from './unary-call.ts';

const WORDS = { header: 'the metadata', body: 'the message' };
/** What takes the place of the message of an answer with another status than OK, which has none. */
const NO_MESSAGE = Buffer.from('null');

/** What all operations of a driver share. */
export interface OperationContext {
  readonly client: GrpcClient;
  readonly registry: Registry;
  /** Metadata of all operations; an operation's own override them. */
  readonly metadata: OperationOptions['metadata'];
  readonly timeoutUs: number;
  readonly maxAnswerBytes: number;
  readonly findColumn: FindColumn;
}

/** What an operation means in the services that the plan's files describe. */
export interface DescribedOperation {
  readonly method: DescMethod;
  readonly message: PreparedMessage;
}

/** @param path of the operation in the driver's options. @returns what is wrong with it, if anything is */
export function describedOperation(
  { method: name, message }: OperationOptions,
  registry: Registry,
  path: readonly string[],
): DescribedOperation | readonly SchemaIssue[] {
  const method = findMethod(registry, name);
  if (typeof method === 'string') return [{ path: [...path, 'method'], message: method }];
  const described = messageTemplate(method.input, message ?? {}, [...path, 'message'], registry);
  if (described.problems.length > 0) return described.problems;
  try {
    return { method, message: preparedMessage(method.input, described, registry) };
  } catch (error) {
    return [{ path: [...path, 'message'], message: errorMessage(error) }];
  }
}

/** One operation of the `grpc` driver: makes its calls and checks what comes back. */
export class GrpcOperation {
  readonly label: string;
  readonly reads: readonly string[];
  /** Positions of the data sets that its placeholders use. */
  readonly sets: readonly number[];
  readonly extract: Extract;
  readonly #metadataChecks: Checks;
  readonly #messageChecks: Checks;
  readonly #wantedStatus: readonly StatusName[];
  readonly #needsMessage: boolean;
  /** Also where an answer with a message may fail without a look at it: whoever reads of the failure wants to see it. */
  readonly #keepsMessage: boolean;
  readonly #method: DescMethod;
  readonly #registry: Registry;
  readonly #encoder: MessageEncoder;
  readonly #headers: Record<string, string>;
  readonly #varyingMetadata: readonly (readonly [name: string, value: Text])[];
  readonly #deadlineMs: number;
  readonly #maxAnswerBytes: number;
  readonly #shape: RequestShape;

  /** @throws whatever `findColumn` throws */
  constructor(options: OperationOptions, { method, message }: DescribedOperation, context: OperationContext) {
    const { checks, extract } = options;
    const sets = new Set<number>();
    const findColumn: FindColumn = (set, column) => {
      const found = context.findColumn(set, column);
      sets.add(found.set);
      return found;
    };
    this.label = options.method;
    this.reads = readsOf(options, context.metadata);
    this.extract = new Extract(extract, (status) => STATUS_NAMES[status] as StatusName);
    this.#metadataChecks = new Checks({ headers: checks.metadata }, WORDS);
    this.#messageChecks = new Checks({ body: checks.message }, WORDS);
    this.#wantedStatus = checks.status;
    this.#needsMessage = this.#messageChecks.needsBody || this.extract.needsBody;
    this.#keepsMessage = this.#needsMessage || this.#metadataChecks.needsHead || !checks.status.includes('OK');
    this.#method = method;
    this.#registry = context.registry;
    this.#encoder = new MessageEncoder(message, findColumn);
    this.#deadlineMs = (options.timeout ?? context.timeoutUs) / 1000;
    this.#maxAnswerBytes = context.maxAnswerBytes;
    const limits = { answerMs: this.#deadlineMs, connectMs: 0 };
    this.#shape = { ...requestShape('', '', limits), label: this.label };
    const written = [...Object.entries(context.metadata), ...Object.entries(options.metadata)];
    const metadata = [...new Map(written.map(([name, value]) => [name.toLowerCase(), value]))].map(
      ([name, value]): [string, Text] => [name, compileTemplate(value, inHeader, findColumn)],
    );
    const fixed = metadata.filter((one): one is [string, string] => typeof one[1] === 'string');
    this.#varyingMetadata = metadata.filter(([, value]) => typeof value !== 'string');
    this.#headers = context.client.headers(`/${options.method}`, this.#deadlineMs, Object.fromEntries(fixed));
    this.sets = [...sets];
  }

  /** @throws when values of placeholders are not what the fields of the message can hold */
  request(scope: TemplateScope, isTraced: boolean): UnaryRequest {
    return {
      headers: this.#headersFor(scope),
      frame: this.#encoder.frame(scope),
      deadlineMs: this.#deadlineMs,
      keepMessage: this.#keepsMessage || isTraced,
      maxAnswerBytes: this.#maxAnswerBytes,
      answerLimit: 'maxAnswerBytes allows',
    };
  }

  /** What a call came to, as the outcome of the operation. */
  judge(call: UnaryCall, exchange: Exchange, variables: Map<string, string>, random: RandomStream): void {
    exchange.begin(call.isSent ? call.request.frame.length - PREFIX_BYTES : 0);
    exchange.status = call.status;
    exchange.bytesReceived = call.messageBytes;
    exchange.written = call.isSent;
    const name = STATUS_NAMES[call.status] as StatusName;
    const kind = kindOf(name);
    const isStatus = call.failure === '' || call.failure === kind;
    if (isStatus && this.#wantedStatus.includes(name)) this.#examine(call, exchange, variables, random);
    else exchange.fail(...this.#failure(call, name));
  }

  /** A call that has ended, as a person reads it. */
  detail(call: UnaryCall): OutcomeDetail {
    const { headers, frame } = call.request;
    const { ':path': path, ':method': method, ':authority': authority, ':scheme': _, ...others } = headers;
    const sent = [`${method} ${path} HTTP/2`, `host: ${authority}`, ...lines(others)].join('\r\n');
    const hasAnswer = call.headers[':status'] !== undefined;
    const received = [STATUS_NAMES[call.status], ...lines(metadataOf(call))].join('\r\n');
    return {
      sent: call.isSent ? `${sent}\r\n\r\n${this.#readable('input', frame.subarray(PREFIX_BYTES))}` : undefined,
      received: hasAnswer ? `${received}\r\n\r\n${this.#answerText(call)}` : undefined,
    };
  }

  #answerText({ status, failure, message, messageBytes }: UnaryCall): string {
    if (messageBytes > message.length) return `(${messageBytes} bytes, not kept)`;
    if (messageBytes > MAX_KEPT_BYTES) return `(${messageBytes} bytes)`;
    // An empty message has no bytes.
    return status === 0 && failure === '' ? this.#readable('output', message) : '';
  }

  /** @returns the kind, and what happened */
  #failure({ failure, status, reason }: UnaryCall, name: StatusName): [kind: string, message: string] {
    const said = reason === '' ? '' : `: ${reason}`;
    if (failure !== '') return [failure, `${this.label}${said}`];
    if (status !== 0) return [kindOf(name), `${this.label}: the server answered ${name}${said}`];
    return ['check_failed', `${this.label}: the status is OK, not ${this.#wantedStatus.join(' or ')}`];
  }

  #headersFor(scope: TemplateScope): Readonly<Record<string, string>> {
    if (this.#varyingMetadata.length === 0) return this.#headers;
    const headers = { ...this.#headers };
    for (const [name, value] of this.#varyingMetadata) headers[name] = made(value, scope);
    return headers;
  }

  #examine(call: UnaryCall, exchange: Exchange, variables: Map<string, string>, random: RandomStream): void {
    let body = NO_MESSAGE;
    if (this.#needsMessage && call.message.length > MAX_KEPT_BYTES) {
      const kind = this.#messageChecks.needsBody ? 'check_failed' : 'extract_failed';
      exchange.fail(
        kind,
        `${this.label}: the message has ${call.message.length} bytes, more than the 1 MiB that is read`,
      );
      return;
    }
    try {
      if (this.#needsMessage && call.status === 0) {
        body = Buffer.from(jsonText(this.#method.output, call.message, this.#registry));
      }
    } catch (error) {
      const reason = `the answer is no ${this.#method.output.typeName}: ${errorMessage(error)}`;
      exchange.fail('internal', `${this.label}: ${reason}`);
      return;
    }
    const needsHead = this.#metadataChecks.needsHead || this.extract.needsHead;
    const headText = needsHead ? `\r\n${lines(metadataOf(call)).join('\r\n')}\r\n` : '';
    const answer: Answer = { headText, contentEncoding: '', body, bodyBytes: body.length };
    const problem =
      this.#metadataChecks.problemOf(answer) ?? (call.status === 0 ? this.#messageChecks.problemOf(answer) : undefined);
    if (problem !== undefined) exchange.fail('check_failed', `${this.label}: ${problem}`);
    else if (this.extract.names.length > 0) this.extract.apply(exchange, answer, this.#shape, variables, random);
  }

  #readable(side: 'input' | 'output', bytes: Buffer): string {
    try {
      return jsonText(this.#method[side], bytes, this.#registry);
    } catch {
      return '(not readable)';
    }
  }
}

function metadataOf({ headers, trailers }: UnaryCall): Readonly<Record<string, string | string[] | undefined>> {
  const { ':status': _, ...all } = { ...headers, ...trailers };
  return all;
}

/** Metadata with several values have a line for each. */
function lines(metadata: Readonly<Record<string, string | string[] | undefined>>): string[] {
  return Object.entries(metadata).flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${one}`));
}
