/** What callers of the HTTP API make a real control and a real agent read and run: what they may, and nothing else. */
import { join } from 'node:path';
import t from 'tap';
import { matchEach } from '../../kit/match-each.ts';
import { workbench } from '../bench-process.ts';
import { resultOf, servedByTls } from './asked.ts';

t.setTimeout(400_000);

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

t.test(
  'with TLS, a plan of the folder brings its script, its driver and its rows, and one that is sent may name them',
  async (t) => {
    const files = { 'by-path.yaml': BY_PATH, 'user.ts': SCRIPT, 'driver.ts': DRIVER, 'rows.csv': 'id\n1\n' };
    const bench = workbench(t, files);
    const ask = await servedByTls(bench, '.');
    const { json: listed } = await ask('GET', '/plans');
    t.match(listed, { plans: [{ file: 'by-path.yaml', problems: [], outline: { name: 'by path' } }] });
    for (const source of [{ file: 'by-path.yaml' }, { text: BY_PATH }]) {
      const started = await ask('POST', '/runs', source);
      t.equal(started.status, 201, JSON.stringify(started.json));
      const { operations } = await resultOf(ask, started.json.runId);
      matchEach(t, operations, [{ name: 'noop', phases: { measure: { requests: 1, errors: 0 } } }]);
    }
    const evil = BY_PATH.replace('./user.ts', join(bench.folder, '..', 'evil.ts'));
    t.match(await ask('POST', '/runs', { text: evil }), {
      status: 422,
      json: { problems: [{ message: /may not be named/ }] },
    });
  },
);
