/** What somebody has who installs the package: its tarball in an empty folder, and none of this repository. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import t from 'tap';
import { ROOT } from '../docs/pages.ts';
import { BenchProcess, type StartOptions } from '../e2e/bench-process.ts';
import { endedWith, resultIn } from '../e2e/busy-host.ts';
import { nullPlan } from '../e2e/plans.ts';
import { matchEach } from '../kit/match-each.ts';
import { complaintsOf, openBrowser } from '../kit/programs/chromium.ts';
import { BY_ITSELF, installed, megabytesOn, packed, WITH_MEMORY } from './installed.ts';

t.setTimeout(600_000);

const bin = join(ROOT, 'node_modules/.bin/');
const RUNTIMES = { node: [process.execPath], bun: [`${bin}bun`], deno: [`${bin}deno`, 'run', '--allow-all'] } as const;

const PLAN = `import { definePlan } from '@bench/toolkit';

export default definePlan({
  name: 'From the package',
  scenarios: {
    shoppers: { executor: 'per-vu-iterations', vus: 2, iterations: 3, user: './shopper.ts' },
    numbered: { executor: 'per-vu-iterations', vus: 2, iterations: 5, operations: [{ driver: './numbered.ts' }] },
  },
  reports: ['json', 'html', 'markdown'],
});
`;

const SHOPPER = `import { defineUser, type User } from '@bench/toolkit';

async function health({ http, check }: User): Promise<void> {
  const answer = await http.get('/health', { name: 'health' });
  check('healthy', answer.status === 200);
}

export default defineUser({ tasks: { health: { weight: 1, run: health } } });
`;

const NUMBERED = `import { defineDriver, z } from '@bench/toolkit';
import { openHttp } from '@bench/toolkit/http';
import { customAlphabet } from 'nanoid';

export default defineDriver<{ digits: number }>({
  name: 'numbered',
  description: 'Asks for the health of a number that a package made.',
  options: z.strictObject({ digits: z.number().int().default(6) }),
  operations: () => [{ name: 'numbered', type: 'GET' }],
  async open({ digits }, context) {
    const number = customAlphabet('0123456789', digits);
    const clients = await openHttp(context);
    return {
      async connect(user, signal) {
        const http = await clients.connect(user, signal);
        return {
          send: (_operation, signal) => http.get(\`/health?number=\${number()}\`, { signal }),
          close: () => http.close(),
        };
      },
      close: () => clients.close(),
    };
  },
});
`;

const PROGRAM = `import { startLocal } from '@bench/toolkit/client';

const bench = await startLocal();
try {
  const run = await bench.start({
    name: 'From a program',
    scenarios: {
      nothing: { executor: 'shared-iterations', vus: 2, iterations: 7, operations: [{ driver: 'null' }] },
    },
  });
  const { operations } = await run.follow();
  console.log(operations.map(({ name, phases }) => \`\${name}: \${phases.measure.requests}\`).join());
} finally {
  await bench.close();
}
`;

const folder = t.testdir({ empty: {} });
const home = join(folder, 'empty');
const { tarball, bytes, files } = await packed(folder);
const beganMs = performance.now();
await installed(home, tarball, ['nanoid@6.0.2']);
t.comment(
  `tarball ${(bytes / 1e6).toFixed(2)} MB, installed in ${((performance.now() - beganMs) / 1000).toFixed(1)} s: ` +
    `${megabytesOn(join(home, 'node_modules')).toFixed(0)} MB`,
);
const FILES = { 'plan.ts': PLAN, 'shopper.ts': SHOPPER, 'numbered.ts': NUMBERED, 'program.ts': PROGRAM };
for (const [name, text] of Object.entries(FILES)) writeFileSync(join(home, name), text);
const program = join(home, 'node_modules/@bench/toolkit/bench.js');

function byItself(...command: readonly string[]) {
  const [program, ...before] = BY_ITSELF;
  return spawnSync(program, [...before, ...command], { encoding: 'utf8' });
}

function bench(runtime: keyof typeof RUNTIMES, args: readonly string[], options: Partial<StartOptions> = {}) {
  const started = new BenchProcess(args, { cwd: home, runtime: RUNTIMES[runtime], program, ...options });
  t.teardown(() => started.end());
  return started;
}

t.test('the tarball holds what its users need, and nothing else', async (t) => {
  t.ok(bytes < 1.5e6, `${bytes} bytes`);
  for (const file of ['LICENSE', 'README.md', 'docs/cli.md', 'examples/my-driver.ts', 'plans/upload.yaml']) {
    t.ok(files.includes(file), file);
  }
  t.strictSame(
    files.filter((file) =>
      /^(test\/|build|tools|core\/(?!control\/store\/migrations)|node_modules)|(^|\/)\./.test(file),
    ),
    [],
  );
  t.ok(megabytesOn(join(home, 'node_modules')) <= 60);
  t.match(readFileSync(join(home, 'node_modules/@bench/toolkit/dist/licences.txt'), 'utf8'), /\ncommander .*MIT/);
});

t.test('its manifest and its types are right for all who can import it', async (t) => {
  const pkgDir = join(home, 'node_modules/@bench/toolkit');
  const { messages, pkg } = await publint({ pkgDir, pack: false });
  t.strictSame(
    messages.map((message) => formatMessage(message, pkg)),
    [],
  );
  const attw = byItself(`${bin}attw`, '--profile', 'esm-only', '--no-color', tarball);
  t.equal(attw.status, 0, attw.stdout + attw.stderr);
});

t.test('modules of a project whose only setting is `strict` are checked', async (t) => {
  writeFileSync(join(home, 'tsconfig.json'), '{ "compilerOptions": { "strict": true, "noEmit": true } }\n');
  const { status, stdout } = byItself(...WITH_MEMORY, `${bin}tsc`, '--singleThreaded', '--project', home);
  t.equal(stdout, '');
  t.equal(status, 0);
});

t.test('its command starts soon', async (t) => {
  for (const runtime of ['node', 'bun', 'deno'] as const) {
    const startedMs = performance.now();
    const { code, stdout } = await bench(runtime, ['--help']).ended;
    t.comment(`bench --help on ${runtime}: ${Math.round(performance.now() - startedMs)} ms`);
    t.equal(code, 0);
    t.match(stdout, /^Usage: bench /);
  }
});

t.test('a plan, a user and a driver in TypeScript run, with a package that the driver needs', async (t) => {
  const target = bench('node', ['target', '--port', '0', '--db', 'rows.sqlite']);
  const [, url = ''] = await target.said(/^Target on (http[^\s,]+)/m);
  for (const runtime of ['node', 'bun'] as const) {
    const ended = await bench(runtime, ['run', 'plan.ts', '--host', url, '--out', `${runtime}-out`]).ended;
    const result = resultIn(join(home, `${runtime}-out`));
    endedWith(t, ended, 0, result);
    t.strictSame(
      result.operations.map(({ name, phases }) => [name, phases.measure.requests, phases.measure.errors]),
      [
        ['numbered', 10, 0],
        ['health', 6, 0],
      ],
    );
    t.match(readFileSync(join(home, `${runtime}-out`, 'report.html'), 'utf8'), /uPlot/);
  }
  const control = bench('node', ['control', '--port', '0', '--store', ':memory:']);
  const [, address = ''] = await control.said(/^Control on (\S+),/m);
  const agent = bench('deno', ['agent', '--control', address]);
  await agent.said(/joined control/);
  // The library that answers is loaded with this call.
  t.equal((await bench('node', ['health', '--control', address]).ended).code, 0, 'control says that it works');
  const args = ['run', 'plan.ts', '--host', url, '--control', address, '--out', 'deno-out'];
  const ended = await bench('deno', args).ended;
  endedWith(t, ended, 0, resultIn(join(home, 'deno-out')));
  for (const served of [agent, control, target]) {
    served.kill('SIGINT');
    t.equal((await served.ended).code, 105);
  }
});

t.test('its live page, whose scripts are made small, starts a run and shows it to the end', async (t) => {
  mkdirSync(join(home, 'plans'));
  writeFileSync(join(home, 'plans/plan.yaml'), nullPlan(60));
  const control = bench('node', [
    'control',
    '--port',
    '0',
    '--store',
    ':memory:',
    '--web',
    '127.0.0.1:0',
    '--plans',
    'plans',
  ]);
  const [, url = ''] = await control.said(/(http:\/\/127\.0\.0\.1:\d+)/);
  const [, address = ''] = await control.said(/^Control on (\S+),/m);
  await bench('node', ['agent', '--control', address]).said(/joined control/);
  const browser = await openBrowser();
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-US' });
  t.teardown(() => context.close());
  context.setDefaultTimeout(60_000);
  const complaints = complaintsOf(context, (asked) => asked.startsWith(url));
  const page = await context.newPage();
  await page.goto(url);
  await page.locator('.outcome.pass').waitFor();
  await page.getByRole('button', { name: 'START', exact: true }).click();
  await page.locator('.tiles dl > div', { hasText: 'Users' }).locator('dd', { hasText: /^5$/ }).waitFor();
  await page.locator('figure[data-chart=throughput] .uplot').waitFor();
  await page
    .locator('#results tfoot td', { hasText: /^[1-9]\d+$/ })
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'STOP' }).click();
  await page.getByRole('button', { name: 'Stop in order' }).click();
  await page.locator('#conclusion').waitFor();
  await page.locator('#downloads a', { hasText: 'report.html' }).waitFor();
  t.strictSame(complaints, []);
});

t.test('a program in TypeScript runs a plan', async (t) => {
  for (const runtime of ['node', 'bun'] as const) {
    const { code, stdout, stderr } = await bench(runtime, [], { program: 'program.ts' }).ended;
    t.strictSame([code, stdout], [0, 'noop: 7\n'], stderr);
  }
});

t.test('all of its code can be loaded', (t) => {
  const dist = join(home, 'node_modules/@bench/toolkit/dist');
  const parts = readdirSync(dist).filter((name) => name.endsWith('.js') && name !== 'bench.js');
  t.ok(parts.length > 100, `${parts.length} files`);
  // One process for all: what is wrong with one is told with its name.
  const load = `for (const part of ${JSON.stringify(parts)})
    await import('./node_modules/@bench/toolkit/dist/' + part).catch((error) => console.log(part, error));
  process.exit();`;
  writeFileSync(join(home, 'load.mjs'), load);
  const { status, stdout, stderr } = spawnSync(process.execPath, ['load.mjs'], {
    cwd: home,
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
  });
  t.strictSame([status, stdout, stderr], [0, '', '']);
  t.end();
});

t.test('what only some commands and flags need works from the package', async (t) => {
  const files = {
    'request.sh': "curl http://127.0.0.1:1/a -H 'Accept: text/plain'\n",
    'api.yaml': 'openapi: 3.1.0\ninfo: { title: Shop }\npaths: { /a: { get: { operationId: a } } }\n',
    'shop.har': JSON.stringify({
      log: {
        entries: [
          {
            startedDateTime: '2026-01-01T00:00:00Z',
            request: { method: 'GET', url: 'http://127.0.0.1:1/a' },
            response: { status: 200 },
          },
        ],
      },
    }),
    'null.yaml': nullPlan(1),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home, name), text);
  const all = ['markdown', 'json', 'html', 'csv', 'junit', 'hgrm', 'github'].flatMap((name) => ['--report', name]);
  const [first, again] = ['first', 'again'];
  for (const out of [first, again]) {
    const ended = await bench('node', ['run', 'null.yaml', '--out', out, ...all]).ended;
    endedWith(t, ended, 0, resultIn(join(home, out)));
  }
  const [before, after] = [`${first}/result.json`, `${again}/result.json`];
  for (const [said, ...args] of [
    [/^name: .*\n(?:.*\n)*drivers:/, 'http', 'http://127.0.0.1:1/a', '--print-plan'],
    [/operation: GET \/a/, 'import', 'curl', 'request.sh'],
    [/operation: a/, 'import', 'openapi', 'api.yaml'],
    [/operation: GET \/a/, 'import', 'har', 'shop.har'],
    [/./, 'init', 'plan', 'made'],
    [/null/, 'check', 'null.yaml'],
    [/http-upload/, 'plugins'],
    [/operations/, 'plugins', 'describe', 'http'],
    [/finished|pass|invalid/, 'runs'],
    [/baseline/i, 'baseline', 'set', 'main', before, '--file', 'baseline.json'],
    [/report\.html/, 'report', '--from', after, '--baseline', 'baseline.json', ...all, '--out', 'reported'],
  ] as const) {
    const { code, stdout, stderr } = await bench('node', args).ended;
    t.match([code, stdout, stderr], [0, said, ''], args.join(' '));
  }
  const compared = await bench('node', ['compare', before, after, '--force', '--report', 'html', '--report', 'junit'])
    .ended;
  t.match([compared.code, compared.stderr], [/^(0|99|120)$/, '']);
  const control = bench('node', ['control', '--port', '0', '--store', ':memory:', '--log-format', 'json']);
  await control.said(/^Control on /m);
  control.kill('SIGINT');
  const { code, stderr } = await control.ended;
  t.equal(code, 105);
  t.match(JSON.parse(stderr), { level: 'info', time: /^2\d{3}-/, msg: 'Control ended.' });
});

t.test('the demo runs', async (t) => {
  const demo = bench('node', ['demo', '--out', 'demo-out']);
  await demo.said(/^\d+s\/\S+ {2}running/m);
  demo.kill('SIGINT');
  const { code, stdout, stderr } = await demo.ended;
  t.equal(code, 105, stderr);
  t.match(stdout, /Target ended: \d+ requests served/);
  matchEach(t, resultIn(join(home, 'demo-out')).reconciliations, [{ reconciliation: { lost: 0, extra: 0 } }]);
});
