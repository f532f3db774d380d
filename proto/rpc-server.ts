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
import { MessageQueue } from './message-queue.ts';
import { RpcError, statusOf } from './rpc-error.ts';
import {
  CLIENT_MESSAGE_LIMIT_BYTES,
  MAX_STREAMS,
  MAX_UNSENT_MESSAGES,
  MAX_WAITING_MESSAGES,
  methodDefinition,
  SERVER_CUT_OFF_BYTES,
  UnreadableRequest,
} from './rpc-method.ts';

/** For `new grpc.Server(SERVER_OPTIONS)`. No keepalive pings: they kill calls in flight while a server shuts down. */
export const SERVER_OPTIONS: grpc.ServerOptions = {
  'grpc.max_receive_message_length': SERVER_CUT_OFF_BYTES,
  'grpc.max_send_message_length': CLIENT_MESSAGE_LIMIT_BYTES,
  'grpc.max_concurrent_streams': MAX_STREAMS,
  // Its bookkeeping of each message is read by nobody.
  'grpc.enable_channelz': 0,
};

export interface ServerCallContext {
  /** Aborted when the client went away or its deadline has passed. */
  readonly signal: AbortSignal;
  /** The client's address. */
  readonly peer: string;
  /** Serial number of the client's certificate; empty without one. */
  readonly certificate: string;
}

export interface ServerStream<Incoming, Outgoing> extends ServerCallContext {
  /**
   * For one `for await`; ends when the client ends its side or goes away, and throws an `RpcError` when it sends what
   * cannot be read.
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
      ? (request: MessageShape<Input>, context: ServerCallContext) => AsyncIterable<MessageInitShape<Output>>
      : Method extends DescMethodBiDiStreaming<infer Input, infer Output>
        ? /** The call ends when the promise settles. */
          (stream: ServerStream<MessageShape<Input>, MessageInitShape<Output>>) => Promise<void>
        : never;

export type ServiceHandlers<Service extends DescService> = {
  [Name in keyof Service['method']]: Handler<Service['method'][Name]>;
};

/** Makes a grpc-js server answer a service's calls. A handler that throws an `RpcError` chooses the status; else it is INTERNAL. */
export function addService<Service extends DescService>(
  server: grpc.Server,
  service: Service,
  handlers: ServiceHandlers<Service>,
): void {
  const implementation: grpc.UntypedServiceImplementation = {};
  for (const method of service.methods) {
    const handler = handlers[method.localName as keyof Service['method']];
    implementation[method.localName] = serverMethod(method, handler);
  }
  server.addService(definitionOf(service), implementation);
}

function serverMethod(method: DescMethod, handler: unknown): grpc.UntypedHandleCall {
  if (method.methodKind === 'unary') {
    const answer = handler as (request: Message, context: ServerCallContext) => object | Promise<object>;
    return (call: grpc.ServerUnaryCall<Message, object>, callback: grpc.sendUnaryData<object>) => {
      const run = async () => answer(readable(call.request), contextOf(call));
      run().then(
        (response) => callback(null, response),
        (error: unknown) => callback(statusOf(error)),
      );
    };
  }
  if (method.methodKind === 'server_streaming') {
    const stream = handler as (request: Message, context: ServerCallContext) => AsyncIterable<object>;
    return (call: grpc.ServerWritableStream<Message, object>) => {
      const context = contextOf(call);
      void finish(call, context, async () => {
        for await (const response of stream(readable(call.request), context)) {
          if (context.signal.aborted) return;
          if (!call.write(response)) await drained(call, context.signal);
        }
      });
    };
  }
  const session = handler as (stream: ServerStream<Message, object>) => Promise<void>;
  return (call: grpc.ServerDuplexStream<Message, object>) => {
    const context = contextOf(call);
    const messages = new MessageQueue<Message>((waiting) => {
      if (waiting === 0 && call.isPaused()) call.resume();
    });
    call.on('data', (message: Message | UnreadableRequest) => {
      if (message instanceof UnreadableRequest) return messages.fail(unreadable(message));
      messages.push(message);
      if (messages.waiting >= MAX_WAITING_MESSAGES) call.pause();
    });
    call.on('end', () => messages.end());
    call.on('error', () => messages.end());
    call.on('close', () => messages.end());
    context.signal.addEventListener('abort', () => messages.end());
    const send = (message: object) => {
      if (context.signal.aborted || call.writableEnded || call.destroyed) return;
      call.write(message);
      // Destroying the call drops what waits: its client could make the queue grow without end.
      if (call.writableLength > MAX_UNSENT_MESSAGES) call.destroy();
    };
    void finish(call, context, () => session({ ...context, messages, send, close: () => messages.end() }));
  };
}

/** @throws {RpcError} */
function readable(request: Message | UnreadableRequest): Message {
  if (request instanceof UnreadableRequest) throw unreadable(request);
  return request;
}

function unreadable({ sentence }: UnreadableRequest): RpcError {
  return new RpcError('INVALID_ARGUMENT', sentence);
}

interface CancellableCall {
  readonly cancelled: boolean;
  getPeer(): string;
  getAuthContext(): object | null;
  on(event: 'cancelled', listener: () => void): unknown;
}

function contextOf(call: CancellableCall) {
  const gone = new AbortController();
  if (call.cancelled) gone.abort();
  call.on('cancelled', () => gone.abort());
  const { sslPeerCertificate } = (call.getAuthContext() ?? {}) as { sslPeerCertificate?: { serialNumber: string } };
  const certificate = sslPeerCertificate?.serialNumber ?? '';
  return { signal: gone.signal, peer: call.getPeer(), certificate } satisfies ServerCallContext;
}

async function finish(
  call: { end(): unknown; emit(event: 'error', status: ReturnType<typeof statusOf>): boolean },
  { signal }: ServerCallContext,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
    if (!signal.aborted) call.end();
  } catch (error) {
    if (!signal.aborted) call.emit('error', statusOf(error));
  }
}

function drained(call: grpc.ServerWritableStream<Message, object>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      call.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    call.on('drain', done);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}

function definitionOf(service: DescService): grpc.ServiceDefinition {
  return Object.fromEntries(service.methods.map((method) => [method.localName, methodDefinition(service, method)]));
}
