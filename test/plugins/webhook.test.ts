/** The events that receivers get: their form, their signature, and when they come. */
import { createHmac, randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import type { Output, OutputSecond, RunSoFar } from '../../core/output.ts';
import webhook from '../../plugins/webhook.ts';
import { sampleResult } from '../../testing/index.ts';
import { matchEach } from '../kit/match-each.ts';

const CONTEXT = { runId: 'r1', plan: 'Shop', target: 'http://shop.example', seed: 1, note: () => {} };

const { signal } = new AbortController();

interface Posted {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver that answers with these, the last one from then on. */
async function receiver(t: Pick<Test, 'teardown'>, ...answers: number[]) {
  const posted: Posted[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => {
      body += piece;
    });
    request.on('end', () => {
      posted.push({ url: request.url ?? '', headers: request.headers, body });
      const status = (answers.length > 1 ? answers.shift() : answers[0]) ?? 204;
      response.writeHead(status, status === 307 ? { location: '/elsewhere' } : {});
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { posted, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/t0ken` };
}

async function opened(options: object): Promise<Output> {
  const checked = await webhook.options['~standard'].validate(options);
  if (checked.issues !== undefined) throw new Error(checked.issues[0]?.message);
  return webhook.open(checked.value, CONTEXT, signal);
}

function secondWith(second: number, verdict: RunSoFar['verdict'] | undefined): OutputSecond {
  const lists = { operations: [], timings: [], scenarios: [], events: [] };
  const thresholds = [
    { criterion: 'p95 < 1ms', severity: 'fail', status: 'fail' },
  ] as unknown as RunSoFar['thresholds'];
  return {
    second,
    startedAt: '2026-01-01T00:00:00.000Z',
    isCorrection: false,
    rows: [],
    scenarios: [],
    agents: [],
    monitors: {},
    soFar: verdict && { ...lists, thresholds, seconds: second + 1, behindSeconds: 0.5, verdict },
  };
}

t.test('the end of a run is posted as a CloudEvent', async (t) => {
  const { posted, url } = await receiver(t);
  const output = await opened({ url });
  await output.second(secondWith(4, 'fail'), signal);
  t.same(posted, [], 'only the end is wanted where nothing else is said');
  const result = sampleResult('failed');
  await output.end(result, signal);
  t.equal(posted.length, 1);
  const [{ url: path, headers, body }] = posted as [Posted];
  t.equal(path, '/hooks/t0ken');
  t.equal(headers['content-type'], 'application/cloudevents+json; charset=utf-8');
  t.notOk('webhook-signature' in headers, 'there is no secret to sign with');
  const event = JSON.parse(body);
  t.match(event, {
    specversion: '1.0',
    id: 'r1-end',
    source: '/bench/runs/r1',
    type: 'bench.run.ended',
    subject: 'Shop',
    datacontenttype: 'application/json',
    data: { runId: 'r1', plan: 'Shop', target: 'http://shop.example', outcome: 'fail', startedAt: result.startedAt },
  });
  t.equal(event.time, new Date(event.time).toISOString(), 'RFC 3339');
  t.same(event.data.thresholds, JSON.parse(JSON.stringify(result.thresholds)));
  t.ok(event.data.requests > 0);
});

t.test('events are signed as Standard Webhooks are', async (t) => {
  const key = randomBytes(24);
  const { posted, url } = await receiver(t);
  // A secret is a reference in a plan; it is filled in when the output is opened.
  const output = await webhook.open(
    { url, on: ['end'], secret: `whsec_${key.toString('base64')}` } as never,
    CONTEXT,
    signal,
  );
  await output.end(sampleResult('passed'), signal);
  const [{ headers, body }] = posted as [Posted];
  const [id, timestamp] = [headers['webhook-id'], headers['webhook-timestamp']];
  t.equal(id, 'r1-end');
  t.ok(Math.abs(Number(timestamp) - Date.now() / 1000) < 60);
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  t.equal(headers['webhook-signature'], `v1,${signature}`);
});

t.test('a change of the verdict is posted once, and again when it changes back', async (t) => {
  const { posted, url } = await receiver(t);
  const output = await opened({ url, on: ['verdict-change'] });
  const verdicts = [undefined, 'pass', 'fail', 'fail', undefined, 'pass'] as const;
  for (const [i, verdict] of verdicts.entries()) await output.second(secondWith(5 * i + 4, verdict), signal);
  await output.end(sampleResult('passed'), signal);
  matchEach(
    t,
    posted.map(({ body }) => JSON.parse(body)),
    [
      {
        id: 'r1-verdict-15',
        type: 'bench.run.verdict-changed',
        time: '2026-01-01T00:00:15.000Z',
        data: { verdict: 'fail', before: 'pass', second: 15, thresholds: [{ criterion: 'p95 < 1ms' }] },
      },
      { id: 'r1-verdict-30', data: { verdict: 'pass', before: 'fail' } },
    ],
  );
  t.equal(posted.length, 2);
});

t.test('what a receiver does not take is posted again with the same id', async (t) => {
  const { posted, url } = await receiver(t, 503, 307, 204);
  const output = await opened({ url, on: ['verdict-change'] });
  const { origin } = new URL(url);
  await t.rejects(async () => output.second(secondWith(4, 'fail'), signal), { message: `${origin} answered 503` });
  await t.rejects(async () => output.second(secondWith(4, 'fail'), signal), { message: `${origin} answered 307` });
  await output.second(secondWith(4, 'fail'), signal);
  t.same(
    posted.map(({ url: path, headers }) => [path, headers['webhook-id']]),
    Array.from({ length: 3 }, () => ['/hooks/t0ken', 'r1-verdict-5']),
    'and no redirect is followed',
  );
});

t.test('a receiver that is away is named without what may be secret', async (t) => {
  const output = await opened({ url: 'http://127.0.0.1:1/t0ken' });
  await t.rejects(async () => output.end(sampleResult('passed'), signal), {
    message: 'http://127.0.0.1:1 cannot be reached',
  });
});

t.test('an account in the URL is sent as a header', async (t) => {
  const { posted, url } = await receiver(t);
  const output = await webhook.open(
    { url: url.replace('://', '://me:p%40ss@'), on: ['end'] } as never,
    CONTEXT,
    signal,
  );
  await output.end(sampleResult('passed'), signal);
  t.equal(posted[0]?.headers.authorization, `Basic ${Buffer.from('me:p@ss').toString('base64')}`);
});

t.test('options that cannot work are refused', async (t) => {
  const wrong: [object, RegExp][] = [
    [{}, /url/],
    [{ url: 'ftp://a' }, /must be an http URL/],
    [{ url: 'http://u:p@a/' }, /contains a password/],
    [{ url: 'http://a', on: [] }, /at least one event/],
    [{ url: 'http://a', on: ['start'] }, /end|verdict-change/],
    [{ url: 'http://a', secret: 'whsec_abc' }, /plans are stored/],
    [{ url: 'http://a', key: 1 }, /key/],
  ];
  for (const [options, message] of wrong) {
    const checked = await webhook.options['~standard'].validate(options);
    t.match(JSON.stringify(checked.issues), message);
  }
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what plans write.
  t.same((await webhook.options['~standard'].validate({ url: '${env:HOOK}' })).issues, undefined);
  for (const secret of ['abc', 'whsec_', 'whsec_!!!']) {
    t.throws(
      () => webhook.open({ url: 'http://a', on: ['end'], secret } as never, CONTEXT, signal),
      /whsec_ and base64/,
    );
  }
  t.throws(() => webhook.open({ url: 'nonsense', on: ['end'] } as never, CONTEXT, signal), /no http URL/);
});
