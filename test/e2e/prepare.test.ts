/** `bench prepare`: what the drivers of a plan do before its load, without the load, and kept. */

import { existsSync, readFileSync } from 'node:fs';
import t from 'tap';
import { canSeeProcesses, workbench } from './bench-process.ts';

t.setTimeout(400_000);

/** Writes a file in place of rows of a database. */
const MAKER = `import { rmSync, writeFileSync } from 'node:fs';
export default {
  name: 'maker', description: '',
  options: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } },
  operations: () => [{ name: 'look', type: 'X' }],
  prepare: async ({ file, text, does }, { runId, signal, progress }) => {
    progress('making rows');
    writeFileSync(file, runId + ' ' + text);
    if (does === 'fail' || does === 'stick') throw new Error('the disk is full');
    if (does === 'wait') await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  },
  cleanup: async ({ file, does }) => {
    if (does === 'stick' && !process.env.FREE) throw new Error('the table is locked');
    rmSync(file, { force: true });
  },
  open: () => ({ connect: () => ({ send: () => ({ ok: true, errorKind: '', message: '', status: 200, bytesSent: 0, bytesReceived: 0 }), close() {} }), close() {} }),
};
`;

const plan = (file: string) => `name: Rows
params: { text: { default: hello }, does: { default: end } }
drivers: { maker: { use: ./maker.mjs, options: { file: '${file}', text: '\${param.text}', does: '\${param.does}' } } }
scenarios:
  all: { executor: constant-vus, vus: 1, duration: 1m, operations: [{ driver: maker }] }
`;

function bench(t: Parameters<typeof workbench>[0]) {
  const made = `${t.testdir({})}.made`;
  return { made, ...workbench(t, { 'maker.mjs': MAKER, 'plan.yaml': plan(made) }) };
}

t.test('what is prepared is kept, with the parameters of the command line, until it is cleaned up', async (t) => {
  const { made, run } = bench(t);
  const { code, stdout, stderr } = await run(['prepare', 'plan.yaml', '--param', 'text=rows']);
  t.equal(code, 0, stderr);
  const [, runId = ''] =
    /^Prepared in [\d.]+m?s, and kept\.\n`bench cleanup (\w+)` removes what it made\.$/m.exec(stdout) ?? [];
  t.equal(readFileSync(made, 'utf8'), `${runId} rows`);
  t.match((await run(['runs'])).stdout, new RegExp(`${runId} .*Rows +prepared`));
  t.match(await run(['cleanup', runId]), { code: 0, stdout: /Nothing of run \w+ is left/ });
  t.notOk(existsSync(made));
});

t.test('a control prepares for whoever asks it, without agents', async (t) => {
  const { made, start, run } = bench(t);
  const control = start(['control', '--port', '0', '--store', ':memory:']);
  const [, address = ''] = await control.said(/^Control on (\S+),/m);
  const { code, stdout, stderr } = await run(['prepare', 'plan.yaml', '--control', address]);
  t.equal(code, 0, stderr);
  const [, runId = ''] =
    new RegExp(`\`bench cleanup (\\w+) --control ${address}\` removes what it made`).exec(stdout) ?? [];
  t.equal(readFileSync(made, 'utf8'), `${runId} hello`);
  t.match(await run(['watch', runId, '--control', address]), { code: 0, stdout: /was only to prepare/ });
  t.match(await run(['report', runId, '--control', address]), { code: 1, stderr: /has no result/ });
  t.equal((await run(['cleanup', runId, '--control', address])).code, 0);
  t.notOk(existsSync(made));
});

t.test('Ctrl-C and failures leave nothing', async (t) => {
  const { made, start, run } = bench(t);
  const waiting = start(['prepare', 'plan.yaml', '--param', 'does=wait']);
  await waiting.said(/^making rows$/m);
  waiting.kill('SIGINT');
  t.match(await waiting.ended, { code: 105, stderr: /^bench: The preparation was stopped, and what it had made was/ });
  t.notOk(existsSync(made));
  if (canSeeProcesses) t.ok(await waiting.leavesNothing());
  const failed = await run(['prepare', 'plan.yaml', '--param', 'does=fail']);
  t.match(failed, { code: 1, stderr: 'bench: Nothing is prepared: driver maker, step prepare: the disk is full\n' });
  t.notOk(existsSync(made));
});

t.test('what a failed preparation could not remove is told, with the command that does', async (t) => {
  const { made, run } = bench(t);
  const stuck = await run(['prepare', 'plan.yaml', '--param', 'does=stick', '--store', 'own.db']);
  t.equal(stuck.code, 1);
  const told =
    /^bench: Nothing is prepared: .*full; cleaning up failed: .*locked\. `bench (cleanup \w+ --store own.db)` removes/;
  const [, cleanup = ''] = told.exec(stuck.stderr) ?? [];
  t.ok(existsSync(made), stuck.stderr);
  t.match(await run(cleanup.split(' '), { env: { FREE: 'yes' } }), { code: 0 }, cleanup);
  t.notOk(existsSync(made));
});

t.test('what cannot be prepared is told', async (t) => {
  const nothing = `name: Nothing
scenarios:
  all: { executor: constant-vus, vus: 1, duration: 1m, operations: [{ driver: 'null' }] }
`;
  const { run } = workbench(t, { 'plan.yaml': nothing, 'bad.yaml': 'name: Bad\n' });
  t.match(await run(['prepare', 'plan.yaml']), {
    code: 0,
    stdout: /^Nothing to prepare: no driver of the plan prepares/,
  });
  t.match(await run(['prepare', 'bad.yaml']), { code: 104, stderr: /scenarios/ });
  t.match(await run(['prepare', 'plan.yaml', '--store', ':memory:']), { code: 104, stderr: /forgets the id/ });
  t.match(await run(['prepare', 'plan.yaml', '--token-file', 'x']), { code: 104, stderr: /is for --control/ });
});
