/** The example of another platform: it starts a run of a real control on each runtime, and shows its seconds. */
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { endServer, startServer } from '../../kit/programs/server-process.ts';
import { RUNTIMES } from '../../runtime/suite.ts';
import { workbench } from '../bench-process.ts';
import { nullPlan } from '../plans.ts';

t.setTimeout(400_000);
// They mostly wait.
t.jobs = 2;

const PLATFORM = fileURLToPath(new URL('../../../examples/embed/platform.ts', import.meta.url));

for (const runtime of ['node', 'bun'] as const) {
  t.test(`control on ${runtime}`, { buffered: true }, async (t) => {
    const { folder, start, run } = workbench(t, { 'plan.yaml': nullPlan(3) });
    const control = start(['control', '--port', '0', '--store', ':memory:', '--web', '127.0.0.1:0', '--plans', '.'], {
      runtime: RUNTIMES[runtime],
    });
    const [, url = ''] = await control.said(/^The live page is at \S+, the HTTP API at (\S+)\/api\/v1\.$/m);
    const [, address = ''] = await control.said(/^Control on (\S+),/m);
    await start(['agent', '--control', address]).said(/^joined control/m);
    const settings = { BENCH_URL: url, BENCH_PLAN: 'plan.yaml', PORT: '0' };
    const server = await startServer([process.execPath, PLATFORM], /^(http:\S+)$/m, settings);
    t.teardown(() => endServer(server));
    const [, platform = ''] = server.said;
    const started = await fetch(`${platform}runs`, { method: 'POST', redirect: 'manual' });
    t.equal(started.status, 303);
    const runId = started.headers.get('location')?.replace('/#', '');
    const headers = { 'content-type': 'application/json', 'x-bench': '1' };
    const followed = await fetch(`${platform}runs/${runId}`);
    const decoder = new TextDecoder();
    let events = '';
    let isStopped = false;
    for await (const bytes of followed.body ?? []) {
      events += decoder.decode(bytes, { stream: true });
      // The rest of its half minute would show no more.
      if (isStopped || events.split('\nevent: second\n').length <= 3) continue;
      isStopped = true;
      await fetch(`${url}/api/v1/runs/${runId}/stop`, { method: 'POST', headers, body: '{}' });
    }
    const names = [...events.matchAll(/^event: (.*)$/gm)].map(([, event]) => event);
    t.ok(names.filter((event) => event === 'second').length >= 3, 'each second of the run');
    t.same(names.slice(-2), ['result', 'end']);
    const { reports } = JSON.parse(/^event: result\ndata: (.*)$/m.exec(events)?.[1] ?? '{}') as {
      reports: { html: string };
    };
    const report = await fetch(`${url}${reports.html}`);
    t.match(report.headers.get('content-disposition'), /report\.html/);
    t.match(await report.text(), /^<!doctype html>/i);
    const other = await fetch(`${url}/api/v1/runs`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ file: 'plan.yaml', overrides: { vus: 10 } }),
    });
    const { runId: otherId } = (await other.json()) as { runId: string };
    await (await fetch(`${url}/api/v1/runs/${otherId}/events`)).text();
    // Where the host stands still for a second, an agent has fewer users on average, and the loads are not the same.
    const forced = `runs=${runId},${otherId}&force=true`;
    const compared = await fetch(`${url}/api/v1/compare?${forced}`);
    const comparing = await run([
      'compare',
      `${runId}`,
      otherId,
      '--force',
      '--control',
      address,
      '--report',
      'json=compared.json',
    ]);
    const written = await readFile(join(folder, 'compared.json'), 'utf8').catch(() => JSON.stringify(comparing));
    t.equal(await compared.text(), written, 'as the command compares, or what it said');
    const place = `${url}/api/v1/runs/${otherId}`;
    const body = JSON.stringify({ note: 'more users', tags: ['crowd'] });
    t.equal((await fetch(place, { method: 'PATCH', headers, body })).status, 200);
    const tagged = await fetch(`${url}/api/v1/runs?tag=crowd`);
    t.match(await tagged.json(), { runs: { length: 1, 0: { runId: otherId, note: 'more users' } } });
    t.match(await (await fetch(`${url}/api/v1/compare/html?${forced}`)).text(), /^<!doctype html>/i);
    t.equal((await fetch(place, { method: 'DELETE', headers })).status, 204);
    t.equal((await fetch(place)).status, 404);
    const many = await sent(url, [...Array(49).fill('/openapi.json'), '/healthz HTTP/1.1\r\nConnection: close']);
    t.equal(many.split('HTTP/1.1 200 OK').length - 1, 50, 'requests that do not wait are answered in turn');
    t.match(many, /\{"ok":true\}$/);
    const crowd = await sent(url, ['/log', ...Array(100).fill('/healthz')]);
    t.notMatch(crowd, '{"ok":true}', 'and no more than a hundred may wait');
  });
}

/** What control sends on one connection until it closes that. @param requests what follows the root of the API */
async function sent(url: string, requests: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let said = '';
  socket.on('data', (bytes: Buffer) => {
    said += bytes.toString('latin1');
  });
  socket.on('error', () => {});
  const lines = requests.map(
    (path) => `GET /api/v1${path.includes(' HTTP/') ? path : `${path} HTTP/1.1`}\r\nHost: ${hostname}\r\n\r\n`,
  );
  socket.write(lines.join(''));
  await new Promise((resolve) => socket.on('close', resolve));
  return said;
}
