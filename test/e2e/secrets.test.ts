// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references in plans
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { type BenchProcess, canSeeProcesses, workbench } from './bench-process.ts';
import { endedWith, resultIn } from './busy-host.ts';

t.setTimeout(400_000);

const CANARY = 'canary"4f1c%2F/ä';
const FILED = 'filed-canary-77aa';
const FORMS = [CANARY, FILED, encodeURIComponent(CANARY), JSON.stringify(CANARY).slice(1, -1), 'canary'];

/** A driver and a monitor that tell what they should not. */
const LEAKY = `
const options = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } };
export default {
  name: 'leaky', description: '', options,
  operations: () => [{ name: 'leak', type: 'X' }],
  open: ({ token }, context) => ({
    connect: () => ({
      send: () => (context.ratio('leaky.hits').void('void with ' + token), { ok: false, errorKind: 'refused', message: 'x'.repeat(290) + token, status: 0, bytesSent: 0, bytesReceived: 0 }),
      close() {},
    }),
    close() {},
  }),
  prepare: async ({ token, file }, { progress }) => progress('prepared with ' + token + ' and ' + file),
  verify: async ({ token }) => { throw new Error('no rows with ' + encodeURIComponent(token)); },
  cleanup: async ({ file }) => { throw new Error('cannot clean up ' + file); },
};
`;
const MONITOR = `
const options = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } };
export default {
  name: 'spy', description: '', options,
  open: ({ token }) => ({
    sample: async () => { throw new Error('not sampled: ' + JSON.stringify({ token })); },
    describe: async () => ({ version: '1.0 ' + token }),
    close() {},
  }),
};
`;
const PLAN = `name: Secrets
target: http://$HOST
drivers:
  http:
    options:
      headers: { Authorization: 'Bearer \${file:token.txt}' }
      operations: { get: { path: '/\${env:CANARY}', method: POST, body: { json: { key: '\${env:CANARY}', plain: '$\${env:CANARY}' } } } }
  leaky: { use: ./leaky.mjs, options: { token: '\${env:CANARY}', file: '\${file:token.txt}' } }
scenarios:
  all:
    executor: constant-vus
    vus: 2
    duration: 3s
    thinkTime: 50ms
    operations: [{ driver: http, weight: 3 }, { driver: leaky }]
monitors:
  spy: { use: ./spy.mjs, options: { token: '\${env:CANARY}' } }
reports: [markdown, json, html, junit, csv]
thresholds: [get fails == 0]
`;

/** Answers 200 to requests that hold the values, and 401 to others. */
async function target() {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text) => {
      body += text;
    });
    request.on('end', () => {
      const isRight =
        request.headers.authorization === `Bearer ${FILED}` &&
        request.url === `/${encodeURIComponent(CANARY)}` &&
        body === JSON.stringify({ key: CANARY, plain: '${env:CANARY}' });
      response.writeHead(isRight ? 200 : 401).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.closeAllConnections());
  t.teardown(() => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile());
}

function commandLines(started: BenchProcess): string {
  return started
    .family()
    .map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
    .join('\n');
}

