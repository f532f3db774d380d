/**
 * A driver for the unary methods of a gRPC service, which it knows from a .proto file.
 *
 *     npm install @grpc/grpc-js @grpc/proto-loader
 *     bench run examples/grpc-call.yaml --host http://127.0.0.1:50051
 *
 * The packages and the .proto file are sent to the agents with the run, so they need nothing of it. Each virtual user has one
 * connection. Messages are made of JSON once, before the load; what comes back is counted and not decoded.
 */
import { join } from 'node:path';
import { defineDriver, type Outcome, PluginError, z } from '@bench/toolkit';
import { Client, type ClientUnaryCall, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { loadSync, type MethodDefinition } from '@grpc/proto-loader';

const options = z.strictObject({
  proto: z.string().describe('The .proto file with the service.'),
  calls: z
    .record(
      z.string(),
      z.strictObject({
        method: z.string().regex(/^[\w.]+\/\w+$/, 'must be a service and a method, such as "greeter.Greeter/SayHello"'),
        message: z.record(z.string(), z.unknown()).default({}).describe('What is sent, as JSON.'),
      }),
    )
    .refine((calls) => Object.keys(calls).length > 0, 'must have at least one call'),
});

type Options = z.output<typeof options>;

/** A call that is ready to be sent. */
interface Call {
  readonly path: string;
  readonly bytes: Buffer;
}

export default defineDriver<Options>({
  name: 'grpc-call',
  description: 'Calls unary methods of a gRPC service.',
  options,
  operations: ({ calls }) => Object.keys(calls).map((name) => ({ name, type: 'gRPC' })),
  files: ({ proto }) => [proto],

  async open({ proto, calls }, { target, baseDirectory }) {
    const ready = callsOf(calls, join(baseDirectory, proto));
    const connect = () => connected(target);
    await reached(connect(), target);
    return {
      connect() {
        const client = connect();
        let running: ClientUnaryCall | undefined;
        return {
          send(operation, signal) {
            const call = ready.get(operation) as Call;
            if (signal.aborted) return failed(call, 'aborted', 'it was cut off', status.CANCELLED);
            return new Promise<Outcome>((resolve) => {
              const cut = () => running?.cancel();
              signal.addEventListener('abort', cut);
              running = client.makeUnaryRequest(call.path, itself, itself, call.bytes, (error, answer) => {
                signal.removeEventListener('abort', cut);
                resolve(error ? failure(call, error, signal.aborted) : success(call, answer as Buffer));
              });
            });
          },
          close() {
            // What is under way would go on after its channel is closed.
            running?.cancel();
            client.close();
          },
        };
      },
      close: () => {},
    };
  },
});

/** @throws {PluginError} when the file cannot be read, or does not have such a method or message */
function callsOf(calls: Options['calls'], file: string): ReadonlyMap<string, Call> {
  let services: ReturnType<typeof loadSync>;
  try {
    services = loadSync(file, { keepCase: true, defaults: true });
  } catch (error) {
    throw new PluginError(`${file} cannot be read: ${(error as Error).message}`);
  }
  const ready = Object.entries(calls).map(([name, { method, message }]) => {
    const [service = '', called = ''] = method.split('/');
    const methods = services[service] as Readonly<Record<string, MethodDefinition<object, object>>> | undefined;
    const found = methods?.[called];
    if (found === undefined) throw new PluginError(`calls.${name}: ${file} has no method ${method}`);
    if (found.requestStream || found.responseStream) throw new PluginError(`calls.${name}: ${method} is not unary`);
    const bytes = found.requestSerialize(message);
    // What the method does not know is left out without a word.
    const unknown = Object.keys(message).find((field) => !(field in found.requestDeserialize(bytes)));
    if (unknown !== undefined) throw new PluginError(`calls.${name}.message: ${method} takes no ${unknown}`);
    return [name, { path: found.path, bytes }] as const;
  });
  return new Map(ready);
}

function connected(target: string): Client {
  const { protocol, host } = new URL(target);
  const security = protocol === 'https:' ? credentials.createSsl() : credentials.createInsecure();
  // Without this, all clients of a process share one connection.
  return new Client(host, security, { 'grpc.use_local_subchannel_pool': 1 });
}

/** A target that is not there is told before any load is made. @throws {PluginError} */
async function reached(client: Client, target: string): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      client.waitForReady(Date.now() + 5000, (error) => (error ? reject(error) : resolve()));
    });
  } catch (error) {
    throw new PluginError(`target ${target} cannot be reached: ${(error as Error).message}`);
  } finally {
    client.close();
  }
}

const itself = (bytes: Buffer): Buffer => bytes;

function success({ bytes }: Call, answer: Buffer): Outcome {
  return { ok: true, errorKind: '', message: '', status: 0, bytesSent: bytes.length, bytesReceived: answer.length };
}

function failure(call: Call, { code, details }: ServiceError, wasCut: boolean): Outcome {
  const name = (status[code] ?? 'unknown').toLowerCase();
  return failed(call, wasCut ? 'aborted' : name, details || name, code);
}

function failed({ bytes }: Call, errorKind: string, message: string, code: number): Outcome {
  return { ok: false, errorKind, message, status: code, bytesSent: bytes.length, bytesReceived: 0 };
}
