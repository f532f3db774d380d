import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../../core/cli/processes/free-port.ts';
import { BenchmarkError } from '../benchmark-error.ts';
import { StartedProcess } from '../started-process.ts';
import {
  ANSWER,
  COUNT_PATH,
  COUNTERS_PATH,
  type Counters,
  type LoadedServer,
  NO_ROWS,
  SESSION_ANSWER,
  SESSION_COOKIE,
  SESSION_PATH,
} from './server.ts';

const READY_TRIES = 50;
const READY_EVERY_MS = 50;

export async function startNginx(program: string, folder: string): Promise<LoadedServer> {
  const port = await freePort();
  const home = await mkdtemp(join(folder, 'nginx-'));
  await writeFile(join(home, 'nginx.conf'), configuration(port));
  const server = await StartedProcess.start({
    command: program,
    args: ['-p', home, '-c', 'nginx.conf', '-e', 'stderr'],
    cores: undefined,
  });
  const url = `http://127.0.0.1:${port}`;
  let asked = 0;
  const counters = async () => {
    const { served, connections } = readStatus(await (await fetch(`${url}${COUNTERS_PATH}`)).text());
    asked++;
    return { served: served - asked, connections: connections - 1 };
  };
  await ready(server, counters);
  return {
    name: 'nginx, one worker',
    url,
    counters,
    end: async () => {
      await server.end();
    },
  };
}

/** Reads nginx's stub_status page. */
export function readStatus(page: string): Counters {
  const connections = /Active connections: (\d+)/.exec(page)?.[1];
  const served = /^\s*\d+ \d+ (\d+)\s*$/m.exec(page)?.[1];
  if (connections === undefined || served === undefined) {
    throw new BenchmarkError(`nginx's status page cannot be read: ${page.trim()}`);
  }
  return { served: Number(served), connections: Number(connections) };
}

async function ready(server: StartedProcess, look: () => Promise<unknown>): Promise<void> {
  let gone = false;
  void server.ended.then(() => {
    gone = true;
  });
  for (let tries = 0; tries < READY_TRIES && !gone; tries++) {
    try {
      await look();
      return;
    } catch {
      await sleep(READY_EVERY_MS);
    }
  }
  const { stderr } = await server.end();
  throw new BenchmarkError(`nginx did not start: ${stderr.trim() || 'it said nothing'}`);
}

function configuration(port: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`);
  return `daemon off;
pid nginx.pid;
error_log stderr warn;
worker_processes 1;
worker_rlimit_nofile 20000;
events { worker_connections 15000; }
http {
  access_log off;
  default_type application/json;
  keepalive_timeout 1h;
  keepalive_requests 1000000000;
  ${temporary.join('\n  ')}
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / { return 200 '${ANSWER}'; }
    location = ${COUNT_PATH} { return 200 '${NO_ROWS}'; }
    location = ${SESSION_PATH} { add_header Set-Cookie '${SESSION_COOKIE}'; return 200 '${SESSION_ANSWER}'; }
    location = ${COUNTERS_PATH} { stub_status; }
  }
}
`;
}
