/**
 * Carries a service as protobuf-es generates it over grpc-js: typed handlers on one side, a typed client on the other.
 * Unary, server-streaming and bidirectional calls; errors are {@link RpcError}s on both sides.
 */
export { LocalToken } from './local-token.ts';
export {
  type CallOptions,
  type ClientStream,
  type ControlAccess,
  createClient,
  type ServiceClient,
} from './rpc-client.ts';
export { type RpcCode, RpcError } from './rpc-error.ts';
export {
  addService,
  SERVER_OPTIONS,
  type ServerCallContext,
  type ServerStream,
  type ServiceHandlers,
} from './rpc-server.ts';
export {
  type ClientTls,
  NAME_FOR_ADDRESSES,
  tlsCredentials,
  unverifiedCredentials,
} from './tls-credentials.ts';
