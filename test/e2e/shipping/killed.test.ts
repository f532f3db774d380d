/** Processes that are killed, disks that are full and folders that are removed while what a run brings along is sent. */
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { freePort } from '../../../core/cli/processes/free-port.ts';
import { SmallDisk } from '../../faults/small-disk.ts';
import { TcpProxy } from '../../faults/tcp-proxy.ts';
import { BenchProcess } from '../bench-process.ts';
import { endedWith, resultIn } from '../busy-host.ts';
import { startEcho } from './author.ts';

t.setTimeout(400_000);
t.jobs = 2;

const BYTES = 9 << 20;
/** So slow that there is time for an accident. */
const BYTES_PER_SECOND = 3 << 20;

const planFor = (target: string) => `name: A large file
target: ${target}
drivers:
  http:
    options:
      data: { users: { file: users.csv } }
      operations: { get: { path: '/\${users.name}' } }
scenarios: { a: { executor: per-vu-iterations, vus: 1, iterations: 3, operations: [{ driver: http, operation: get }] } }
thresholds: [fails == 0]
reports: [json]
`;

/** An author with a large file, a control and an agent, each with a cache of its own. */
async function stage(t: Test, caches: { readonly control?: string; readonly agent?: string } = {}) {
  const echo = await startEcho(t);
  const folder = t.testdir({ author: { 'plan.yaml': planFor(echo.url) }, control: {}, agent: {} });
  const file = openSync(join(folder, 'author', 'users.csv'), 'w');
  const row = `${'n'.repeat(1022)}\n`;
  writeSync(file, 'name\nann\nbob\neve\n');
  for (let written = 0; written < BYTES; written += 1 << 20) writeSync(file, row.repeat(1024 + 1).slice(0, 1 << 20));
  closeSync(file);
  const port = await freePort();
  const near = `127.0.0.1:${port}`;
  const link = await TcpProxy.to(port, { bytesPerSecond: BYTES_PER_SECOND });
  t.teardown(() => link.close());
  const far = link.address;
  const token = ['--token-file', join(folder, 'token')];
  const cacheOf = (place: 'control' | 'agent') => caches[place] ?? join(folder, place, 'cache');
  const start = (place: string, args: readonly string[]) => {
    const started = new BenchProcess([...args, ...token], {
      cwd: join(folder, place),
      env: { HOME: folder, BENCH_CONTROL_TUNNEL: near },
    });
    t.teardown(() => started.end());
    return started;
  };
  const startControl = async () => {
    const control = start('control', [
      'control',
      '--port',
      String(port),
      '--store',
      'runs.sqlite',
      '--cache',
      cacheOf('control'),
    ]);
    await control.said(/^Control on/m);
    return control;
  };
  const startAgent = async (name = 'far', through = near) => {
    const agent = start('agent', ['agent', '--control', through, '--name', name, '--cache', cacheOf('agent')]);
    await agent.said(/^joined control/m);
    return agent;
  };
  const run = (through = near) => start('author', ['run', 'plan.yaml', '--control', through, '--out', 'out']);
  /** Bytes of contents that have begun to come. */
  const coming = (place: 'control' | 'agent') => {
    const incoming = join(cacheOf(place), 'incoming');
    const files = existsSync(incoming) ? readdirSync(incoming) : [];
    return files.reduce((sum, name) => sum + (statSync(join(incoming, name), { throwIfNoEntry: false })?.size ?? 0), 0);
  };
  const begun = async (place: 'control' | 'agent', bytes = 2 << 20) => {
    for (let i = 0; coming(place) < bytes; i++) {
      if (i > 3000) throw new Error(`nothing comes to ${place}`);
      await sleep(20);
    }
  };
  const passed = async (started: BenchProcess) =>
    endedWith(t, await started.ended, 0, resultIn(join(folder, 'author', 'out')));
  return { echo, folder, near, far, startControl, startAgent, run, coming, begun, passed, cacheOf };
}

