/**
 * Runs in a network namespace of its own, where a Milvus listens on all addresses without being reachable from elsewhere. Connections
 * that come on descriptor 3, a listening socket of the host, are carried to it. Started by `milvus.ts`, which it ends with.
 * Arguments: the folder of the installed server, and that of its data.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

const PORT = 19_530;
const HEALTH = 'http://127.0.0.1:9091/healthz';
const READY_WITHIN_MS = 60_000;
const POLL_MS = 50;

const [installed = '', data = ''] = process.argv.slice(2);
let server: ChildProcess | undefined;

async function start(): Promise<void> {
  const log = openSync(join(data, 'server.log'), 'a');
  const child = spawn(
    '/usr/bin/setpriv',
    ['--pdeathsig', 'KILL', join(installed, 'bin', 'milvus'), 'run', 'standalone'],
    {
      cwd: data,
      env: {
        ...process.env,
        DEPLOY_MODE: 'STANDALONE',
        METRICS_PORT: '9091',
        MILVUS_RUN_DIR: data,
        LD_LIBRARY_PATH: join(installed, 'bin'),
      },
      stdio: ['ignore', log, log],
    },
  );
  server = child;
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const health = await fetch(HEALTH).catch(() => undefined);
    if ((await health?.text())?.includes('OK')) return;
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`Milvus does not start: see ${data}/server.log`);
    await sleep(POLL_MS);
  }
}

async function kill(): Promise<void> {
  const child = server;
  server = undefined;
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

const orders: Readonly<Record<string, () => Promise<void>>> = { start, kill };

execFileSync('ip', ['link', 'set', 'lo', 'up']);
const forwarder = createServer({ noDelay: true, allowHalfOpen: true }, (outside) => {
  const inside = connect({ port: PORT, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  outside.pipe(inside).pipe(outside);
  outside.on('error', () => inside.destroy()).on('close', () => inside.destroy());
  inside.on('error', () => outside.destroy()).on('close', () => outside.destroy());
});
forwarder.listen({ fd: 3 });
process.on('disconnect', () => {
  void kill().finally(() => process.exit());
});
process.on('message', (order: string) => {
  const done = (problem: string) => process.send?.(problem);
  orders[order]?.().then(
    () => done(''),
    (error: unknown) => done(String(error)),
  );
});