t.test('a secret is used by agents and control, and is nowhere else', async (t) => {
  const host = await target();
  const files = {
    'leaky.mjs': LEAKY,
    'spy.mjs': MONITOR,
    'token.txt': `${FILED}\n`,
    'plan.yaml': PLAN.replace('$HOST', host),
  };
  const { folder, start, run } = workbench(t, files);
  const env = { CANARY };
  const control = start(['control', '--port', '0', '--store', 'kept/runs.sqlite', '--log-level', 'debug'], { env });
  const [, address = ''] = await control.said(/^Control on (\S+),/m);
  const agent = start(['agent', '--control', address, '--name', 'one', '--log-level', 'debug'], { env });
  await agent.said(/joined control/);
  const bench = start(['run', 'plan.yaml', '--control', address, '--out', 'out']);
  await bench.said(/^running/m);
  const seen = canSeeProcesses ? [control, agent, bench].map(commandLines).join('\n') : '';
  const ended = await bench.ended;
  const result = resultIn(`${folder}/out`);
  const get = result.operations.find(({ name }) => name === 'get')?.phases.measure;
  t.ok((get?.requests ?? 0) > 10);
  t.same(get?.errorKinds, [], 'the target got the values');
  const leaked = result.operations.find(({ name }) => name === 'leak')?.phases.measure.errorKinds[0];
  t.match(leaked?.example, /^x{290}\$\{env:CAN/, 'cut off in its middle it is no less secret');
  t.match(result.ratios, [{ voidReason: 'void with ${env:CANARY}' }]);
  const events = result.events.map(({ text }) => text).join('\n');
  t.match(events, /driver leaky, step verify: no rows with \$\{env:CANARY\}/);
  t.match(events, /monitor spy failed: not sampled: \{"token":"\$\{env:CANARY\}"\}/);
  t.matchOnly(Object.values(result.targetEnvironment), ['1.0 ${env:CANARY}']);
  t.match(JSON.stringify(result.plan), /Bearer \$\{file:token\.txt\}/);
  endedWith(t, ended, 120, result);
  const cleaned = await run(['cleanup', result.runId, '--store', 'kept/runs.sqlite'], { env });
  t.match(cleaned.stderr, /driver leaky: cannot clean up \$\{file:token\.txt\}/);
  const listed = await run(['report', result.runId, '--control', address, '--out', 'again']);
  agent.kill('SIGTERM');
  control.kill('SIGTERM');
  const told = [ended, cleaned, listed, await agent.ended, await control.ended];
  t.match(told[4]?.stderr, /prepared with \$\{env:CANARY\} and \$\{file:token\.txt\}/);
  const texts = new Map([
    ['command lines', seen],
    ...told.map(({ stdout, stderr }, i): [string, string] => [`output ${i}`, stdout + stderr]),
    ...['out', 'again', 'kept'].flatMap((name) =>
      filesIn(join(folder, name)).map((file): [string, string] => [file, readFileSync(file, 'latin1')]),
    ),
  ]);
  t.ok(texts.size > 15, [...texts.keys()].join());
  for (const [where, text] of texts) {
    for (const form of FORMS) {
      const found = text.includes(form) || text.includes(Buffer.from(form).toString('latin1'));
      t.notOk(found, `${form} in ${where}`);
    }
  }
});

t.test('what has no value is told all at once, with its place and who misses it', async (t) => {
  const files = { 'leaky.mjs': LEAKY, 'spy.mjs': MONITOR, 'plan.yaml': PLAN.replace('$HOST', '127.0.0.1:1') };
  const { start, run } = workbench(t, { ...files, 'only.txt': 'x' });
  const control = start(['control', '--port', '0', '--store', ':memory:']);
  const [, address = ''] = await control.said(/^Control on (\S+),/m);
  const agent = start(['agent', '--control', address, '--name', 'one']);
  await agent.said(/joined control/);
  const { code, stderr } = await run(['run', 'plan.yaml', '--control', address]);
  t.equal(code, 1);
  t.match(stderr, /control: drivers\.leaky\.options\.token: \$\{env:CANARY\} has no value: set the variable CANARY/);
  t.match(
    stderr,
    /control: drivers\.leaky\.options\.file: \$\{file:token\.txt\} has no value: the file cannot be read \(no such file or directory\)/,
  );
  t.match(stderr, /control: monitors\.spy\.options\.token: \$\{env:CANARY\}/);
  t.notMatch(stderr, /drivers\.http/, 'control itself sends no requests');
});

t.test('an agent that misses values says so by its name', async (t) => {
  const plan = PLAN.replace('$HOST', '127.0.0.1:1')
    .replace(/^ {2}leaky:.*\n/m, '')
    .replace(/, \{ driver: leaky \}/, '');
  const withoutMonitors = plan.replace(/^monitors:\n.*\n/m, '');
  const { start, run } = workbench(t, { 'plan.yaml': withoutMonitors });
  const control = start(['control', '--port', '0', '--store', ':memory:']);
  const [, address = ''] = await control.said(/^Control on (\S+),/m);
  await start(['agent', '--control', address, '--name', 'one']).said(/joined control/);
  const { code, stderr } = await run(['run', 'plan.yaml', '--control', address]);
  t.equal(code, 1);
  t.match(stderr, /agent one: drivers\.http\.options\.headers\.Authorization: \$\{file:token\.txt\} has no value/);
  t.match(stderr, /agent one: drivers\.http\.options\.operations\.get\.path: \$\{env:CANARY\} has no value/);
  t.match(stderr, /agent one: drivers\.http\.options\.operations\.get\.body\.json\.key: \$\{env:CANARY\} has no value/);
});

t.test('a reference that is misspelt is found before anything is started', async (t) => {
  const plan = PLAN.replace('${file:token.txt}', '${file:}').replace("env:CANARY}', file", "env:CAN ARY}', file");
  const { run } = workbench(t, {
    'plan.yaml': plan.replace('$HOST', '127.0.0.1:1'),
    'leaky.mjs': LEAKY,
    'spy.mjs': MONITOR,
  });
  const { code, stderr } = await run(['run', 'plan.yaml']);
  t.equal(code, 104);
  t.match(stderr, /line 6: drivers\.http\.options\.headers\.Authorization: \$\{file:\} does not name a file/);
  t.match(stderr, /line 8: drivers\.leaky\.options\.token: \$\{env:CAN ARY\} does not name an environment variable/);
});
