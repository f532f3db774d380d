import { join } from 'node:path';
import t from 'tap';
import { loadDriver } from '../../plugins/loader/load.ts';
import { testDriver } from '../../testing/driver-contract.ts';
import { startWebSocketServer } from './websocket-server.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');

t.test("the example's driver does what every driver must", async (t) => {
  await testDriver((name, body) => t.test(name, body), {
    plugin: await loadDriver('./websocket-echo.ts', EXAMPLES),
    options: { message: 'how are you?' },
    badOptions: { message: '' },
    target: () => startWebSocketServer(),
    silentTarget: () => startWebSocketServer(false),
  });
});
