import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { workbench } from './bench-process.ts';

t.setTimeout(400_000);

t.test('bench http makes exactly the requests that it reports, and its plan runs as it does', async (t) => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      seen.push(`${request.method} ${request.url} ${request.headers['x-from'] ?? ''} ${body}`);
      response.end('ok');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a?b=1`;
  const { run, folder } = workbench(t, {});

  const flags = ['-n', '300', '-c', '5', '-H', 'X-From: bench', '--json', '{"id":7}'];
  const ended = await run(['http', url, ...flags, '--threshold', 'p99 < 10s']);
  t.equal(ended.code, 0, ended.stderr);
  t.equal(seen.length, 300);
  t.strictSame([...new Set(seen)], ['POST /a?b=1 bench {"id":7}']);
  t.match(ended.stdout, /✓ p99 < 10s/);
  t.match(ended.stdout, /POST +request +300 /);
  t.match(ended.stdout, /–[\d.]+ ms +\d+ +■/, 'a histogram of the response times');

  const printed = await run(['http', url, ...flags, '--print-plan']);
  t.equal(printed.code, 0, printed.stderr);
  t.equal(seen.length, 300, 'a plan that is printed is not run');
  writeFileSync(join(folder, 'plan.yaml'), printed.stdout);
  t.equal((await run(['check', 'plan.yaml'])).code, 0);
  t.equal((await run(['run', 'plan.yaml'])).code, 0);
  t.equal(seen.length, 600);
});

t.test('what makes no request is refused before anything starts', async (t) => {
  const { run } = workbench(t, {});
  const cases: [args: string[], message: RegExp][] = [
    [['nowhere'], /"nowhere" is not an address of HTTP/],
    [['http://h', '-d', '5s', '-n', '5'], /--duration and --requests cannot be given together/],
    [['http://h', '-H', 'no colon'], /must be name: value/],
    [['http://h', '-H', 'X-A: 1', '-H', 'x-a: 2'], /The header X-A is given twice/],
    [['http://h', '--json', '{'], /not JSON/],
    [
      ['http://h', '--json', '{"a": 1, "b": {"c": [{"a": 2, "\\u0061": 3}]}}'],
      /The key "a" occurs twice in one object/,
    ],
    [
      ['http://h', '--json', '{"v": 0.1234567890123456789}'],
      /0\.1234567890123456789 would be sent as 0\.123456789012345/,
    ],
    [['http://h', '--rate', '0'], /requests per second/],
    [['http://h', '--threshold', 'p95 <'], /a limit is missing/],
    [['http://h', '--body-file', 'gone.bin'], /gone\.bin/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await run(['http', ...args]);
    t.match(stderr, message, args.join(' '));
    t.ok(code === 104 || code === 1, `exit code ${code}`);
    t.notMatch(stderr, /\n {4}at /, 'no stack trace');
  }
});
