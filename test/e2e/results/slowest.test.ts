/** The slowest requests that asked to be recorded are in the result and the report under the ids that the target saw. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { workbench } from '../bench-process.ts';
import { resultIn } from '../busy-host.ts';

t.setTimeout(400_000);

t.test('a run whose target is slow now and then', async (t) => {
  const slow: string[] = [];
  const quick: string[] = [];
  let recorded = 0;
  const server = createServer((request, response) => {
    const [, id = '', , flags] = String(request.headers.traceparent).split('-');
    const isRecorded = flags === '01';
    const isSlow = isRecorded && ++recorded % 10 === 0;
    if (isRecorded) (isSlow ? slow : quick).push(id);
    // So much slower that no host is so busy that others take as long.
    setTimeout(() => response.end(), isSlow ? 700 : 0);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { folder, run } = workbench(t, {
    'plan.yaml': `name: Traced
target: http://127.0.0.1:${(server.address() as AddressInfo).port}
drivers:
  http: { options: { headers: { traceparent: '\${traceparent(0.5)}' }, operations: { read: { path: / } } } }
scenarios:
  readers:
    executor: constant-vus
    vus: 2
    duration: 4s
    thinkTime: 5ms
    operations: [{ driver: http, operation: read }]
reports: [markdown, json]
`,
  });
  const { stdout, stderr } = await run(['run', 'plan.yaml', '--out', 'out', '--agents', '2']);
  const { slowest = [] } = resultIn(`${folder}/out`).operations[0]?.phases.measure ?? {};
  t.equal(slowest.length, 3, stdout + stderr);
  t.ok(slow.length > 3 && quick.length > 20);
  for (const { traceId, responseTimeUs, agent } of slowest) {
    t.ok(slow.includes(traceId), traceId);
    t.ok(responseTimeUs >= 690_000);
    t.match(agent, /./);
  }
  const times = slowest.map(({ responseTimeUs }) => responseTimeUs);
  t.same(
    times,
    times.toSorted((a, b) => b - a),
  );
  const report = readFileSync(`${folder}/out/report.md`, 'utf8');
  t.match(report, 'Slowest requests with a trace');
  t.match(report, slowest[0]?.traceId ?? 'none');
});
