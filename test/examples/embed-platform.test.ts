/** What the example of another platform does when its browser or its control leaves. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';

async function startPlatform(t: Pick<Test, 'teardown'>, control: string): Promise<string> {
  const platform = spawn(process.execPath, [join(import.meta.dirname, '../../examples/embed/platform.ts')], {
    env: { ...process.env, BENCH_URL: control, PORT: '0' },
  });
  t.teardown(() => platform.kill());
  const [line] = await once(platform.stdout, 'data');
  return String(line).trim();
}

/** Control, as far as a stream needs it. */
async function startControl(t: Pick<Test, 'teardown'>) {
  const streams: ServerResponse[] = [];
  const server = createServer((_, response) => {
    streams.push(response);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('event: hello\ndata: {}\n\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, streams, server };
}

t.test('a tab that is closed leaves no stream of control open', async (t) => {
  const control = await startControl(t);
  const platform = await startPlatform(t, control.url);
  const tab = new AbortController();
  const { body } = await fetch(`${platform}runs/abc`, { signal: tab.signal });
  await body?.getReader().read();
  const [stream] = control.streams;
  const closed = once(stream as ServerResponse, 'close');
  tab.abort();
  await closed;
});

t.test('a control that is gone is said, and the platform goes on', async (t) => {
  const control = await startControl(t);
  const platform = await startPlatform(t, control.url);
  control.server.close();
  const started = await fetch(`${platform}runs`, { method: 'POST' });
  t.equal(started.status, 502);
  t.match(await started.text(), /^control does not answer/);
  t.equal((await fetch(`${platform}runs/abc`)).status, 502);
  t.equal((await fetch(platform)).status, 200);
});
