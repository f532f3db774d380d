import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { freePort } from '../../core/cli/processes/free-port.ts';
import { parseExposition } from '../../plugins/prometheus/text.ts';
import { matchEach } from '../kit/match-each.ts';
import { privateMariadb } from '../kit/programs/mariadb.ts';
import { canSeeProcesses, ON_NODE, workbench } from './bench-process.ts';
import { endedWith, resultIn } from './busy-host.ts';
import { nullPlan } from './plans.ts';

t.setTimeout(400_000);

const bin = fileURLToPath(new URL('../../node_modules/.bin/', import.meta.url));
const RUNTIMES = {
  node: [process.execPath],
  bun: [`${bin}bun`],
  deno: [`${bin}deno`, 'run', '--allow-all'],
};

interface LogLine {
  readonly level: string;
  readonly time: string;
  readonly msg: string;
  readonly runId?: string;
  readonly agent?: string;
  readonly epoch?: string;
}

function logOf(stderr: string): LogLine[] {
  return stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LogLine);
}

for (const runtime of ['node', 'bun'] as const) {
  t.test(`on ${runtime}: the log as JSON, and /metrics that says what the result says`, async (t) => {
    const { folder, start, run } = workbench(t, { 'plan.yaml': nullPlan(4) });
    const logging = ['--log-format', 'json', '--log-level', 'debug'];
    const control = start(['control', '--port', '0', '--store', ':memory:', '--metrics', '127.0.0.1:0', ...logging], {
      runtime: RUNTIMES[runtime],
    });
    const [, address = ''] = await control.said(/^Control on (\S+),/m);
    const [, url = ''] = await control.said(/"msg":"metrics are at (\S+)"/);
    const other = runtime === 'node' ? 'deno' : 'bun';
    const agent = start(['agent', '--control', address, '--name', 'one', ...logging], { runtime: RUNTIMES[other] });
    await agent.said(/joined control/);
    const bench = start(['run', 'plan.yaml', '--control', address, '--out', 'out']);
    await bench.said(/^running/m);
    const scrape = async () => {
      const page = parseExposition(await (await fetch(url)).text());
      return (name: string, label = '') =>
        page.find((sample) => sample.name === name && (label === '' || Object.values(sample.labels).includes(label)))
          ?.value ?? 0;
    };
    const during = await scrape();
    t.equal(during('bench_control_agents', 'running'), 1);
    t.equal(during('bench_control_runs', 'running'), 1);
    const ended = await bench.ended;
    const result = resultIn(`${folder}/out`);
    endedWith(t, ended, 0, result);
    const after = await scrape();
    const { measure, warmup } = result.operations[0]?.phases ?? {};
    t.equal(after('bench_control_samples_total'), (measure?.requests ?? 0) + (warmup?.requests ?? 0));
    t.equal(after('bench_control_windows_total', 'received'), after('bench_control_ack_seconds_count'));
    t.ok(after('bench_control_windows_total', 'received') >= 4);
    t.ok(after('bench_control_store_commit_seconds_count') >= 4);
    t.ok(after('process_cpu_seconds_total') > 0);
    t.equal(after('bench_control_agents', 'idle'), 1);

    agent.kill('SIGTERM');
    const agentLog = logOf((await agent.ended).stderr);
    control.kill('SIGTERM');
    const controlLog = logOf((await control.ended).stderr);
    for (const { level, time, msg } of [...agentLog, ...controlLog]) {
      t.match(level, /^(debug|info|warn|error)$/, msg);
      t.ok(Math.abs(Date.parse(time) - Date.now()) < 120_000);
    }
    const { epoch } = agentLog.find(({ msg }) => msg.startsWith('joined control')) ?? {};
    t.match(epoch, /^[\w-]{12}$/);
    t.match(agentLog[0], { agent: 'one' });
    t.ok(controlLog.some(({ runId, msg }) => runId === result.runId && /begins/.test(msg)));
    t.ok(controlLog.some((line) => line.agent === 'one' && line.epoch === epoch && line.level === 'debug'));
    t.equal((await run(['agent', '--log-level', 'loud'])).code, 104);
  });
}

t.test(
  'a run of a control on MySQL that is killed goes on with a new one on the same database, and every total is exact',
  async (t) => {
    const server = await privateMariadb(t);
    const password = new URL(server.url).password;
    const { folder, start, run } = workbench(t, { 'plan.yaml': nullPlan(8) }, ON_NODE);
    const port = String(await freePort());
    const startControl = () => start(['control', '--port', port, '--store', server.url, '--log-level', 'debug']);
    const first = startControl();
    const [, address = ''] = await first.said(/^Control on (\S+), runs are stored in mysql:\/\/bench:\*\*\*@/m);
    if (canSeeProcesses) t.notMatch(readFileSync(`/proc/${first.pid}/cmdline`, 'utf8'), password);
    const agent = start(['agent', '--control', address, '--name', 'one']);
    await agent.said(/joined control/);
    const bench = start(['run', 'plan.yaml', '--control', address, '--out', 'out']);
    await bench.said(/^running/m);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    first.kill('SIGKILL');
    await first.ended;
    const second = startControl();
    await second.said(/control goes on with run/);
    const ended = await bench.ended;
    const result = resultIn(`${folder}/out`);
    endedWith(t, ended, 0, result);
    matchEach(t, result.agents, [{ name: 'one', closingTotals: 'agree' }]);
    t.equal(result.events.filter(({ text }) => /^control was restarted/.test(text)).length, 1);
    agent.kill('SIGTERM');
    second.kill('SIGTERM');
    const { code, stderr } = await second.ended;
    t.equal(code, 0);

    const env = { STORE_PASSWORD: password };
    const store = server.url.replace(password, '$' + '{env:STORE_PASSWORD}');
    const listed = await run(['runs', '--store', store], { env });
    t.match(listed.stdout, new RegExp(result.runId), listed.stderr);
    const reported = await run(['report', result.runId, '--store', server.url, '--out', 'again']);
    t.equal(reported.code, 0, reported.stderr);
    t.equal(resultIn(`${folder}/again`).runId, result.runId);
    const cleaned = await run(['cleanup', result.runId, '--store', server.url]);
    t.equal(cleaned.code, 0, cleaned.stderr);
    const wrong = await run(['runs', '--store', server.url.replace(password, 'wrong-secret')]);
    t.equal(wrong.code, 1);
    t.match(wrong.stderr, /rejects the login of bench: check the user and the password in --store/);
    const shown = await run(['runs', '--store', server.url], { runtime: RUNTIMES.bun });
    t.match(shown, {
      code: 104,
      stderr: /^bench: --store: the URL holds a password, which Bun cannot hide.* BENCH_STORE/,
    });
    const hidden = await run(['runs'], { runtime: RUNTIMES.bun, env: { BENCH_STORE: server.url } });
    t.match(hidden.stdout, new RegExp(result.runId), hidden.stderr);
    const missing = await run(['control', '--store', store]);
    t.match(missing, { code: 104, stderr: /^bench: --store: .*env:STORE_PASSWORD\} has no value: set the variable/ });
    for (const said of [ended, listed, reported, cleaned, shown, hidden, missing])
      t.notMatch(said.stdout + said.stderr, password);
    t.notMatch(wrong.stdout + wrong.stderr + stderr, /wrong-secret/);
  },
);
