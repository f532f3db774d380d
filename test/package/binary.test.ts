/** The one executable, on a host that has nothing else: no PATH, no home, no packages. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ROOT } from '../docs/pages.ts';
import { mayMakeNetworks } from '../docs/terminal.ts';
import { BenchProcess, invitedArguments, workbench } from '../e2e/bench-process.ts';
import { endedWith, resultIn } from '../e2e/busy-host.ts';
import { type Host, Hosts } from '../faults/hosts.ts';
import { matchEach } from '../kit/match-each.ts';

t.setTimeout(600_000);

const EXECUTABLE = join(ROOT, 'out/bench');
const NOTHING = { PATH: '', HOME: '' };

const DRIVER = `import { defineDriver, z } from '@bench/toolkit';
import { openHttp } from '@bench/toolkit/http';
import health from 'health-path';

export default defineDriver<object>({
  name: 'healthy',
  description: 'Asks whether the target is healthy.',
  options: z.strictObject({}),
  operations: () => [{ name: 'health', type: 'GET' }],
  async open(_options, context) {
    const clients = await openHttp(context);
    return {
      async connect(user, signal) {
        const http = await clients.connect(user, signal);
        return { send: (_operation, signal) => http.get(health.path, { signal }), close: () => http.close() };
      },
      close: () => clients.close(),
    };
  },
});
`;
const PLAN = `name: From one file
scenarios:
  users: { executor: per-vu-iterations, vus: 4, iterations: 5, operations: [{ driver: ./healthy.ts }] }
  uploads: { executor: per-vu-iterations, vus: 2, iterations: 3, operations: [{ driver: http-upload, name: upload }] }
reports: [json, html]
`;

const DATA_BYTES = 100e6;
const [CONTROL, AGENT, TARGET] = ['192.0.2.5', '192.0.2.9', '198.51.100.7'] as const;
/** The address of the target's host on its cable to control. */
const TARGET_FOR_CONTROL = '203.0.113.7';

const FAR_PLAN = `name: From one file
target: http://${TARGET}:5002
drivers:
  http:
    options:
      data: { rows: { file: rows.csv, order: shared } }
      operations:
        row: { path: '/health?row=\${rows.id}' }
scenarios:
  custom: { executor: per-vu-iterations, vus: 4, iterations: 20, operations: [{ driver: ./healthy.ts }] }
  rows: { executor: per-vu-iterations, vus: 4, iterations: 20, operations: [{ driver: http, operation: row }] }
  uploads: { executor: per-vu-iterations, vus: 4, iterations: 20, operations: [{ driver: http-upload, name: upload }] }
thresholds: [fails == 0, lost == 0]
reports: [json]
`;

function rows(): string {
  const text = 'x'.repeat(990);
  return `id,text\n${Array.from({ length: DATA_BYTES / 1000 }, (_, i) => `${String(i).padStart(8, '0')},${text}\n`).join('')}`;
}

/** The package that the driver needs. */
function addHealthPath(folder: string): void {
  mkdirSync(join(folder, 'node_modules', 'health-path'), { recursive: true });
  writeFileSync(
    join(folder, 'node_modules', 'health-path', 'index.js'),
    "exports.path = require('node:path').posix.join('/', 'health');",
  );
}

const built = spawnSync(join(ROOT, 'node_modules/.bin/bun'), ['build/binary.ts'], { cwd: ROOT, encoding: 'utf8' });
t.equal(built.status, 0, built.stderr);
const { size } = statSync(EXECUTABLE);
t.comment(`${(size / 1e6).toFixed(0)} MB`);
t.ok(size <= 130e6, `${size} bytes`);

t.test(
  'it is control, agent, command line and target, and loads a driver beside the plan, with a package that the driver needs',
  async (t) => {
    const { folder, start } = workbench(t, { 'plan.yaml': PLAN, 'healthy.ts': DRIVER });
    addHealthPath(folder);
    const bench = (...args: string[]) => start(args, { runtime: [], program: EXECUTABLE, env: NOTHING });
    const target = bench('target', '--port', '0', '--db', 'rows.sqlite');
    const [, url = ''] = await target.said(/^Target on (http[^\s,]+)/m);
    const ended = await bench('run', 'plan.yaml', '--host', url, '--agents', '2', '--out', 'out').ended;
    const result = resultIn(join(folder, 'out'));
    endedWith(t, ended, 0, result);
    t.strictSame(
      result.operations.map(({ name, phases }) => [name, phases.measure.requests, phases.measure.errors]),
      [
        ['health', 20, 0],
        ['upload', 6, 0],
      ],
    );
    matchEach(t, result.reconciliations, [{ reconciliation: { acknowledged: 6, stored: 6, lost: 0 } }]);
    t.match(readFileSync(join(folder, 'out/report.html'), 'utf8'), /uPlot/);
    t.match((await bench('runs').ended).stdout, /From one file/);
    t.equal((await bench('init', 'user', 'shopper').ended).code, 0);
    const secured = await bench('control', 'init', '--host', '192.0.2.5', '--security', 'security').ended;
    t.equal(secured.code, 0, secured.stderr);
    target.kill('SIGINT');
    t.equal((await target.ended).code, 105);
  },
);

