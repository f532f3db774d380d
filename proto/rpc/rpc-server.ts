import type {
  DescMethod,
  DescMethodBiDiStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
  Message,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf';
import type * as grpc from '@grpc/grpc-js';
import { errorMessage } from '../../core/error.ts';
import { type CallOfSomebody, callerOf } from './caller.ts';
import { CallerTurns } from './caller-turns.ts';
import { MessageQueue } from './message-queue.ts';
import { RpcError, statusOf } from './rpc-error.ts';
import {
  CLIENT_MESSAGE_LIMIT_BYTES,
  encoder,
  MAX_STREAMS,
  MAX_WAITING_BYTES,
  MAX_WAITING_MESSAGES,
  methodDefinition,
  requestBytes,
  SERVER_CUT_OFF_BYTES,
  UnreadableRequest,
} from './rpc-method.ts';
import { cutOff, MAX_WAITING_SEND_BYTES, SendQueue, whenClosed } from './send-queue.ts';

/** For `new grpc.Server(SERVER_OPTIONS)`. No keepalive pings: they kill calls in flight while a server shuts down. */
export const SERVER_OPTIONS: grpc.ServerOptions = {
  'grpc.max_receive_message_length': SERVER_CUT_OFF_BYTES,
  'grpc.max_send_message_length': CLIENT_MESSAGE_LIMIT_BYTES,
  'grpc.max_concurrent_streams': MAX_STREAMS,
  // Its bookkeeping of each message is read by nobody.
  'grpc.enable_channelz': 0,
};

/**
 * How many unary calls of one caller are worked on, or have answers on their way, at the same time; more of them wait. A list of
 * a thousand runs has megabytes, and a caller can open any number of calls, take them back at once, or read no answer.
 */
const MAX_UNARY_CALLS = 16;

export interface ServerCallContext {
  /** Aborted when the client went away or its deadline has passed. */
  readonly signal: AbortSignal;
  /** The client's address. */
  readonly peer: string;
  /** Serial number of the client's certificate; empty without one. */
  readonly certificate: string;
}

export interface ServerStreamingContext extends ServerCallContext {
  /** Resets the call, with all that waits to be sent: for a client that takes nothing. It then counts as gone. */
  readonly cutOff: () => void;
}

export interface ServerStream<Incoming, Outgoing> extends ServerCallContext {
  /**
   * For one `for await`; ends when the client ends its side or goes away. Throws an `RpcError` when it sends what cannot be
   * read (INVALID_ARGUMENT), and when it takes nothing while more and more is sent to it (RESOURCE_EXHAUSTED).
   */
  readonly messages: AsyncIterable<Incoming>;
  /** Ignored when the client is gone. A client that does not read is cut off, and counts as gone. */
  send(message: Outgoing): void;
  /** Reads no more: `messages` ends after those that have come. */
  close(): void;
}

type Handler<Method> =
  Method extends DescMethodUnary<infer Input, infer Output>
    ? (
        request: MessageShape<Input>,
        context: ServerCallContext,
      ) => MessageInitShape<Output> | Promise<MessageInitShape<Output>>
    : Method extends DescMethodServerStreaming<infer Input, infer Output>
      ? (request: MessageShape<Input>, context: ServerStreamingContext) => AsyncIterable<MessageInitShape<Output>>
      : Method extends DescMethodBiDiStreaming<infer Input, infer Output>
        ? /** The call ends when the promise settles. */
          (stream: ServerStream<MessageShape<Input>, MessageInitShape<Output>>) => Promise<void>
        : never;

export type ServiceHandlers<Service extends DescService> = {
  [Name in keyof Service['method']]: Handler<Service['method'][Name]>;
};

/** Told of what goes wrong in a call and is not the caller's fault, with the error behind it. */
export type ReportFault = (sentence: string, error: unknown) => void;

/**
 * Makes a grpc-js server answer a service's calls. A handler that throws an `RpcError` chooses the status; any other error is
 * reported, and INTERNAL to the caller. A response that cannot be encoded fails a unary call; of a stream it is left out. A
 * server-streaming handler is asked for the next response when the one before has left. Unary calls of one caller are answered
 * {@link MAX_UNARY_CALLS} at a time.
 */
export function addService<Service extends DescService>(
  server: grpc.Server,
  service: Service,
  handlers: ServiceHandlers<Service>,
  report: ReportFault = () => {},
): void {
  const implementation: grpc.UntypedServiceImplementation = {};
  const turns = new CallerTurns(MAX_UNARY_CALLS);
  for (const method of service.methods) {
    const handler = handlers[method.localName as keyof Service['method']];
    implementation[method.localName] = serverMethod(
      method,
      handler,
      faultsOf(`${service.typeName}/${method.name}`, report),
      turns,
    );
  }
  server.addService(definitionOf(service), implementation);
}

interface Faults {
  failed(error: unknown): void;
  leftOut(error: unknown): void;
}

function faultsOf(method: string, report: ReportFault): Faults {
  return {
    failed: (error) => {
      if (!(error instanceof RpcError)) report(`${method} failed: ${errorMessage(error)}`, error);
    },
    leftOut: (error) => report(`${method} left a message out: ${errorMessage(error)}`, error),
  };
}

function serverMethod(
  method: DescMethod,
  handler: unknown,
  faults: Faults,
  turns: CallerTurns,
): grpc.UntypedHandleCall {
  const encode = encoder(method.output);
  if (method.methodKind === 'unary') {
    const answer = handler as (request: Message, context: ServerCallContext) => object | Promise<object>;
    return (call: grpc.ServerUnaryCall<Message, object>, callback: grpc.sendUnaryData<object>) => {
      const context = contextOf(call);
      void turns.wait(context, context.signal).then(async (isTurn) => {
        if (!isTurn) return;
        try {
          callback(null, encode(await answer(readable(call.request), context)));
          limitEnd(call, context);
        } catch (error) {
          faults.failed(error);
          callback(statusOf(error));
        }
        // A caller that has gone away leaves work behind, and one that reads nothing its answer.
        whenClosed(call, () => turns.end(context));
      });
    };
  }
  if (method.methodKind === 'server_streaming') {
    const stream = handler as (request: Message, context: ServerStreamingContext) => AsyncIterable<object>;
    return (call: grpc.ServerWritableStream<Message, object>) => {
      const context = contextOf(call);
      const queue = new SendQueue(call, encode, faults.leftOut, () => cutOff(call));
      void finish(call, context, faults, async () => {
        const streaming = { ...context, cutOff: () => cutOff(call) };
        for await (const response of stream(readable(call.request), streaming)) {
          if (context.signal.aborted) return;
          await unlessAborted(queue.send(response), context.signal);
        }
      });
    };
  }
  const session = handler as (stream: ServerStream<Message, object>) => Promise<void>;
  return (call: grpc.ServerDuplexStream<Message, object>) => {
    const context = contextOf(call);
    let waitingBytes = 0;
    const messages = new MessageQueue<Message>((waiting, taken) => {
      waitingBytes -= requestBytes.get(taken) ?? 0;
      if (waiting === 0 && call.isPaused()) call.resume();
    });
    call.on('data', (message: Message | UnreadableRequest) => {
      if (messages.hasEnded) return;
      if (message instanceof UnreadableRequest) return messages.fail(unreadable(message));
      messages.push(message);
      waitingBytes += requestBytes.get(message) ?? 0;
      if (messages.waiting >= MAX_WAITING_MESSAGES || waitingBytes >= MAX_WAITING_BYTES) call.pause();
    });
    call.on('end', () => messages.end());
    call.on('error', () => messages.end());
    context.signal.addEventListener('abort', () => messages.end());
    const queue = new SendQueue(call, encode, faults.leftOut, () => {
      messages.fail(new RpcError('RESOURCE_EXHAUSTED', STALLED));
      cutOff(call);
    });
    const send = (message: object) => {
      if (!context.signal.aborted) queue.push(message);
    };
    // The answer may wait for a caller that reads nothing: what that one still sends is thrown away, and does not wait with it.
    const close = () => {
      messages.end();
      call.resume();
    };
    void finish(call, context, faults, () => session({ ...context, messages, send, close }).finally(close));
  };
}

const STALLED = `it does not read what it is sent, and more than ${MAX_WAITING_SEND_BYTES / 1024 / 1024} MB wait for it`;

/** @throws {RpcError} */
function readable(request: Message | UnreadableRequest): Message {
  if (request instanceof UnreadableRequest) throw unreadable(request);
  return request;
}

function unreadable({ sentence }: UnreadableRequest): RpcError {
  return new RpcError('INVALID_ARGUMENT', sentence);
}

interface CancellableCall extends CallOfSomebody {
  readonly cancelled: boolean;
  on(event: 'cancelled', listener: () => void): unknown;
}

function contextOf(call: CancellableCall) {
  const gone = new AbortController();
  if (call.cancelled) gone.abort();
  call.on('cancelled', () => gone.abort());
  return { signal: gone.signal, ...callerOf(call) } satisfies ServerCallContext;
}

async function finish(
  call: { end(): unknown; emit(event: 'error', status: ReturnType<typeof statusOf>): boolean },
  context: ServerCallContext,
  faults: Faults,
  work: () => Promise<void>,
): Promise<void> {
  const { signal } = context;
  try {
    await work();
    if (!signal.aborted) call.end();
  } catch (error) {
    faults.failed(error);
    if (!signal.aborted) call.emit('error', statusOf(error));
  }
  limitEnd(call, context);
}

/** How long a peer may take for what is on its way to it when a call has ended here. */
const END_LIMIT_MS = 60_000;

function limitEnd(call: object, { signal }: ServerCallContext): void {
  if (signal.aborted) return;
  const timer = setTimeout(() => cutOff(call), END_LIMIT_MS);
  timer.unref?.();
  signal.addEventListener('abort', () => clearTimeout(timer));
}

/** Settles when the work does, or when the signal is aborted. */
function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return resolve();
    const done = () => resolve();
    signal.addEventListener('abort', done);
    work.then(done, reject).finally(() => signal.removeEventListener('abort', done));
  });
}

function definitionOf(service: DescService): grpc.ServiceDefinition {
  return Object.fromEntries(service.methods.map((method) => [method.localName, methodDefinition(service, method)]));
}
