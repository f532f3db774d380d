import { join } from 'node:path';
import t from 'tap';
import { loadDriver } from '../../plugins/loader/load.ts';
import { testDriver } from '../../testing/driver-contract.ts';
import { runDriver } from '../../testing/run-driver.ts';
import { startGreeter } from './grpc-server.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');
const METHOD = 'greeter.Greeter/SayHello';
const options = (calls: object) => ({ proto: './greeter.proto', calls });

t.test("the example's driver does what every driver must", async (t) => {
  await testDriver((name, body) => t.test(name, body), {
    plugin: await loadDriver('./grpc-call.ts', EXAMPLES),
    options: options({ hello: { method: METHOD, message: { name: 'Anna' } }, nobody: { method: METHOD } }),
    badOptions: { proto: 7, calls: { hello: { method: 'SayHello' } } },
    baseDirectory: EXAMPLES,
    target: () => startGreeter(),
    silentTarget: () => startGreeter(false),
  });
});

t.test('a call or a field that the .proto file does not have is refused', async (t) => {
  const plugin = await loadDriver('./grpc-call.ts', EXAMPLES);
  const opened = (proto: string, call: object) =>
    runDriver(plugin, { options: { proto, calls: { call } }, target: 'http://127.0.0.1:1', baseDirectory: EXAMPLES });
  await t.rejects(opened('./greeter.proto', { method: 'greeter.Greeter/Wave' }), { message: /has no method greeter/ });
  await t.rejects(opened('./nothing.proto', { method: METHOD }), { message: /nothing\.proto cannot be read/ });
  const message = { nam: 'Anna' };
  await t.rejects(opened('./greeter.proto', { method: METHOD, message }), { message: /SayHello takes no nam$/ });
});
