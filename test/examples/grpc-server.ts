import { join } from 'node:path';
import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceClientConstructor,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { TestTarget } from '../../testing/driver-contract.ts';

interface Request {
  readonly name: string;
}

interface Reply {
  readonly message: string;
}

const PROTO = join(import.meta.dirname, '../../examples/greeter.proto');

/** A server of the service in examples/greeter.proto. @param answers whether it answers calls at all */
export async function startGreeter(answers = true): Promise<TestTarget> {
  const received: string[] = [];
  const { greeter } = loadPackageDefinition(loadSync(PROTO)) as unknown as {
    greeter: { Greeter: ServiceClientConstructor };
  };
  const server = new Server();
  server.addService(greeter.Greeter.service, {
    SayHello({ request: { name } }: ServerUnaryCall<Request, Reply>, reply: sendUnaryData<Reply>) {
      received.push(name);
      if (answers) reply(null, { message: `Hello ${name}` });
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  return { url: `http://127.0.0.1:${port}`, received: () => received, stop: async () => server.forceShutdown() };
}