t.test('it reads nothing of the folder that it is started in, where others may have put code', async (t) => {
  const files = {
    'bunfig.toml': 'preload = ["./stranger.ts"]\n',
    'stranger.ts': "console.log('code of a stranger');",
    '.env': 'BENCH_CONTROL_TOKEN=short\n',
    'package.json': 'no JSON',
    'tsconfig.json': 'no JSON',
  };
  const { start } = workbench(t, files);
  const bench = { runtime: [], program: EXECUTABLE, env: NOTHING };
  const { stdout, stderr } = await start(['agents', '--control', '127.0.0.1:1'], bench).ended;
  t.equal(stdout, '');
  t.match(stderr, /^bench: Control at 127\.0\.0\.1:1 /);
});

t.test('the demo finds its plan in it', async (t) => {
  const { folder, start } = workbench(t);
  const demo = start(['demo', '--out', 'out'], { runtime: [], program: EXECUTABLE, env: NOTHING });
  await demo.said(/^\d+s\/\S+ {2}running/m);
  demo.kill('SIGINT');
  const { code, stderr } = await demo.ended;
  t.equal(code, 105, stderr);
  matchEach(t, resultIn(join(folder, 'out')).reconciliations, [{ reconciliation: { lost: 0, extra: 0 } }]);
});

const ALONE = { skip: !mayMakeNetworks && 'it needs networks of its own' };
t.test('control, agent and target on three hosts with TLS, and all that a run can bring along', ALONE, async (t) => {
  const hosts = await Hosts.of(t);
  const [controlHost, agentHost, targetHost] = ['control', 'agent', 'target'].map((name) => hosts.add(name)) as [
    Host,
    Host,
    Host,
  ];
  hosts.cable([controlHost, CONTROL], [agentHost, AGENT]);
  hosts.cable([agentHost, '198.51.100.9'], [targetHost, TARGET]);
  hosts.cable([controlHost, '203.0.113.5'], [targetHost, TARGET_FOR_CONTROL]);
  execFileSync('ip', ['-n', controlHost.namespace, 'route', 'add', TARGET, 'via', TARGET_FOR_CONTROL]);

  const folder = t.testdir({ control: {}, agent: {}, target: {} });
  const ip = spawnSync('which', ['ip'], { encoding: 'utf8' }).stdout.trim();
  const on = (host: Host, name: string, ...args: string[]) => {
    const cwd = join(folder, name);
    const env = { ...NOTHING, XDG_CONFIG_HOME: join(cwd, 'config'), XDG_CACHE_HOME: join(cwd, 'cache') };
    const runtime = [ip, ...host.runtime.slice(1)];
    const started = new BenchProcess(args, { cwd, env, runtime, program: EXECUTABLE });
    t.teardown(() => started.end());
    return started;
  };
  const control = (...args: string[]) => on(controlHost, 'control', ...args);
  const init = await control('control', 'init', '--host', CONTROL).ended;
  t.equal(init.code, 0, init.stderr);
  await control('control', '--host', CONTROL).said(/^Control on \S+ \(TLS\)/m);
  const invitation = invitedArguments((await control('control', 'invite').ended).stdout);
  await on(agentHost, 'agent', ...invitation, '--name', 'rack-1').said(/^joined control/m);
  await on(targetHost, 'target', 'target', '--host', TARGET, '--db', 'rows.sqlite').said(/^Target on /m);

  const author = join(folder, 'control');
  addHealthPath(author);
  writeFileSync(join(author, 'healthy.ts'), DRIVER);
  writeFileSync(join(author, 'plan.yaml'), FAR_PLAN);
  writeFileSync(join(author, 'rows.csv'), rows());
  t.ok(statSync(join(author, 'rows.csv')).size >= DATA_BYTES);
  const startedMs = performance.now();
  const ended = await control('run', 'plan.yaml', '--control', `${CONTROL}:7070`, '--out', 'out').ended;
  t.comment(`with ${DATA_BYTES / 1e6} MB sent, the run took ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  const result = resultIn(join(author, 'out'));
  endedWith(t, ended, 0, result);
  t.strictSame(
    result.operations.map(({ name, phases: { measure } }) => [name, measure.requests, measure.errors]),
    [
      ['health', 80, 0],
      ['row', 80, 0],
      ['upload', 80, 0],
    ],
  );
  matchEach(t, result.reconciliations, [{ reconciliation: { acknowledged: 80, stored: 80, lost: 0, extra: 0 } }]);
});
