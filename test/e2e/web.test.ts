/** The example of another platform: it starts a run of a real control on each runtime, and shows its seconds. */

import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { BenchProcess } from './bench-process.ts';

t.setTimeout(240_000);

const ROOT = join(import.meta.dirname, '../..');
const RUNTIMES = { node: [process.execPath], bun: [join(ROOT, 'node_modules/.bin/bun')] } as const;
const PLAN = `name: nothing
scenarios:
  nothing: { executor: constant-vus, vus: 2, duration: 3s, thinkTime: 10ms, operations: [{ driver: 'null' }] }
`;

for (const [name, runtime] of Object.entries(RUNTIMES)) {
  t.test(`control on ${name}`, async (t) => {
    const folder = t.testdir({ plans: { 'nothing.yaml': PLAN } });
    const start = (args: readonly string[]) => {
      const env = { HOME: folder, XDG_CONFIG_HOME: join(folder, 'config'), XDG_CACHE_HOME: join(folder, 'cache') };
      const started = new BenchProcess(args, { cwd: folder, env, runtime });
      t.teardown(() => started.end());
      return started;
    };
    const web = ['--web', '127.0.0.1:0', '--plans', 'plans'];
    const control = start(['control', '--port', '0', '--store', ':memory:', ...web]);
    const [, url = ''] = await control.said(/^The live page is at \S+, the HTTP API at (\S+)\/api\/v1\.$/m);
    const [, address = ''] = await control.said(/^Control on (\S+),/m);
    await start(['agent', '--control', address, '--name', 'a']).said(/^joined control/m);
    const platform = await served(t, { BENCH_URL: url, BENCH_PLAN: 'nothing.yaml', PORT: '0' });
    const started = await fetch(`${platform}runs`, { method: 'POST', redirect: 'manual' });
    t.equal(started.status, 303);
    const runId = started.headers.get('location')?.replace('/#', '');
    const events = await (await fetch(`${platform}runs/${runId}`)).text();
    const names = [...events.matchAll(/^event: (.*)$/gm)].map(([, event]) => event);
    t.ok(names.filter((event) => event === 'second').length >= 3, 'each second of the run');
    t.same(names.slice(-2), ['result', 'end']);
    const { reports } = JSON.parse(/^event: result\ndata: (.*)$/m.exec(events)?.[1] ?? '{}') as {
      reports: { html: string };
    };
    const report = await fetch(`${url}${reports.html}`);
    t.match(report.headers.get('content-disposition'), /report\.html/);
    t.match(await report.text(), /^<!doctype html>/i);
    const short = await fetch(`${url}/api/v1/runs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-bench': '1' },
      body: JSON.stringify({ file: 'nothing.yaml', overrides: { users: 10 } }),
    });
    const { runId: other } = (await short.json()) as { runId: string };
    await (await fetch(`${url}/api/v1/runs/${other}/events`)).text();
    const compared = await fetch(`${url}/api/v1/compare?runs=${runId},${other}`);
    const command = ['compare', `${runId}`, `${other}`, '--control', address, '--report', 'json=compared.json'];
    await start(command).ended;
    t.equal(await compared.text(), await readFile(join(folder, 'compared.json'), 'utf8'), 'as the command compares');
    const own = { 'content-type': 'application/json', 'x-bench': '1' };
    const place = `${url}/api/v1/runs/${other}`;
    const body = JSON.stringify({ note: 'shorter', tags: ['short'] });
    t.equal((await fetch(place, { method: 'PATCH', headers: own, body })).status, 200);
    const tagged = await fetch(`${url}/api/v1/runs?tag=short`);
    t.match(await tagged.json(), { runs: { length: 1, 0: { runId: other, note: 'shorter' } } });
    t.match(await (await fetch(`${url}/api/v1/compare/html?runs=${runId},${other}`)).text(), /^<!doctype html>/i);
    t.equal((await fetch(place, { method: 'DELETE', headers: own })).status, 204);
    t.equal((await fetch(place)).status, 404);
  });
}

/** @returns the address of the platform, with a slash at its end */
async function served(t: { teardown(end: () => void): void }, env: Record<string, string>): Promise<string> {
  const platform = spawn(process.execPath, [join(ROOT, 'examples/embed/platform.ts')], {
    env: { ...process.env, ...env },
  });
  t.teardown(() => platform.kill());
  for await (const line of platform.stdout) return String(line).trim();
  throw new Error('the platform did not start');
}
