import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { workbench } from '../bench-process.ts';

t.setTimeout(400_000);

async function server(t: Pick<Test, 'teardown'>) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? '-'} ${body}`);
      response.end('ok');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

t.test(
  'a command of curl becomes a plan that sends what curl sends, with its secret from the environment',
  async (t) => {
    const { seen, url } = await server(t);
    const curl = `curl '${url}/orders?a=1' -H 'Authorization: Bearer abc' --json '{"item": "7", "password": "hidden"}'\n`;
    const { run, folder } = workbench(t, { 'request.sh': curl });
    const ofOtherPlan = { BENCH_PARAM_USERS: 'many' };
    const imported = await run(['import', 'curl', 'request.sh', '-o', 'plan.yaml'], { env: ofOtherPlan });
    t.equal(imported.code, 0, imported.stderr);
    t.match(
      imported.stdout,
      /The plan is in plan\.yaml; its first lines say what to set, if anything, and what was left out\. Next: bench check plan\.yaml/,
    );
    t.notMatch(readFileSync(join(folder, 'plan.yaml'), 'utf8'), /abc|hidden/);
    t.equal((await run(['check', 'plan.yaml'])).code, 0);
    const env = { TOKEN: 'abc', PASSWORD: 'hidden' };
    const ran = await run(['run', 'plan.yaml', '--param', 'users=2', '--param', 'duration=3s'], { env });
    t.equal(seen.length > 0, true, ran.stdout + ran.stderr);
    t.strictSame([...new Set(seen)], ['POST /orders?a=1 Bearer abc {"item":"7","password":"hidden"}']);

    const again = await run(['import', 'curl', 'request.sh', '-o', 'plan.yaml']);
    t.equal(again.code, 104);
    t.match(again.stderr, /plan\.yaml is there already: name another file, or add --force to replace it/);
    t.equal((await run(['import', 'curl', 'request.sh', '-o', 'plan.yaml', '--force'])).code, 0);
  },
);

t.test(
  'a recording and a description become plans that are printed; what is no such file writes nothing',
  async (t) => {
    const { seen, url } = await server(t);
    const entry = {
      startedDateTime: '2026-01-01T00:00:00Z',
      time: 1,
      request: { method: 'GET', url: `${url}/a` },
      response: { status: 200 },
    };
    const { run, folder } = workbench(t, {
      'a.har': JSON.stringify({ log: { entries: [entry] } }),
      'api.yaml': `openapi: 3.1.0\nservers: [{ url: '${url}' }]\npaths: { /b: { get: {} } }\n`,
      'large.sh': `curl '${url}' -H 'Content-Type: text/plain' --data-raw '${'x'.repeat(5 << 20)}'\n`,
      'bad.json': '{\n"openapi": 3',
    });
    for (const [format, file, path] of [
      ['har', 'a.har', '/a'],
      ['openapi', 'api.yaml', '/b'],
    ] as const) {
      const printed = await run(['import', format, file]);
      t.equal(printed.code, 0, printed.stderr);
      writeFileSync(join(folder, `${format}.yaml`), printed.stdout);
      const ran = await run(['run', `${format}.yaml`, '--param', 'users=1', '--param', 'duration=3s']);
      t.match(seen.at(-1), `GET ${path} -`, ran.stdout + ran.stderr);
    }
    const bad = await run(['import', 'openapi', 'bad.json', '-o', 'bad.yaml']);
    t.equal(bad.code, 104);
    t.match(bad.stderr, /^bench: bad\.json cannot be imported: line 2: /);
    t.equal(existsSync(join(folder, 'bad.yaml')), false);
    const large = await run(['import', 'curl', 'large.sh', '-o', 'large.yaml']);
    t.equal(large.code, 104);
    t.match(large.stderr, /^bench: large\.sh cannot be imported: the plan would be larger than 4 MiB/);
    t.equal(existsSync(join(folder, 'large.yaml')), false);
  },
);
