/**
 * The HTTP client in a bare closed loop against wrk, on nginx with one worker, 50 connections, in turns:
 *
 *     node test/plugins/bench-http.ts [--pairs 3] [--seconds 2] [--runtimes bun,node,deno] [--drivers health,http-upload]
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';

const run = promisify(execFile);
const CLIENT = join(import.meta.dirname, 'bench-http-client.ts');
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  bun: ['bun'],
  node: ['node'],
  deno: ['deno', 'run', '-A'],
};
const WRK_POST = `wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"device_id":"r1-device-00001","test_data":123.45}'
`;

interface Rate {
  readonly perSecond: number;
  readonly cpuUs: number;
}

const { values: flags } = parseArgs({
  options: {
    pairs: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
    runtimes: { type: 'string', default: 'bun,node,deno' },
    drivers: { type: 'string', default: 'health,http-upload' },
  },
});

const folder = await mkdtemp(join(tmpdir(), 'bench-http-'));
const port = await freePort();
const nginx = await startNginx();
try {
  for (const driver of flags.drivers.split(',')) {
    for (const runtime of flags.runtimes.split(',')) await compare(driver, runtime);
  }
} finally {
  nginx.kill('SIGTERM');
  await new Promise((resolve) => nginx.once('exit', resolve));
  await rm(folder, { recursive: true });
}

async function compare(driver: string, runtime: string): Promise<void> {
  const pairs: { us: Rate; wrk: Rate }[] = [];
  for (let i = 0; i < Number(flags.pairs); i++) pairs.push({ us: await ours(driver, runtime), wrk: await wrk(driver) });
  const rates = pairs.map(({ us, wrk }) => us.perSecond / wrk.perSecond);
  const cpus = pairs.map(({ us, wrk }) => us.cpuUs / wrk.cpuUs);
  const figures = pairs.map(({ us, wrk }) => `${text(us)} : ${text(wrk)}`).join(' | ');
  console.log(`${driver} ${runtime}: rate ${range(rates)} x wrk, CPU per request ${range(cpus)} x wrk   (${figures})`);
}

async function ours(driver: string, runtime: string): Promise<Rate> {
  const [command, ...args] = COMMANDS[runtime] as [string, ...string[]];
  const { stdout } = await run(command, [...args, CLIENT, driver, `http://127.0.0.1:${port}`, flags.seconds]);
  return JSON.parse(stdout) as Rate;
}

/** CPU time as the shell counts it: user and system. */
async function wrk(driver: string): Promise<Rate> {
  const post = driver === 'http-upload' ? `-s ${join(folder, 'post.lua')}` : '';
  const path = driver === 'http-upload' ? '/api/test/upload' : '/health';
  const command = `TIMEFORMAT='cpu %U %S'; time wrk -t1 -c50 -d${flags.seconds}s ${post} http://127.0.0.1:${port}${path}`;
  const { stdout, stderr } = await run('bash', ['-c', command]);
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  const cpu = /cpu (\S+) (\S+)/.exec(stderr);
  return {
    perSecond: Number(/Requests\/sec:\s+(\S+)/.exec(stdout)?.[1]),
    cpuUs: ((Number(cpu?.[1]) + Number(cpu?.[2])) * 1e6) / requests,
  };
}

async function startNginx(): Promise<ChildProcess> {
  await writeFile(join(folder, 'post.lua'), WRK_POST);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/${kind};`,
  );
  await writeFile(
    join(folder, 'nginx.conf'),
    `worker_processes 1; daemon off; pid ${folder}/pid; error_log ${folder}/error.log crit;
events { worker_connections 20000; }
http { access_log off; keepalive_requests 1000000000; ${temporary.join(' ')}
server { listen 127.0.0.1:${port} backlog=4096; default_type application/json;
location = /health { return 200 '{"status":"ok","database":"ok"}'; }
location = /api/test/upload { return 200 '{"ok":true,"id":123456}'; } } }`,
  );
  const server = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')], {
    stdio: 'ignore',
  });
  for (let attempt = 0; attempt < 100; attempt++) {
    const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined);
    if (answer?.ok) return server;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('nginx did not start: is it installed?');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

function range(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (i: number) => (sorted[i] ?? Number.NaN).toFixed(2);
  return `${at(sorted.length >> 1)} (${at(0)}-${at(sorted.length - 1)})`;
}

function text({ perSecond, cpuUs }: Rate): string {
  return `${Math.round(perSecond)}/s ${cpuUs.toFixed(1)}us`;
}
