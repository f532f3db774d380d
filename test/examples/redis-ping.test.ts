import { join } from 'node:path';
import t from 'tap';
import { loadDriver } from '../../plugins/loader/load.ts';
import { testDriver } from '../../testing/driver-contract.ts';
import { privateRedis } from '../kit/programs/redis.ts';
import { recordingProxy } from '../kit/recording-proxy.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');

t.test("the example's driver does what every driver must, with a Redis server", async (t) => {
  const server = { url: `tcp://127.0.0.1:${await privateRedis(t)}`, isRequest: () => true };
  await testDriver((name, body) => t.test(name, body), {
    plugin: await loadDriver('./redis-ping.ts', EXAMPLES),
    options: {},
    badOptions: { answer: 7 },
    target: () => recordingProxy(server),
    silentTarget: () => recordingProxy({ ...server, isSilent: true }),
  });
});
