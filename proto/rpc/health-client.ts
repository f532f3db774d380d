import type * as grpc from '@grpc/grpc-js';
import { service } from 'grpc-health-check';
import { type ControlAccess, openChannel } from './rpc-client.ts';
import { rpcErrorOf } from './rpc-error.ts';

interface HealthResponse {
  /** Such as `SERVING`; the names are those of grpc.health.v1. */
  readonly status: string;
}

/**
 * Asks a server how it is, by the protocol of https://github.com/grpc/grpc/blob/master/doc/health-checking.md.
 * @param address `host:port`
 * @returns its word for the whole server, such as `SERVING`
 * @throws {RpcError} when it cannot be reached, lets the caller not in, or does not answer in time
 */
export async function askHealth(address: string, access: ControlAccess, timeoutMs: number): Promise<string> {
  const { path, requestSerialize, responseDeserialize } = service.Check as grpc.MethodDefinition<
    object,
    HealthResponse
  >;
  const channel = openChannel(address, access);
  try {
    return await new Promise((resolve, reject) => {
      const options = { deadline: Date.now() + timeoutMs };
      channel.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        { service: '' },
        options,
        (error, answer) => {
          if (error) reject(rpcErrorOf(error));
          else resolve(answer?.status ?? 'UNKNOWN');
        },
      );
    });
  } finally {
    channel.close();
  }
}
