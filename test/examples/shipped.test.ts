/** The examples on an agent that has nothing of them: driver, packages and files come with the run. */
import { join } from 'node:path';
import t from 'tap';
import { BenchProcess, type StartOptions } from '../e2e/bench-process.ts';
import { resultIn } from '../e2e/busy-host.ts';
import { privatePostgres } from '../kit/programs/postgres.ts';
import { privateRedis } from '../kit/programs/redis.ts';
import { startWebSocketServer } from './websocket-server.ts';

t.setTimeout(400_000);

const ROOT = join(import.meta.dirname, '../..');
const bin = join(ROOT, 'node_modules/.bin/');
const RUNTIMES = { node: [process.execPath], bun: [`${bin}bun`], deno: [`${bin}deno`, 'run', '--allow-all'] } as const;

t.test('each driver runs on agents of each runtime that lie in empty folders', async (t) => {
  const webSockets = await startWebSocketServer();
  t.teardown(() => webSockets.stop());
  const targets: Readonly<Record<string, string>> = {
    'redis-ping': `tcp://127.0.0.1:${await privateRedis(t)}`,
    'websocket-echo': webSockets.url,
    'postgres-query': await privatePostgres(t),
  };
  const folder = t.testdir({ control: {}, node: {}, bun: {}, deno: {}, author: {} });
  const start = (place: string, args: readonly string[], options: Partial<StartOptions> = {}) => {
    const cwd = join(folder, place);
    const started = new BenchProcess(args, {
      cwd,
      env: { HOME: folder, XDG_CACHE_HOME: join(cwd, 'cache') },
      ...options,
    });
    t.teardown(() => started.end());
    return started;
  };
  const control = start('control', ['control', '--port', '0', '--store', ':memory:']);
  const [, address = ''] = await control.said(/^Control on (\S+),/m);
  for (const [name, runtime] of Object.entries(RUNTIMES)) {
    await start(name, ['agent', '--control', address, '--name', name], { runtime }).said(/^joined control/m);
  }
  for (const [example, target] of Object.entries(targets)) {
    const plan = join(ROOT, 'examples', `${example}.yaml`);
    const load = ['--host', target, '--vus', '6', '--duration', '3s', '--report', 'json', '--out', example];
    const ended = await start('author', ['run', plan, '--control', address, '--expect-agents', '3', ...load]).ended;
    // What its thresholds in milliseconds say depends on how busy this host is.
    t.ok([0, 99, 120].includes(ended.code ?? -1), `${example}: ${ended.stdout}${ended.stderr}`);
    const { operations, agents } = resultIn(join(folder, 'author', example));
    for (const { name, phases } of operations) {
      t.ok(phases.measure.requests > 0, `${example}: ${name}`);
      t.strictSame(phases.measure.errorKinds, [], `${example}: ${name}`);
    }
    for (const { name, requests } of agents) t.ok(requests > 0, `${example} on ${name}`);
  }
});
