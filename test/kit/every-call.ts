import * as grpc from '@grpc/grpc-js';
import { AgentService } from '../../proto/gen/bench/v1/agent_pb.ts';
import { EnrollService } from '../../proto/gen/bench/v1/enroll_pb.ts';
import { RunService } from '../../proto/gen/bench/v1/run_pb.ts';
import { NAME_FOR_ADDRESSES } from '../../proto/rpc/adapter.ts';

/** All that control serves, and a path that it does not. */
export const PATHS: readonly string[] = [
  ...[AgentService, RunService, EnrollService].flatMap((service) =>
    service.methods.map(({ name }) => `/${service.typeName}/${name}`),
  ),
  '/grpc.health.v1.Health/Check',
  '/grpc.health.v1.Health/List',
  '/grpc.health.v1.Health/Watch',
  '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
  '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo',
  '/bench.v1.Nothing/AtAll',
];

/** What a call comes to. */
export interface Answer {
  /** The status, and how many messages came before it, such as `OK 1`. */
  readonly came: string;
  /** What control said with the status. */
  readonly details: string;
}

/** Makes each call with an empty message. @returns the answers by path */
export async function everyCall(
  address: string,
  credentials: grpc.ChannelCredentials,
  options: grpc.ClientOptions = {},
): Promise<Record<string, Answer>> {
  const client = new grpc.Client(address, credentials, {
    'grpc.ssl_target_name_override': NAME_FOR_ADDRESSES,
    ...options,
  });
  const pass = (bytes: Buffer) => bytes;
  const answerOf = (path: string) =>
    new Promise<[path: string, Answer]>((resolve) => {
      let messages = 0;
      const call = client.makeBidiStreamRequest(path, pass, pass, { deadline: Date.now() + 5000 });
      call.on('data', () => {
        messages++;
        // Some calls never end by themselves.
        setTimeout(() => call.cancel(), 200);
      });
      call.on('error', () => {});
      call.on('status', ({ code, details }: grpc.StatusObject) =>
        resolve([path, { came: `${grpc.status[code]} ${messages}`, details }]),
      );
      call.end(Buffer.alloc(0));
    });
  const answers = await Promise.all(PATHS.map(answerOf));
  client.close();
  return Object.fromEntries(answers);
}
