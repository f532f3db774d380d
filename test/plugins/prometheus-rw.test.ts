/** Remote write as its receivers get it; what is in it is checked with a real Prometheus in test/e2e/outputs. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import prometheusRw from '../../plugins/prometheus-rw.ts';
import { snappyLiteral } from '../../plugins/series/remote-write.ts';
import { sampleResult } from '../../testing/index.ts';

const notes: string[] = [];
const RUN = { runId: 'r1', plan: 'Shop', target: 'http://shop.example', seed: 7 };
const CONTEXT = { ...RUN, note: (text: string) => void notes.push(text) };
const { signal } = new AbortController();
const result = sampleResult('failed');

async function receiver(t: Pick<Test, 'teardown'>, ...answers: (readonly [status: number, text: string])[]) {
  const posted: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      posted.push(request.headers);
      const [status, text] = (answers.length > 1 ? answers.shift() : answers[0]) ?? [204, ''];
      response.writeHead(status).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { posted, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/write` };
}

t.test('a push has the headers of remote write, and those of the plan', async (t) => {
  const { posted, url } = await receiver(t);
  const headers = { 'x-scope-orgid': 'load' };
  const output = await prometheusRw.open({ url, headers, histograms: 'classic' }, CONTEXT, signal);
  await output.end(result, signal);
  t.match(posted, [
    {
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': '0.1.0',
      'x-scope-orgid': 'load',
    },
  ]);
});

t.test(
  'what the receiver refuses is told with its reason, once; while it is busy it gets the push again',
  async (t) => {
    const { url } = await receiver(t, [503, 'later'], [400, 'out of order\nsample']);
    const output = await prometheusRw.open({ url, histograms: 'native' }, CONTEXT, signal);
    const end = async () => output.end(result, signal);
    await t.rejects(end(), { message: /answered 503$/ });
    await end();
    t.match(notes.splice(0), [/answered 400: out of order sample$/]);
  },
);

t.test('of answers that are no success, only 429 and those from 500 on let a push come again', async (t) => {
  for (const status of [429, 500, 502, 503]) {
    const { url } = await receiver(t, [status, '']);
    const output = await prometheusRw.open({ url, histograms: 'classic' }, CONTEXT, signal);
    await t.rejects(async () => output.end(result, signal), { message: new RegExp(`answered ${status}$`) });
  }
  for (const status of [307, 401, 404, 408, 413]) {
    const { posted, url } = await receiver(t, [status, 'for you alone']);
    const output = await prometheusRw.open({ url, histograms: 'classic' }, CONTEXT, signal);
    await output.end(result, signal);
    t.same(notes.splice(0), [`${new URL(url).origin} answered ${status}`]);
    t.equal(posted.length, 1);
  }
});

t.test('bytes in the block format of Snappy begin with how many they are', (t) => {
  const literal = (length: number) => [...snappyLiteral(new Uint8Array(length).fill(7))];
  t.same(literal(0), [0]);
  t.same(literal(2), [2, 252, 1, 0, 0, 0, 7, 7]);
  t.same(literal(70_000).slice(0, 9), [0xf0, 0xa2, 0x04, 252, 0x6f, 0x11, 0x01, 0x00, 7]);
  t.equal(literal(70_000).length, 70_008);
  t.end();
});

t.test('options that cannot work are refused', async (t) => {
  for (const [options, message] of [
    [{}, /url/],
    [{ url: 'http://prometheus:9090' }, /must have the path of its receiver/],
    [{ url: 'ftp://a/b' }, /must be an http URL/],
    [{ url: 'http://a/b', histograms: 'fine' }, /native/],
    [{ url: 'http://a/b', headers: { authorization: 'Bearer secret' } }, /must hold \$\{env:NAME\}/],
  ] as const) {
    const { issues } = await prometheusRw.options['~standard'].validate(options);
    t.match(JSON.stringify(issues), message);
    t.notMatch(JSON.stringify(issues), 'secret');
  }
});
