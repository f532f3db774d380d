/** The one executable, on a host that has nothing else: no PATH, no home, no packages. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ROOT } from '../docs/pages.ts';
import { workbench } from '../e2e/bench-process.ts';
import { endedWith, resultIn } from '../e2e/busy-host.ts';

t.setTimeout(180_000);

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

const built = spawnSync(join(ROOT, 'node_modules/.bin/bun'), ['build/binary.ts'], { cwd: ROOT, encoding: 'utf8' });
t.equal(built.status, 0, built.stderr);
const { size } = statSync(EXECUTABLE);
t.comment(`${(size / 1e6).toFixed(0)} MB`);
t.ok(size <= 130e6, `${size} bytes`);

t.test(
  'it is control, agent, command line and target, and loads a driver beside the plan, with a package that the driver needs',
  async (t) => {
    const { folder, start } = workbench(t, { 'plan.yaml': PLAN, 'healthy.ts': DRIVER });
    mkdirSync(join(folder, 'node_modules', 'health-path'), { recursive: true });
    writeFileSync(
      join(folder, 'node_modules', 'health-path', 'index.js'),
      "exports.path = require('node:path').posix.join('/', 'health');",
    );
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
    t.match(result.reconciliations, [{ reconciliation: { acknowledged: 6, stored: 6, lost: 0 } }]);
    t.match(readFileSync(join(folder, 'out/report.html'), 'utf8'), /uPlot/);
    t.match((await bench('runs').ended).stdout, /From one file/);
    t.equal((await bench('init', 'user', 'shopper').ended).code, 0);
    const secured = await bench('control', 'init', '--host', '192.0.2.5', '--security', 'security').ended;
    t.equal(secured.code, 0, secured.stderr);
    target.kill('SIGINT');
    t.equal((await target.ended).code, 105);
  },
);

t.test('the demo finds its plan in it', async (t) => {
  const { folder, start } = workbench(t);
  const demo = start(['demo', '--out', 'out'], { runtime: [], program: EXECUTABLE, env: NOTHING });
  await demo.said(/^\d+s\/\S+ {2}running/m);
  demo.kill('SIGINT');
  const { code, stderr } = await demo.ended;
  t.equal(code, 105, stderr);
  t.match(resultIn(join(folder, 'out')).reconciliations, [{ reconciliation: { lost: 0, extra: 0 } }]);
});
