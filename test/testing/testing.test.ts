import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { fakeContext, runDriver, testDriver } from '../../testing/index.ts';
import { pageDriver, startPages } from './fixtures/drivers.ts';

// It starts Node's own test runner.
t.setTimeout(400_000);

const CONTRACT = fileURLToPath(new URL('./fixtures/contract.ts', import.meta.url));

t.test('with tap', (t) =>
  testDriver((name, body) => t.test(name, body), {
    plugin: pageDriver(),
    options: {},
    badOptions: { path: 7 },
    target: startPages,
  }),
);

t.test("with Node's own test runner: a driver that keeps the contract passes, another one does not", async (t) => {
  const run = (driver: string) => {
    const args = ['-u', 'NODE_OPTIONS', `DRIVER=${driver}`, process.execPath, '--test', CONTRACT];
    return spawnSync('env', args, { encoding: 'utf8', timeout: 60_000 });
  };
  const good = run('good');
  t.equal(good.status, 0, good.stdout);
  t.match(good.stdout, /pass 7/);
  const bad = run('breaks-it');
  t.equal(bad.status, 1);
  t.match(bad.stdout, /page: a target that goes away/);
});

t.test('runDriver does what a run does, and gives back what was measured', async (t) => {
  const target = await startPages();
  const run = await runDriver(pageDriver(), { target: target.url, options: { path: '/a' }, users: 3, passes: 2 });
  await target.stop();
  t.equal(run.outcomes.get('page')?.length, 6);
  t.ok(run.outcomes.get('page')?.every(({ ok }) => ok));
  t.strictSame(run.context.tallies.get('page'), { acknowledged: 6, unknown: 0 });
  t.strictSame(run.context.warnings, ['it is a test']);
  t.equal(run.reconciliation, undefined);
  t.strictSame(
    target.received().filter((request) => request === 'GET /a'),
    Array.from({ length: 6 }, () => 'GET /a'),
  );
});

t.test('steps are carried out in order, cleanup also when something fails', async (t) => {
  const steps: string[] = [];
  const plugin = {
    ...pageDriver(),
    prepare: async () => void steps.push('prepare'),
    open: () => {
      throw new Error('no');
    },
    cleanup: async () => void steps.push('cleanup'),
  };
  await t.rejects(runDriver(plugin), { message: 'no' });
  t.strictSame(steps, ['prepare', 'cleanup']);
});

t.test('options that the driver refuses are told in its words', async (t) => {
  await t.rejects(runDriver(pageDriver(), { options: { path: 7 } }), {
    message: /^The driver "page" refuses these options: path: /,
  });
});

t.test('a context keeps what is recorded, and shares what is made', async (t) => {
  const context = fakeContext();
  context.timing('connect').recordUs(5);
  context.timing('connect').recordUs(6);
  t.strictSame([...context.timings], [['connect', [5, 6]]]);
  const make = () => ({});
  t.equal(context.shared(make), context.shared(make));
});
