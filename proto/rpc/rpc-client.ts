import { isIP } from 'node:net';
import type {
  DescMethod,
  DescMethodBiDiStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf';
import * as grpc from '@grpc/grpc-js';
import { hostOf } from '../address.ts';
import { LocalToken } from './local-token.ts';
import { MessageQueue } from './message-queue.ts';
import { RpcError, rpcErrorOf } from './rpc-error.ts';
import {
  CLIENT_MESSAGE_LIMIT_BYTES,
  MAX_WAITING_MESSAGES,
  methodDefinition,
  SERVER_CUT_OFF_BYTES,
} from './rpc-method.ts';
import { NAME_FOR_ADDRESSES } from './tls-credentials.ts';
import { OwnConnection, tokenInterceptor } from './token-interceptor.ts';

const CHANNEL_OPTIONS: grpc.ChannelOptions = {
  'grpc.max_receive_message_length': CLIENT_MESSAGE_LIMIT_BYTES,
  'grpc.max_send_message_length': SERVER_CUT_OFF_BYTES,
  // The library's own back-off goes up to two minutes: too long for an agent whose control was restarted.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2000,
  // So that a client that was closed leaves no connection, and no back-off, to the next one.
  'grpc.use_local_subchannel_pool': 1,
  // Its bookkeeping of each message is read by nobody.
  'grpc.enable_channelz': 0,
  // An `http_proxy` of the environment is meant for the web.
  'grpc.enable_http_proxy': 0,
};

const KEEPALIVE: grpc.ChannelOptions = {
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 10_000,
};

/** How a client gets in: with TLS credentials, or with the token of a control without TLS. */
export type ControlAccess = grpc.ChannelCredentials | LocalToken;

export interface ClientOptions {
  /**
   * For those who wait for long and say nothing: a link that is dead without a word fails their calls with UNAVAILABLE,
   * within 20 s.
   */
  readonly keepalive?: boolean;
}

export interface CallOptions {
  /** Cancels the call, which then fails with code CANCELLED. */
  readonly signal?: AbortSignal | undefined;
  /** The call fails with DEADLINE_EXCEEDED after this many milliseconds. */
  readonly timeoutMs?: number | undefined;
}

export interface ClientStream<Incoming, Outgoing> {
  /** For one `for await`; throws an `RpcError` when the call fails. */
  readonly messages: AsyncIterable<Incoming>;
  /** Returns false when messages pile up because the network is slower. Ignored after the end. */
  send(message: Outgoing): boolean;
  /** No more messages will be sent; the server's may still come. */
  end(): void;
  /** Cuts the call off; `messages` then fails with code CANCELLED. */
  cancel(): void;
}

type ClientMethod<Method> =
  Method extends DescMethodUnary<infer Input, infer Output>
    ? (request: MessageInitShape<Input>, options?: CallOptions) => Promise<MessageShape<Output>>
    : Method extends DescMethodServerStreaming<infer Input, infer Output>
      ? /** Leaving the loop cancels the call. */
        (request: MessageInitShape<Input>, options?: CallOptions) => AsyncIterable<MessageShape<Output>>
      : Method extends DescMethodBiDiStreaming<infer Input, infer Output>
        ? (options?: CallOptions) => ClientStream<MessageShape<Output>, MessageInitShape<Input>>
        : never;

export type ServiceClient<Service extends DescService> = {
  readonly [Name in keyof Service['method']]: ClientMethod<Service['method'][Name]>;
} & {
  /** Ends the connection; calls in flight fail, and those that are made later with UNAVAILABLE. */
  close(): void;
};

/**
 * @param address `host:port`
 * @param access default: without TLS, and without a token
 */
export function createClient<Service extends DescService>(
  service: Service,
  address: string,
  access: ControlAccess = grpc.credentials.createInsecure(),
  { keepalive = false }: ClientOptions = {},
): ServiceClient<Service> {
  const channel = openChannel(address, access, keepalive);
  const methods: Record<string, unknown> = { close: () => channel.close() };
  for (const method of service.methods) methods[method.localName] = clientMethod(channel, service, method);
  return methods as ServiceClient<Service>;
}

/** @param access how to get in: with TLS credentials, or with the token of a control without TLS */
export function openChannel(address: string, access: ControlAccess, keepalive = false): grpc.Client {
  const named = isIP(hostOf(address)) === 0 ? {} : { 'grpc.ssl_target_name_override': NAME_FOR_ADDRESSES };
  const options = { ...CHANNEL_OPTIONS, ...named, ...(keepalive ? KEEPALIVE : {}) };
  if (!(access instanceof LocalToken)) return new grpc.Client(address, access, options);
  const connection = new OwnConnection();
  const interceptors = [tokenInterceptor(access, connection)];
  return new grpc.Client(access.address, connection.credentials, { ...options, interceptors });
}

function clientMethod(channel: grpc.Client, service: DescService, method: DescMethod): unknown {
  const { path, requestSerialize, responseDeserialize } = methodDefinition(service, method);
  if (method.methodKind === 'unary') {
    return (request: object, options: CallOptions = {}) =>
      new Promise((resolve, reject) => {
        refuseClosed(channel);
        const call = channel.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          request,
          callOptions(options),
          (error, response) => (error ? reject(rpcErrorOf(error)) : resolve(response)),
        );
        cancelOn(call, options.signal);
      });
  }
  if (method.methodKind === 'server_streaming') {
    return (request: object, options: CallOptions = {}) => {
      refuseClosed(channel);
      const call = channel.makeServerStreamRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        callOptions(options),
      );
      cancelOn(call, options.signal);
      return incoming(call);
    };
  }
  return (options: CallOptions = {}) => {
    refuseClosed(channel);
    const call = channel.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, callOptions(options));
    cancelOn(call, options.signal);
    return {
      messages: incoming(call),
      send: (message: object) => !call.writableEnded && !call.destroyed && call.write(message),
      end: () => call.end(),
      cancel: () => call.cancel(),
    };
  };
}

/** The library would throw an error without a status. @throws {RpcError} UNAVAILABLE */
function refuseClosed(channel: grpc.Client): void {
  if (channel.getChannel().getConnectivityState(false) !== grpc.connectivityState.SHUTDOWN) return;
  throw new RpcError('UNAVAILABLE', 'the connection was closed');
}

function incoming(call: grpc.ClientReadableStream<object> | grpc.ClientDuplexStream<object, object>) {
  const messages = new MessageQueue<object>(
    (waiting) => {
      if (waiting === 0 && call.isPaused()) call.resume();
    },
    () => call.cancel(),
  );
  call.on('data', (message: object) => {
    messages.push(message);
    if (messages.waiting >= MAX_WAITING_MESSAGES) call.pause();
  });
  call.on('end', () => messages.end());
  call.on('error', (error: unknown) => messages.fail(rpcErrorOf(error)));
  return messages;
}

function callOptions({ timeoutMs }: CallOptions): grpc.CallOptions {
  return timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
}

function cancelOn(
  call: { cancel(): void; once(event: 'status', listener: () => void): unknown },
  signal?: AbortSignal,
) {
  if (signal === undefined) return;
  const cancel = () => call.cancel();
  signal.addEventListener('abort', cancel);
  call.once('status', () => signal.removeEventListener('abort', cancel));
  if (signal.aborted) cancel();
}
