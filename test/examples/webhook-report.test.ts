import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import type { ReportPlugin, RunResult } from '../../core/index.ts';
import { loadPlugin } from '../../plugins/loader/load.ts';
import { workbench } from '../e2e/bench-process.ts';
import { DOCUMENT_000 } from '../kit/results/documents.ts';
import { buildResult } from '../kit/results/results.ts';

t.setTimeout(400_000);

const EXAMPLES = join(import.meta.dirname, '../../examples');

interface Message {
  readonly text: string;
  readonly blocks: readonly {
    readonly type: string;
    readonly text: { readonly type: string; readonly text: string };
  }[];
}

/** Takes messages as Slack does, and refuses what Slack refuses: https://docs.slack.dev/reference/block-kit/blocks. */
async function startWebhook(t: Pick<Test, 'teardown'>) {
  const taken: Message[] = [];
  const server = createServer(async (request, response) => {
    const message = JSON.parse(await text(request)) as Message;
    const isGood =
      request.headers['content-type'] === 'application/json' &&
      message.text !== '' &&
      message.blocks.length <= 50 &&
      message.blocks.every(
        ({ type, text: { text } }) => text !== '' && text.length <= (type === 'header' ? 150 : 3000),
      );
    if (isGood) taken.push(message);
    response.writeHead(isGood ? 200 : 400).end(isGood ? 'ok' : 'invalid_blocks');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, taken };
}

async function render(result: RunResult, options: object): Promise<string> {
  const report = await loadPlugin<ReportPlugin>('report', './webhook-report.ts', EXAMPLES, {});
  const checked = await report.options['~standard'].validate(options);
  if (checked.issues) throw new Error(JSON.stringify(checked.issues));
  return report.render(result, checked.value)[0]?.content ?? '';
}

t.test("a run's message is what a webhook takes", async (t) => {
  const webhook = await startWebhook(t);
  const { folder, start, run } = workbench(t);
  const [, url = ''] = await start(['target', '--port', '0', '--db', 'rows.sqlite']).said(/^Target on (\S+),/m);
  const load = ['--host', url, '--duration', '2s', '--vus', '2', '--out', 'out'];
  const ended = await run(['run', join(EXAMPLES, 'webhook-report.yaml'), ...load]);
  t.ok([0, 99, 120].includes(ended.code ?? -1), ended.stdout + ended.stderr);
  const body = readFileSync(join(folder, 'out', 'webhook.json'));
  const answer = await fetch(webhook.url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
  t.equal(await answer.text(), 'ok');
  t.match(webhook.taken[0]?.text, /Health for the chat/);
  t.match(JSON.stringify(webhook.taken[0]?.blocks), /health p95 &lt; 100ms.*\*health\*: \d+ requests, 0 failed/);
});

t.test(
  'a run that has not passed calls somebody, and nothing of it becomes too long or is read as a link',
  async (t) => {
    const webhook = await startWebhook(t);
    const result = buildResult(DOCUMENT_000);
    const failed: RunResult = {
      ...result,
      verdict: { kind: 'fail', reasons: Array.from({ length: 200 }, () => 'a <b> & <c> was too slow') },
    };
    const body = await render(failed, { mention: '<!here>' });
    const answer = await fetch(webhook.url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
    t.equal(await answer.text(), 'ok');
    const [header, reasons] = webhook.taken[0]?.blocks ?? [];
    t.match(header?.text.text, /^❌ /);
    t.match(reasons?.text.text, /^<!here>\na &lt;b&gt; &amp; &lt;c&gt; was too slow\n/);
    t.notMatch(await render(result, { mention: '<!here>' }), /here/, 'nobody, when it has passed');
  },
);
