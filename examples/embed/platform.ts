/**
 * A page of another platform that starts a run and shows its seconds. The platform's server calls control; its pages never see
 * the token. Start: BENCH_URL=http://127.0.0.1:8089 node examples/embed/platform.ts, with `bench control --web 127.0.0.1:8089
 * --plans plans` and an agent running. Off loopback, BENCH_API_TOKEN is what `bench control invite --role operator --api` prints.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';

const {
  BENCH_URL = 'http://127.0.0.1:8089',
  BENCH_API_TOKEN = '',
  BENCH_PLAN = 'upload.yaml',
  PORT = '8090',
} = process.env;
const PAGE = `<!doctype html><title>Load test</title><form method="post" action="/runs"><button>Start</button></form><pre></pre>
<script>
const id = location.hash.slice(1);
const source = id && new EventSource('/runs/' + encodeURIComponent(id));
if (source) source.addEventListener('second', ({ data }) => {
  const { second, vus, all } = JSON.parse(data);
  document.querySelector('pre').prepend(second + ' s: ' + vus + ' users, ' + all.rps + '/s, ' + all.fps + ' failed, p95 ' + all.p95Us / 1000 + ' ms\\n');
});
if (source) source.addEventListener('end', () => source.close());
</script>`;

function control(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = {
    'content-type': 'application/json',
    'x-bench': '1',
    ...(BENCH_API_TOKEN && { authorization: `Bearer ${BENCH_API_TOKEN}` }),
  };
  return fetch(`${BENCH_URL}/api/v1${path}`, { ...init, headers });
}

async function start(response: ServerResponse): Promise<void> {
  const answer = await control('/runs', {
    method: 'POST',
    body: JSON.stringify({ file: BENCH_PLAN, overrides: { vus: 10, runTime: '30s' } }),
  });
  const { runId, detail, problems } = (await answer.json()) as { runId?: string; detail?: string; problems?: object[] };
  if (runId === undefined)
    response
      .writeHead(answer.status, { 'content-type': 'text/plain' })
      .end(`${detail}\n${JSON.stringify(problems, null, 2)}`);
  else response.writeHead(303, { location: `/#${runId}` }).end();
}

/** Passes a stream on; it ends at control, too, when the browser has left. */
async function follow(runId: string, response: ServerResponse): Promise<void> {
  const { status, body, headers } = await control(`/runs/${runId}/events`);
  response.writeHead(status, { 'content-type': headers.get('content-type') ?? 'text/event-stream' });
  await pipeline(Readable.fromWeb(body as ReadableStream), response).catch(() => {});
}

const server = createServer(async ({ method, url = '/' }, response) => {
  const [, runId] = /^\/runs\/([a-z0-9]+)$/.exec(url) ?? [];
  try {
    if (method === 'POST' && url === '/runs') await start(response);
    else if (runId !== undefined) await follow(runId, response);
    else response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE);
  } catch (error) {
    response.writeHead(502, { 'content-type': 'text/plain' }).end(`control does not answer: ${error}`);
  }
});
server.listen(Number(PORT), '127.0.0.1', () =>
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
);
