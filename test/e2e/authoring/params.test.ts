// biome-ignore-all lint/suspicious/noTemplateCurlyInString: parameters and references of plans
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { workbench } from '../bench-process.ts';
import { resultIn } from '../busy-host.ts';

t.setTimeout(400_000);

const PLAN = `name: Parameters
params:
  requests: { default: 5 }
  item: { type: text, description: id of an item }
  token: { default: none }
scenarios:
  users:
    executor: shared-iterations
    vus: 1
    iterations: \${param.requests}
    operations: [{ driver: http }]
drivers:
  http:
    options:
      operations:
        get: { path: '/items/\${param.item}', headers: { Authorization: 'Bearer \${param.token}' } }
reports: [json]
`;

t.test('agents send what the parameters say, and no stored text knows a secret', async (t) => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.url} ${request.headers.authorization}`);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { run, folder } = workbench(t, { 'plan.yaml': PLAN });

  const env = { BENCH_PARAM_ITEM: '7', TOKEN: 'the secret of this test' };
  const flags = ['--param', 'requests=12', '--param', 'token=${env:TOKEN}'];
  const checked = await run(['check', 'plan.yaml', ...flags], { env });
  t.equal(checked.code, 0, checked.stderr);
  t.match(checked.stdout, /requests +12 +--param/);
  t.match(checked.stdout, /item +"7" +BENCH_PARAM_ITEM +id of an item/);
  const ended = await run(['run', 'plan.yaml', '--host', host, '--out', 'out', ...flags], { env });
  t.equal(seen.length, 12, ended.stdout + ended.stderr);
  t.strictSame([...new Set(seen)], ['/items/7 Bearer the secret of this test']);
  const result = resultIn(`${folder}/out`);
  t.match(result.plan.params, {
    requests: { default: 12 },
    item: { default: '7' },
    token: { default: '${env:TOKEN}' },
  });
  t.notMatch(JSON.stringify(result), /the secret of this test/);

  const without = await run(['run', 'plan.yaml', '--host', host]);
  t.equal(without.code, 104);
  t.match(
    without.stderr,
    /line 4: params\.item: has no value: give it with --param item=… or the variable BENCH_PARAM_ITEM/,
  );
  t.equal(seen.length, 12);
});
