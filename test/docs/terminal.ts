import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import type { Test } from 'tap';
import { WITH_THIS_PROCESS } from '../e2e/bench-process.ts';
import { ROOT } from './pages.ts';

/** They go on until they are told to end, as in a terminal of their own. */
const SERVER = /^(?:\w+=\S+ )*(?:npx )?bench (target|control|agent)\b/;
const READY: Readonly<Record<string, RegExp>> = {
  target: /^Target on /m,
  control: /^Control on /m,
  agent: /joined control/m,
};

/** Loads last two seconds: that a page is right does not depend on how long its load lasts. */
const SHORT = { BENCH_VUS: '5', BENCH_STAGE: '2s:5' };
const SHORT_HTTP = { BENCH_DURATION: '2s' };
/** A load whose length its number of requests says takes no other one. */
const TIMED_HTTP = /\bbench http\b(?!.* -n )/;

/** What users of these pages have already. */
const FILES = {
  'users.csv': 'name,password\nanna,secret\n',
  'request.sh': "curl http://127.0.0.1:5002/health -H 'Authorization: Bearer abc'\n",
  'shop.har': JSON.stringify({
    log: {
      entries: [
        {
          startedDateTime: '2026-01-01T00:00:00Z',
          request: { method: 'GET', url: 'http://127.0.0.1:5002/health' },
          response: { status: 200 },
        },
      ],
    },
  }),
  'openapi.yaml': 'openapi: 3.1.0\ninfo: { title: Shop }\npaths: { /health: { get: {} } }\n',
};

export interface Typed {
  /** What it exited with; 0 for a server that is ready. */
  readonly code: number | null;
  readonly text: string;
}

export interface Terminal {
  /** The working folder. */
  readonly here: string;
  /** Resolves when the command has ended; of a server, when it is ready. */
  type(command: string): Promise<Typed>;
}

/** Whether this user may make networks of his own. */
export const mayMakeNetworks = spawnSync('ip', ['netns', 'list']).status === 0 && process.getuid?.() === 0;

/**
 * A network of its own, so that the ports that pages name are free, and other tests find theirs free; the host's where
 * this user may make none.
 * @param addresses further ones of the host, such as `10.0.0.5`
 * @returns what stands before a command in it
 */
function network(t: Pick<Test, 'teardown'>, addresses: readonly string[]): string[] {
  const name = `bench-docs-${process.pid}`;
  const ip = (...args: string[]) => spawnSync('ip', args).status === 0;
  if (!ip('netns', 'add', name)) return [];
  t.teardown(() => void ip('netns', 'del', name));
  for (const address of addresses) ip('-n', name, 'address', 'add', `${address}/32`, 'dev', 'lo');
  return ip('-n', name, 'link', 'set', 'lo', 'up') ? ['ip', 'netns', 'exec', name] : [];
}

/** A folder as a user has it, in which `bench` and `npx bench` are this program. */
export function openTerminal(
  t: Pick<Test, 'testdir' | 'teardown'>,
  files: Readonly<Record<string, string>> = {},
  addresses: readonly string[] = [],
): Terminal {
  const folder = t.testdir({
    bin: {
      bench: `#!/bin/sh\nexec '${process.execPath}' '${ROOT}bench.ts' "$@"\n`,
      npx: '#!/bin/sh\nexec "$@"\n',
    },
    here: { ...FILES, ...files },
  });
  for (const name of ['bench', 'npx']) chmodSync(join(folder, 'bin', name), 0o755);
  const here = join(folder, 'here');
  for (const name of ['plans', 'examples']) symlinkSync(`${ROOT}${name}`, join(here, name));
  const env = {
    ...SHORT,
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
    HOME: folder,
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
  };
  const inNetwork = network(t, addresses);
  const servers: ChildProcess[] = [];
  t.teardown(async () => {
    for (const server of servers.reverse()) {
      const ended = new Promise((resolve) => server.once('close', resolve));
      server.kill('SIGTERM');
      if (server.exitCode === null) await ended;
    }
  });

  const start = (command: string) => {
    const [first = '', ...args] = [...WITH_THIS_PROCESS, ...inNetwork, 'bash', '-c', command];
    const own = TIMED_HTTP.test(command) ? { ...env, ...SHORT_HTTP } : env;
    const child = spawn(first, args, { cwd: here, env: own, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { text: '' };
    const heard = (text: string) => {
      said.text += text;
      child.emit('heard');
    };
    child.stdout.setEncoding('utf8').on('data', heard);
    child.stderr.setEncoding('utf8').on('data', heard);
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { child, said, ended };
  };

  const type = async (command: string): Promise<Typed> => {
    const { child, said, ended } = start(command);
    const server = SERVER.exec(command)?.[1];
    if (server === undefined) return { code: await ended, text: said.text };
    servers.push(child);
    const ready = new Promise<number>((resolve) => {
      child.on('heard', () => READY[server]?.test(said.text) && resolve(0));
    });
    const code = await Promise.race([ready, ended]);
    return { code, text: said.text };
  };
  return { here, type };
}
