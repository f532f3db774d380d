/** What targets, plans and scripts may do wrong, as users meet it: whole runs on each runtime that an agent may run on. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import type { RunResult } from '../../../core/stats/result.ts';
import { quoteName } from '../../../core/verdict/criterion/select.ts';
import { workbench } from '../bench-process.ts';
import { endedWith, resultIn } from '../busy-host.ts';

t.setTimeout(600_000);
// Each waits for users that cannot end.
t.jobs = 3;

const bin = fileURLToPath(new URL('../../../node_modules/.bin/', import.meta.url));
const RUNTIMES: Readonly<Record<string, readonly string[]>> = {
  Node: [process.execPath],
  Bun: [`${bin}bun`],
  Deno: [`${bin}deno`, 'run', '--allow-all'],
};

const MIB = 2 ** 20;

/** Answers that no journey can go on with. */
async function startBadTarget(t: Pick<Test, 'teardown'>): Promise<string> {
  const redirects: Readonly<Record<string, string>> = {
    '/circle': '/circle',
    '/to-another-host': 'http://shop.test/login',
    '/to-another-scheme': 'ftp://127.0.0.1/file',
  };
  const bodies: Readonly<Record<string, string>> = {
    '/not-json': '<h1>It works!</h1>',
    '/too-large': JSON.stringify({ padding: 'a'.repeat(2 * MIB), id: 7 }),
    '/backtracking': `${'a'.repeat(MIB - 1)}!`,
    '/state': '{"state":"open"}',
  };
  const server = createServer(({ url = '', headers }, response) => {
    const location = redirects[url];
    if (location !== undefined) response.writeHead(302, { location }).end();
    else if (url === '/foreign-cookie') {
      response.writeHead(200, { 'set-cookie': ['theirs=1; Domain=shop.test', 'ours=2'] }).end();
    } else if (url === '/cookies') response.end(`<${headers.cookie ?? ''}>`);
    else response.end(bodies[url] ?? 'ok');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Case {
  readonly scenario: string;
  /** Lines of the scenario, beside its load. */
  readonly work: string;
  /** One line of the options of the driver `http`. */
  readonly operation?: string;
  /** What its only pass fails with; undefined where it passes. */
  readonly failure?: RegExp;
  readonly message?: RegExp;
}

const one = (scenario: string, rest: Omit<Case, 'scenario' | 'work'>): Case => ({
  scenario,
  work: `flow: [{ driver: http, operation: ${scenario} }]`,
  ...rest,
});

const CASES: readonly Case[] = [
  one('not-json', {
    operation: 'path: /not-json, extract: { id: { json: id } }',
    failure: /^not-json: extract_failed$/,
    message: /GET \/not-json: no value for the variable id: the body is not JSON/,
  }),
  one('too-large', {
    operation: 'path: /too-large, extract: { id: { json: id } }',
    failure: /^too-large: extract_failed$/,
    message: /no value for the variable id: the body is larger than the 1 MiB that is read/,
  }),
  one('backtracking', {
    operation: `path: /backtracking, extract: { id: { regex: '(a+)+$' } }`,
    failure: /^backtracking: extract_failed$/,
    message: /no value for the variable id: text that matches \(a\+\)\+\$ is not in the answer/,
  }),
  one('circle', { operation: 'path: /circle', failure: /^circle: redirect_loop$/, message: /redirects go round in/ }),
  one('another-host', {
    operation: 'path: /to-another-host',
    failure: /^another-host: redirect_refused$/,
    message: /another origin, http:\/\/shop\.test\/login: allow it with redirectOrigins: \[http:\/\/shop\.test\]/,
  }),
  one('another-scheme', {
    operation: 'path: /to-another-scheme',
    failure: /^another-scheme: redirect_refused$/,
    message: /it redirects to ftp:\/\/127\.0\.0\.1\/file, which is not an address of HTTP/,
  }),
  {
    scenario: 'foreign-cookie',
    work: 'flow: [{ driver: http, operation: foreign-cookie }, { driver: http, operation: cookies }]',
    operation: 'path: /foreign-cookie',
  },
  {
    scenario: 'never',
    work: 'flow: [{ repeat: 3, until: { variable: state, equals: paid }, flow: [{ driver: http, operation: state }] }]',
    operation: 'path: /state, extract: { state: { json: state } }',
    failure: /^until_not_met$/,
    message: /after 3 rounds the variable state was open/,
  },
  {
    scenario: 'short-data',
    work: 'flow: [{ driver: short, operation: row, name: first }, { driver: short, operation: row, name: second }]',
    failure: /^data_exhausted$/,
    message: /the data file had no row left for the rest of the pass/,
  },
  {
    scenario: 'no-start',
    work: 'user: ./no-start.ts',
    failure: /^start_failed$/,
    message: /^onStart failed: the shop is closed \(no-start\.ts:5\)$/,
  },
  {
    scenario: 'throws',
    work: 'user: ./throws.ts',
    failure: /^TypeError: /,
    message: /^TypeError: .* \(throws\.ts:6\)$/,
  },
  { scenario: 'fails', work: 'user: ./fails.ts', failure: /^item # is sold out$/, message: /^item 17 is sold out$/ },
  {
    scenario: 'endless',
    work: 'user: ./endless.ts',
    failure: /^script_did_not_end$/,
    message: /waiting for something long after the load had ended: have what it awaits heed user\.signal/,
  },
  { scenario: 'many-names', work: 'user: ./many-names.ts' },
];

const script = (body: string) =>
  `import { defineUser } from '@bench/toolkit';\n\nexport default defineUser({\n${body}\n});\n`;

const FILES = {
  'rows.csv': 'name\nann\n',
  'no-start.ts': script(`  onStart() {
    throw new Error('the shop is closed');
  },
  iterate() {},`),
  'throws.ts': script(`  async iterate({ http }) {
    const answer = await http.get('/state');
    answer.json<{ cart: { id: number } }>().cart.id.toFixed();
  },`),
  'fails.ts': script(`  async iterate({ http, fail }) {
    await http.get('/');
    fail('item 17 is sold out');
  },`),
  'endless.ts': script('  iterate: () => new Promise(() => {}),'),
  'many-names.ts': script(`  drivers: ['null'],
  async iterate({ driver }) {
    for (let i = 0; i < 1_001; i++) await driver('null').send('noop', { name: 'page ' + i });
  },`),
};

const WRONG_PLAN = `name: Wrong
scenarios:
  empty: { executor: constant-vus, vus: 1, duration: 1s, flow: [] }
  never:
    executor: constant-vus
    vus: 1
    duration: 1s
    flow:
      - { repeat: 0, flow: [{ driver: http, operation: order }] }
      - { repeat: 3, flow: [] }
      - { driver: http, operation: order, if: { variable: order, matches: '(' } }
  nobody: { executor: constant-vus, vus: 1, duration: 1s, user: ./nobody.ts }
drivers:
  http:
    options:
      redirects: forever
      operations:
        order:
          path: /orders/\${order}
          extract: { id: { regex: '(a' } }
          checks: { body: { matches: 'a**' } }
`;

const WRONG_PROBLEMS: readonly RegExp[] = [
  /line 3: scenarios\.empty\.flow: must /,
  /line 9: scenarios\.never\.flow\[0\]\.repeat: must be a whole number from 1/,
  /line 10: scenarios\.never\.flow\[1\]\.flow: must /,
  /line 11: scenarios\.never\.flow\[2\]\.if\.matches: is not a regular expression: missing closing \)/,
];

/** What drivers' options and scripts hold is looked at once the rest of a plan is right. */
const LATER_PLAN = `name: Wrong later
scenarios:
  buyers: { executor: constant-vus, vus: 1, duration: 1s, flow: [{ driver: http, operation: order }] }
  nobody: { executor: constant-vus, vus: 1, duration: 1s, user: ./nobody.ts }
drivers:
  http:
    options:
      redirects: forever
      operations:
        order:
          path: /orders
          extract: { id: { regex: '(a' } }
          checks: { body: { matches: 'a**' } }
`;

const LATER_PROBLEMS: readonly RegExp[] = [
  /line 4: scenarios\.nobody\.user: .*nobody\.ts/,
  /line 8: drivers\.http\.options\.redirects: must be none, follow, or a number of redirects/,
  /line 12: drivers\.http\.options\.operations\.order\.extract\.id\.regex: is not a regular expression: missing/,
  /line 13: drivers\.http\.options\.operations\.order\.checks\.body\.matches: is not a regular expression: invalid/,
];

/** Each pass is one; users that cannot begin or end have two seconds for that. */
function planOf(cases: readonly Case[]): string {
  const scenarios = cases.map(({ scenario, work }) => {
    const load = `executor: per-vu-iterations\n    vus: 1\n    iterations: 1\n    maxDuration: 2s\n    gracefulStop: 1s`;
    return `  ${scenario}:\n    ${load}\n    ${work}\n`;
  });
  const operations = cases.flatMap(({ scenario, operation }) => {
    const name = scenario === 'never' ? 'state' : scenario;
    return operation === undefined ? [] : [`        ${name}: { ${operation} }\n`];
  });
  return `name: Bad input
scenarios:
${scenarios.join('')}drivers:
  'null': {}
  http:
    options:
      cookies: true
      redirects: follow
      operations:
${operations.join('')}        cookies: { path: /cookies, checks: { body: { contains: '<ours=2>' } } }
  short:
    use: http
    options:
      data: { rows: { file: rows.csv, order: shared, atEnd: stop } }
      operations: { row: { path: '/?\${rows.name}' } }
reports: [json]
`;
}

/** A run whose agent is on this runtime; control is too, where it can be. */
async function runOn(t: Test, name: string) {
  const runtime = RUNTIMES[name] as readonly string[];
  const { folder, start, run } = workbench(t, {
    ...FILES,
    'plan.yaml': planOf(CASES),
    'wrong.yaml': WRONG_PLAN,
    'later.yaml': LATER_PLAN,
  });
  if (name !== 'Deno') return { folder, run: (args: readonly string[]) => run(args, { runtime }) };
  const control = start(['control', '--port', '0', '--store', ':memory:']);
  const [, address = ''] = await control.said(/^Control on (\S+),/m);
  const agent = start(['agent', '--control', address], { runtime });
  await agent.said(/joined control/);
  return { folder, run: (args: readonly string[]) => run([...args, '--control', address], { runtime }) };
}

function failuresOf({ journeys = [] }: RunResult, scenario: string) {
  const { requests, errorKinds } = journeys.find(({ name }) => name === scenario)?.phases.measure ?? {};
  return { requests, kinds: errorKinds ?? [] };
}

for (const name of Object.keys(RUNTIMES)) {
  t.test(`on ${name}: nothing hangs, and each pass says what it failed with`, async (t) => {
    const url = await startBadTarget(t);
    const { folder, run } = await runOn(t, name);
    const ended = await run(['run', 'plan.yaml', '--host', url, '--out', 'out']);
    const result = resultIn(`${folder}/out`);
    endedWith(t, ended, 99, result);
    for (const { scenario, failure, message } of CASES) {
      const { requests, kinds } = failuresOf(result, scenario);
      t.ok((requests ?? 0) >= 1, `${scenario}: it had a pass`);
      t.strictSame(kinds.length, failure === undefined ? 0 : 1, `${scenario}: ${JSON.stringify(kinds)}`);
      if (failure !== undefined) t.match(kinds[0]?.kind, failure, scenario);
      if (message !== undefined) t.match(kinds[0]?.example, message, scenario);
      const criterion = `journey ${quoteName(scenario)} error_rate < 1%`;
      const { status, isDefault } = result.thresholds.find((threshold) => threshold.criterion === criterion) ?? {};
      t.strictSame([status, isDefault], [failure === undefined ? 'pass' : 'fail', true], criterion);
    }
    t.match(ended.stdout, /✗ journey "fails" error_rate < 1% \(default\)/);
    const ofNames = result.operations.filter(({ scenario }) => scenario === 'many-names');
    t.ok(ofNames.length <= 1_000, `${ofNames.length} names`);
    t.ok(ofNames.some(({ name }) => name === '(other)'));
    t.match(result.events.map(({ text }) => text).join('\n'), /\(other\)/);
    t.notMatch(ended.stdout + ended.stderr, /\n {4}at /, 'no stack trace');
  });

  t.test(
    `on ${name}: what no plan can mean is told before anything starts, all at once and with its line`,
    async (t) => {
      const { run } = await runOn(t, name);
      for (const [plan, problems] of [
        ['wrong.yaml', WRONG_PROBLEMS],
        ['later.yaml', LATER_PROBLEMS],
      ] as const) {
        const { code, stdout, stderr } = await run(['run', plan, '--host', 'http://127.0.0.1:1']);
        t.equal(code, 104, stdout + stderr);
        for (const problem of problems) t.match(stderr, problem);
        t.notMatch(stderr, /\n {4}at /, 'no stack trace');
      }
    },
  );
}