function oneSentence(
  t: Test,
  { code, stderr }: { readonly code: number | null; readonly stderr: string },
  sentence: RegExp,
): void {
  t.equal(code, 1, stderr);
  t.match(stderr, sentence);
  t.notMatch(stderr, /\n {4}at /, 'no stack trace');
}

t.test('control is killed while files are sent to it: a sentence, and another try works', async (t) => {
  const { far, startControl, startAgent, run, begun, passed } = await stage(t);
  const control = await startControl();
  const first = run(far);
  await begun('control');
  control.kill('SIGKILL');
  oneSentence(t, await first.ended, /^bench: .*control at \S+ (cannot be reached|.*lost|.*closed)/im);
  await startControl();
  await startAgent();
  await passed(run());
});

t.test(
  'whoever starts a run is killed while its files are sent: control goes on, and keeps nothing of them',
  async (t) => {
    const { far, startControl, startAgent, run, begun, coming, passed } = await stage(t);
    await startControl();
    await startAgent();
    const first = run(far);
    await begun('control');
    first.kill('SIGKILL');
    await first.ended;
    for (let i = 0; coming('control') > 0 && i < 500; i++) await sleep(20);
    t.equal(coming('control'), 0);
    await passed(run());
  },
);

t.test('control is killed while an agent fetches: the run goes on with the control that comes after it', async (t) => {
  const { echo, far, startControl, startAgent, run, begun, passed } = await stage(t);
  const control = await startControl();
  await startAgent('far', far);
  const first = run();
  await begun('agent');
  control.kill('SIGKILL');
  await control.ended;
  await startControl();
  await passed(first);
  t.same(echo.asked.length, 3);
});

t.test('an agent is killed while it fetches: the run ends with its name, and the next one works', async (t) => {
  const { far, startControl, startAgent, run, begun, coming, passed } = await stage(t);
  await startControl();
  const agent = await startAgent('far', far);
  const first = run();
  await begun('agent');
  agent.kill('SIGKILL');
  await agent.ended;
  oneSentence(t, await first.ended, /agent far/);
  t.ok(coming('agent') > 0, 'what it had begun to fetch is still there');
  await startAgent('far');
  await passed(run());
});

t.test('the folder of a cache is removed while files come: a sentence, and the next run works', async (t) => {
  const { far, startControl, startAgent, run, begun, cacheOf, passed } = await stage(t);
  await startControl();
  await startAgent('far', far);
  const sending = run(far);
  await begun('control');
  rmSync(cacheOf('control'), { recursive: true });
  oneSentence(t, await sending.ended, /what was sent with the run cannot be kept in .+ \(no such file or directory\)/);
  const fetching = run();
  await begun('agent');
  rmSync(cacheOf('agent'), { recursive: true });
  oneSentence(
    t,
    await fetching.ended,
    /agent far: what was sent with the run cannot be kept in .+ \(no such file or directory\)/,
  );
  await passed(run());
});

t.test(
  'a disk is full while files come: a sentence, and the next run works once there is room',
  { skip: process.getuid?.() !== 0 },
  async (t) => {
    const disks = { control: new SmallDisk(t, 90 << 10), agent: new SmallDisk(t, 90 << 10) };
    for (const { folder } of Object.values(disks)) mkdirSync(join(folder, 'cache'), { mode: 0o700 });
    const { far, startControl, startAgent, run, begun, coming, passed } = await stage(t, {
      control: join(disks.control.folder, 'cache'),
      agent: join(disks.agent.folder, 'cache'),
    });
    await startControl();
    await startAgent('far', far);
    const sending = run(far);
    await begun('control');
    disks.control.fill();
    oneSentence(t, await sending.ended, /cannot be kept in .+ \(no space left on device\): make room there/);
    t.equal(coming('control'), 0, 'what had come of it is removed');
    disks.control.free();
    const fetching = run();
    await begun('agent');
    disks.agent.fill();
    oneSentence(
      t,
      await fetching.ended,
      /agent far: .*cannot be kept in .+ \(no space left on device\): make room there/,
    );
    t.equal(coming('agent'), 0);
    disks.agent.free();
    await passed(run());
  },
);
