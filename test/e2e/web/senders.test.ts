/** What callers of the HTTP API make a real control and a real agent read and run: what they may, and nothing else. */
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import t from 'tap';
import { invitedArguments, workbench } from '../bench-process.ts';

t.setTimeout(240_000);

const SHORT = 'executor: per-vu-iterations, vus: 1, iterations: 1';
const SCRIPT = `import { defineUser } from '@bench/toolkit';
export default defineUser({ drivers: ['mine'], async iterate({ driver }) { await driver('mine').send('noop'); } });
`;
const DRIVER = `import { defineDriver } from '@bench/toolkit';
const OUTCOME = { ok: true, errorKind: '', message: '', status: 0, bytesSent: 0, bytesReceived: 0 };
export default defineDriver({
  name: 'mine',
  options: { '~standard': { version: 1, vendor: 'test', validate: () => ({ value: {} }) } },
  operations: () => [{ name: 'noop', type: 'NOOP' }],
  open: () => ({ connect: () => ({ send: () => OUTCOME, close() {} }), close() {} }),
});
`;
const BY_PATH = `name: by path
drivers: { mine: { use: ./driver.ts } }
scenarios:
  users: { ${SHORT}, user: ./user.ts, data: { rows: { file: rows.csv } } }
`;

interface Told {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests compare what came with what they want
  readonly json: any;
}
type Ask = (method: string, path: string, body?: unknown) => Promise<Told>;

/** What the run has come to, once it is over. */
async function resultOf(ask: Ask, runId: string): Promise<Told['json']> {
  for (;;) {
    const { status, json } = await ask('GET', `/runs/${runId}`);
    if (status !== 200 || ['finished', 'failed'].includes(json.state)) break;
    await setTimeout(100);
  }
  return (await ask('GET', `/runs/${runId}/result`)).json;
}

t.test(
  'with TLS, a plan of the folder brings its script, its driver and its rows, and one that is sent may name them',
  async (t) => {
    const files = { 'by-path.yaml': BY_PATH, 'user.ts': SCRIPT, 'driver.ts': DRIVER, 'rows.csv': 'id\n1\n' };
    const { folder, start, run } = workbench(t, files);
    await run(['control', 'init', '--host', '127.0.0.1', '--security', 'keys']);
    const web = ['--web', '0.0.0.0:0', '--plans', '.'];
    const control = start(['control', '--port', '0', '--store', ':memory:', '--security', 'keys', ...web]);
    const [, port = ''] = await control.said(/the HTTP API at https:\/\/0\.0\.0\.0:(\d+)\//m);
    const [, address = ''] = await control.said(/^Control on (\S+) \(TLS\)/m);
    const invite = ['control', 'invite', '--port', address.split(':').at(-1) ?? '', '--security', 'keys'];
    const agent = start([...invitedArguments((await run(invite)).stdout), '--name', 'a']);
    await agent.said(/^joined control/m);
    const token = (await run([...invite, '--role', 'operator', '--api'])).stdout.trim();
    const ca = readFileSync(join(folder, 'keys/ca.pem'));
    const ask: Ask = (method, path, body) =>
      new Promise((resolve, reject) => {
        const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
        const to = { host: '127.0.0.1', port, servername: 'localhost', ca, method, path: `/api/v1${path}`, headers };
        const request = httpsRequest(to, (answer: IncomingMessage) => {
          let text = '';
          answer.on('data', (piece: Buffer) => {
            text += piece;
          });
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, json: JSON.parse(text) }));
        });
        request.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
      });
    const { json: listed } = await ask('GET', '/plans');
    t.match(listed, { plans: [{ file: 'by-path.yaml', problems: [], outline: { name: 'by path' } }] });
    for (const source of [{ file: 'by-path.yaml' }, { text: BY_PATH }]) {
      const started = await ask('POST', '/runs', source);
      t.equal(started.status, 201, JSON.stringify(started.json));
      const { operations } = await resultOf(ask, started.json.runId);
      t.match(operations, [{ name: 'noop', phases: { measure: { requests: 1, errors: 0 } } }]);
    }
    const evil = BY_PATH.replace('./user.ts', join(folder, '..', 'evil.ts'));
    t.match(await ask('POST', '/runs', { text: evil }), {
      status: 422,
      json: { problems: [{ message: /may not be named/ }] },
    });
  },
);
