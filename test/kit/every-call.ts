import * as grpc from '@grpc/grpc-js';
import { NAME_FOR_ADDRESSES } from '../../proto/adapter.ts';
import { AgentService } from '../../proto/gen/bench/v1/agent_pb.ts';
import { EnrollService } from '../../proto/gen/bench/v1/enroll_pb.ts';
import { RunService } from '../../proto/gen/bench/v1/run_pb.ts';

/** All that control serves, and a path that it does not. */
export const PATHS: readonly string[] = [
  ...[AgentService, RunService, EnrollService].flatMap((service) =>
    service.methods.map(({ name }) => `/${service.typeName}/${name}`),
  ),
  '/grpc.health.v1.Health/Check',
  '/grpc.health.v1.Health/Watch',
  '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
  '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo',
  '/bench.v1.Nothing/AtAll',
];

/** Makes each call with an empty message. @returns by path the status, and how many messages came before it */
export async function everyCall(
  address: string,
  credentials: grpc.ChannelCredentials,
  options: grpc.ClientOptions = {},
): Promise<Record<string, string>> {
  const client = new grpc.Client(address, credentials, {
    'grpc.ssl_target_name_override': NAME_FOR_ADDRESSES,
    ...options,
  });
  const pass = (bytes: Buffer) => bytes;
  const results: Record<string, string> = {};
  for (const path of PATHS) {
    results[path] = await new Promise((resolve) => {
      let messages = 0;
      const call = client.makeBidiStreamRequest(path, pass, pass, { deadline: Date.now() + 5000 });
      call.on('data', () => {
        messages++;
      });
      call.on('error', () => {});
      call.on('status', ({ code }: grpc.StatusObject) => resolve(`${grpc.status[code]} ${messages}`));
      call.end(Buffer.alloc(0));
    });
  }
  client.close();
  return results;
}
