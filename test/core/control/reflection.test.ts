import { createRequire } from 'node:module';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import t from 'tap';
import { startControl } from '../../../core/control/index.ts';
import { fakeDriver } from './stage.ts';

interface Answer {
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] };
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Buffer[] };
}

const PROTO = createRequire(import.meta.url).resolve(
  '@grpc/reflection/build/proto/grpc/reflection/v1/reflection.proto',
);

t.test('a client that knows only the address finds the services and their messages', async (t) => {
  const control = await startControl({
    host: '127.0.0.1',
    port: 0,
    store: ':memory:',
    loadDriver: async () => fakeDriver,
    loadMonitor: () => Promise.reject(new Error('no monitors here')),
    loadShape: () => Promise.reject(new Error('no shapes here')),
    log: () => {},
  });
  const definition = loadSync(PROTO)['grpc.reflection.v1.ServerReflection'] as grpc.ServiceDefinition;
  const Client = grpc.makeGenericClientConstructor(definition, 'ServerReflection');
  const client = new Client(control.address, grpc.credentials.createInsecure());
  t.teardown(async () => {
    client.close();
    await control.stop('the test has ended');
  });
  const ask = (request: object) =>
    new Promise<Answer>((resolve, reject) => {
      const call = client.serverReflectionInfo?.() as grpc.ClientDuplexStream<object, Answer>;
      call.once('data', resolve).once('error', reject);
      call.write(request);
      call.end();
    });
  const { listServicesResponse } = await ask({ listServices: '' });
  t.same(listServicesResponse?.service.map(({ name }) => name).sort(), [
    'bench.v1.AgentService',
    'bench.v1.RunService',
  ]);
  const { fileDescriptorResponse } = await ask({ fileContainingSymbol: 'bench.v1.RunService' });
  const files = Buffer.concat(fileDescriptorResponse?.fileDescriptorProto.map((file) => Buffer.from(file)) ?? []);
  t.ok(files.includes('StartRunRequest') && files.includes('base_directory'), 'with what they depend on');
});
