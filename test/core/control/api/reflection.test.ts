import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import t, { type Test } from 'tap';
import { initSecurity } from '../../../../core/control/security/security-folder.ts';
import { interceptorsFor } from '../../../kit/local-access.ts';
import { servedControl } from '../scene/served-control.ts';

interface Answer {
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] };
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Buffer[] };
}

const PROTO = createRequire(import.meta.url).resolve(
  '@grpc/reflection/build/proto/grpc/reflection/v1/reflection.proto',
);

/** Asks as grpcurl does. */
function reflectionOf(
  t: Test,
  address: string,
  credentials: grpc.ChannelCredentials,
  options: grpc.ClientOptions = {},
) {
  const definition = loadSync(PROTO)['grpc.reflection.v1.ServerReflection'] as grpc.ServiceDefinition;
  const Client = grpc.makeGenericClientConstructor(definition, 'ServerReflection');
  const client = new Client(address, credentials, options);
  t.teardown(() => client.close());
  return (request: object) =>
    new Promise<Answer>((resolve, reject) => {
      const call = client.serverReflectionInfo?.() as grpc.ClientDuplexStream<object, Answer>;
      call.once('data', resolve).once('error', reject);
      call.write(request);
      call.end();
    });
}

const SERVICES = ['bench.v1.AgentService', 'bench.v1.RunService', 'grpc.health.v1.Health'];
const namesIn = ({ listServicesResponse }: Answer) => listServicesResponse?.service.map(({ name }) => name).sort();

t.test('a client that knows the address and the token finds the services and their messages', async (t) => {
  const { address } = await servedControl(t);
  const ask = reflectionOf(t, address, grpc.credentials.createInsecure(), interceptorsFor(address));
  t.same(namesIn(await ask({ listServices: '' })), SERVICES);
  for (const [symbol, messages] of [
    ['bench.v1.RunService', ['StartRunRequest', 'base_directory']],
    ['grpc.health.v1.Health', ['HealthCheckRequest', 'SERVING', 'StatusesEntry']],
  ] as const) {
    const { fileDescriptorResponse } = await ask({ fileContainingSymbol: symbol });
    const files = Buffer.concat(fileDescriptorResponse?.fileDescriptorProto.map((file) => Buffer.from(file)) ?? []);
    for (const message of messages) t.ok(files.includes(message), `${symbol} with what it depends on: ${message}`);
  }
});

t.test('over TLS, with the files of a folder of credentials', async (t) => {
  const folder = t.testdir();
  const { operatorFolder } = await initSecurity(folder, [], Date.now());
  const { port } = await servedControl(t, { access: { security: folder } });
  const file = (name: string) => readFileSync(join(operatorFolder, name));
  const credentials = grpc.credentials.createSsl(file('ca.pem'), file('cert.key'), file('cert.pem'));
  t.same(namesIn(await reflectionOf(t, `localhost:${port}`, credentials)({ listServices: '' })), SERVICES);
  const stranger = grpc.credentials.createSsl(file('ca.pem'));
  await t.rejects(reflectionOf(t, `localhost:${port}`, stranger)({ listServices: '' }), {
    code: grpc.status.UNAUTHENTICATED,
  });
});
