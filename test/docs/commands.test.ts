/** What the pages tell users to type is typed here, word by word, and the plans that they show are checked. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import { WITH_THIS_PROCESS } from '../e2e/bench-process.ts';
import { endedWith, resultIn } from '../e2e/busy-host.ts';
import { type Block, blocksOf, pages, ROOT } from './pages.ts';

t.setTimeout(600_000);

/** So that a comment too many, or a fence in another language, cannot leave commands out without anybody noticing. */
const RUN_BLOCKS = 10;
const CHECKED_PLANS = 4;

/**
 * What commands may exit with: on a busy host a measurement can be distrusted, and a threshold in milliseconds fails. Runs of
 * two seconds are too short to be compared.
 */
const AFTER_LOAD = [0, 99, 120];
const LOAD = /\bbench (?:run|http|compare)\b/;
/** A criterion that failed for another reason than a busy host: the page's plan does not do what it is for. */
const FAILED = /✗ .*\b(?:fails|errors|error_rate|availability|lost|check)\b/;
/** They go on until they are told to end, as in a terminal of their own. */
const SERVER = /^(?:npx )?bench (target|control|agent)\b/;
const READY: Readonly<Record<string, RegExp>> = {
  target: /^Target on /m,
  control: /^Control on /m,
  agent: /^joined control/m,
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

/**
 * A network of its own, so that the ports that pages name are free, and other tests find theirs free; the host's where
 * this user may make none.
 * @returns what stands before a command in it
 */
function network(t: Pick<Test, 'teardown'>): string[] {
  const name = `bench-docs-${process.pid}`;
  const ip = (...args: string[]) => spawnSync('ip', args).status === 0;
  if (!ip('netns', 'add', name)) return [];
  t.teardown(() => void ip('netns', 'del', name));
  return ip('-n', name, 'link', 'set', 'lo', 'up') ? ['ip', 'netns', 'exec', name] : [];
}

/** A folder as a user has it, in which `bench` and `npx bench` are this program. */
function place(t: Pick<Test, 'testdir' | 'teardown'>) {
  const folder = t.testdir({
    bin: {
      bench: `#!/bin/sh\nexec '${process.execPath}' '${ROOT}bench.ts' "$@"\n`,
      npx: '#!/bin/sh\nexec "$@"\n',
    },
    here: FILES,
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

  /** @returns what it exited with and said; for a server, once it is ready */
  const type = async (command: string): Promise<{ readonly code: number | null; readonly text: string }> => {
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

/** @returns the folder of the result that was written since; undefined where a command writes none */
function resultSince(here: string, startedAt: number): string | undefined {
  const files = readdirSync(here, { recursive: true, encoding: 'utf8' })
    .filter((file) => basename(file) === 'result.json')
    .map((file) => join(here, file));
  const fresh = files.find((file) => statSync(file).mtimeMs >= startedAt);
  return fresh === undefined ? undefined : dirname(fresh);
}

const commandsIn = ({ text }: Block): string[] =>
  text
    .split('\n')
    .map((line) => line.replace(/\s+# .*$/, '').trim())
    .filter((line) => line !== '');

const all = pages().flatMap(blocksOf);
const run = all.filter(({ language, notRun }) => language === 'sh' && notRun === undefined);
const plans = all.filter(
  ({ language, text }) => language === 'yaml' && /^name:/m.test(text) && /^scenarios:/m.test(text),
);

t.test('the blocks to run are those that were counted, and each other one says why it is not run', async (t) => {
  t.equal(run.length, RUN_BLOCKS, run.map(({ page, line }) => `${page}:${line}`).join(', '));
  t.equal(plans.length, CHECKED_PLANS, plans.map(({ page, line }) => `${page}:${line}`).join(', '));
  const COMMAND = /^ *(?:BENCH_\S+ )*(?:npx )?(?:bench|npm|npx) /m;
  const unlabelled = all.filter(({ language, text }) => ['', 'bash', 'shell'].includes(language) && COMMAND.test(text));
  t.strictSame(
    unlabelled.map(({ page, line }) => `${page}:${line}`),
    [],
    'the fence of commands is sh',
  );
  for (const { notRun, page, line } of all) if (notRun !== undefined) t.ok(notRun.length > 10, `${page}:${line}`);
});

for (const page of new Set(run.map(({ page }) => page))) {
  t.test(`${page} does what it says`, async (t) => {
    const { here, type } = place(t);
    for (const { file, text } of blocksOf(page)) if (file !== undefined) writeFileSync(join(here, file), `${text}\n`);
    for (const block of run.filter((block) => block.page === page)) {
      for (const command of [...block.before, ...commandsIn(block)]) {
        // A host that is so busy that agents fall silent is no fault of the page.
        let startedAt = Date.now();
        let { code, text } = await type(command);
        if (/ was lost: /.test(text)) {
          t.comment(`once more, since an agent was lost: ${text}`);
          startedAt = Date.now();
          ({ code, text } = await type(command));
        }
        const where = `${page}:${block.line}: ${command}`;
        const isLoad = LOAD.test(command);
        t.ok((isLoad ? AFTER_LOAD : [0]).includes(code ?? -1), where, { code, text: text.slice(-2000) });
        if (isLoad) t.notMatch(text, FAILED, where);
        const folder = code === 120 ? resultSince(here, startedAt) : undefined;
        if (folder !== undefined) endedWith(t, { code, stdout: text, stderr: '' }, 0, resultIn(folder));
      }
    }
  });
}

for (const plan of plans) {
  t.test(`the plan in ${plan.page}, line ${plan.line}, is valid`, async (t) => {
    const { here, type } = place(t);
    for (const { file, text } of blocksOf(plan.page))
      if (file !== undefined) writeFileSync(join(here, file), `${text}\n`);
    writeFileSync(join(here, 'shown.yaml'), plan.text);
    const { code, text } = await type('BENCH_STAGE= BENCH_VUS= BENCH_PARAM_SHOP=1 bench check shown.yaml');
    t.equal(code, 0, text);
  });
}

// Elsewhere here the environment sets how many users there are, and comes before the plan.
t.test('docs/cli.md: a parameter on the command line comes before its default', async (t) => {
  const { here, type } = place(t);
  for (const { file, text } of blocksOf('docs/cli.md')) if (file !== undefined) writeFileSync(join(here, file), text);
  const { code, text } = await type('BENCH_STAGE= BENCH_VUS= bench check shop.yaml --param shop=7 --param users=50');
  t.equal(code, 0, text);
  t.match(text, /^ +users +50 /m);
  t.match(text, /^ +0s +5m +50 /m);
});
