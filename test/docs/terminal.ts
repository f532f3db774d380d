import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import type { Test } from 'tap';
import { targetOf } from '../architecture/facts.ts';
import { USUAL_BENCH, WITH_THIS_PROCESS } from '../e2e/bench-process.ts';
import { ROOT } from './pages.ts';

/** They go on until they are told to end, as in a terminal of their own. */
const SERVER = /^(?:\w+=\S+ )*(?:npx )?bench (target|control|agent)\b/;
/** What `bench control invite` prints, typed on another host: it is an agent there. */
const REMOTE = /^ssh /;
const READY: Readonly<Record<string, RegExp>> = {
  target: /^Target on /m,
  control: /^Control on /m,
  agent: /joined control/m,
};

/**
 * Loads last two seconds: that a page is right does not depend on how long its load lasts. A search has time for one level, which
 * is held for ten seconds.
 */
const SHORT = { BENCH_VUS: '5', BENCH_STAGE: '2s:5', BENCH_MAX_DURATION: '12s' };
/** `bench http` asks as fast as the target answers, and no variable says for how long: a page says so, or it lasts ten seconds. */
const LENGTH_OF_HTTP = /(?<=\bbench http\b.* -d )\d+s/;
/** A load whose length its number of requests says takes no other one. */
const HTTP_WITHOUT_LENGTH = /\bbench http\b(?!.* -[dn] )/;
const SHORT_HTTP = '500ms';
/** An answer is held for what its search leaves. */
const LENGTH_OF_ANSWER = /(?<=\bbench find-max\b.* --confirm )\d+s/;
/** The plans that are shipped warm up for seconds. */
const SHORT_WARMUP = 'warmup: 1s';
/** One pass of one user takes no load. */
const ONCE = / --once\b/;

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
  'collection.json': JSON.stringify({
    info: { name: 'Shop' },
    item: [{ name: 'health', request: { method: 'GET', url: 'http://127.0.0.1:5002/health' } }],
  }),
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

let networks = 0;

/**
 * A network of its own, so that the ports that pages name are free, and other tests find theirs free; the host's where
 * this user may make none. In it, the host is also `control.example`, which is not loopback.
 * @returns what stands before a command in it
 */
function network(t: Pick<Test, 'teardown'>): string[] {
  const name = `bench-docs-${process.pid}-${networks++}`;
  const ip = (...args: string[]) => spawnSync('ip', args).status === 0;
  if (!ip('netns', 'add', name)) return [];
  t.teardown(() => void ip('netns', 'del', name));
  ip('-n', name, 'address', 'add', '192.0.2.1/32', 'dev', 'lo');
  if (!ip('-n', name, 'link', 'set', 'lo', 'up')) return [];
  // Where `ip netns exec` looks for the names of a network.
  const names = `/etc/netns/${name}`;
  mkdirSync(names, { recursive: true });
  t.teardown(() => rmSync(names, { recursive: true }));
  writeFileSync(join(names, 'hosts'), '127.0.0.1 localhost\n192.0.2.1 control.example\n');
  return ['ip', 'netns', 'exec', name];
}

/**
 * What modules import as `@bench/toolkit` and its other entries, as if the package were installed. It is no link to this
 * repository, in which the folder lies: who looks through its files would go round in circles.
 */
function toolkitPackage(): Record<string, string> {
  const { exports } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { exports: Record<string, unknown> };
  const entries = Object.keys(exports).filter((entry) => entry !== './package.json');
  const modules = entries.map((entry, i) => {
    const source = pathToFileURL(`${ROOT}${targetOf('', entry.replace('.', '@bench/toolkit'))}`).href;
    return { entry, file: `entry-${i}.js`, text: `export * from '${source}';\n` };
  });
  const manifest = {
    name: '@bench/toolkit',
    type: 'module',
    exports: Object.fromEntries(modules.map(({ entry, file }) => [entry, `./${file}`])),
  };
  return {
    'package.json': JSON.stringify(manifest),
    ...Object.fromEntries(modules.map(({ file, text }) => [file, text])),
  };
}

/** A folder as a user has it, in which `bench` and `npx bench` are this program. */
export function openTerminal(
  t: Pick<Test, 'testdir' | 'teardown'>,
  files: Readonly<Record<string, string>> = {},
): Terminal {
  const folder = t.testdir({
    bin: {
      bench: `#!/bin/sh\nexec '${USUAL_BENCH.command.join("' '")}' "$@"\n`,
      node: `#!/bin/sh\nexec '${process.execPath}' "$@"\n`,
      npx: '#!/bin/sh\nexec "$@"\n',
      // Another host is another empty folder.
      ssh: '#!/bin/sh\nmkdir -p "$HOME/$1" && cd "$HOME/$1" && HOME=$PWD exec sh -c "$2"\n',
    },
    here: {
      ...FILES,
      ...files,
      // A package of its own: in this repository's, its name would stand for what is built.
      'package.json': '{ "private": true }',
    },
    node_modules: { '@bench': { toolkit: toolkitPackage() } },
  });
  for (const name of ['bench', 'node', 'npx', 'ssh']) chmodSync(join(folder, 'bin', name), 0o755);
  const here = join(folder, 'here');
  symlinkSync(`${ROOT}examples`, join(here, 'examples'));
  cpSync(`${ROOT}plans`, join(here, 'plans'), { recursive: true });
  for (const name of readdirSync(join(here, 'plans')).filter((name) => name.endsWith('.yaml'))) {
    const plan = join(here, 'plans', name);
    writeFileSync(plan, readFileSync(plan, 'utf8').replace(/^warmup: \d+s$/m, SHORT_WARMUP));
  }
  const env = {
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
    HOME: folder,
    ...USUAL_BENCH.env,
  };
  const inNetwork = network(t);
  const servers: ChildProcess[] = [];
  t.teardown(async () => {
    for (const server of servers.reverse()) {
      const ended = new Promise((resolve) => server.once('close', resolve));
      server.kill('SIGTERM');
      if (server.exitCode === null) await ended;
    }
  });

  const start = (command: string) => {
    const [first = '', ...args] = [
      ...WITH_THIS_PROCESS,
      ...inNetwork,
      'bash',
      '-c',
      command
        .replace(HTTP_WITHOUT_LENGTH, `$& -d ${SHORT_HTTP}`)
        .replace(LENGTH_OF_HTTP, SHORT_HTTP)
        .replace(LENGTH_OF_ANSWER, '2s'),
    ];
    const short = ONCE.test(command) ? {} : SHORT;
    const child = spawn(first, args, { cwd: here, env: { ...env, ...short }, stdio: ['ignore', 'pipe', 'pipe'] });
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
    const server = REMOTE.test(command) ? 'agent' : SERVER.exec(command)?.[1];
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
