import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type BenchProcess, workbench } from '../bench-process.ts';
import { resultIn } from '../busy-host.ts';

t.setTimeout(400_000);

/** A threshold in milliseconds may fail on a busy host, and a measurement there may be distrusted. */
const AFTER_LOAD = [0, 99, 120];

async function urlOf(target: BenchProcess): Promise<string> {
  const [, url = ''] = await target.said(/^Target on (\S+),/m);
  return url;
}

const FOLDERS: Record<string, Record<string, string>> = {
  'a folder without packages': {},
  'a package of CommonJS modules': { 'package.json': '{ "type": "commonjs" }\n' },
};

for (const [where, files] of Object.entries(FOLDERS)) {
  t.test(`what init writes works as it is in ${where}`, async (t) => {
    const { folder, run, start } = workbench(t, files);
    const host = await urlOf(start(['target', '--port', '0', '--db', 'rows.sqlite']));
    for (const [what, wrote] of Object.entries({
      plan: ['my-plan.yaml'],
      user: ['my-user.ts', 'my-user.yaml'],
      driver: ['my-driver.ts', 'my-driver.yaml'],
      report: ['my-report.ts'],
    })) {
      const { code, stdout, stderr } = await run(['init', what]);
      t.equal(code, 0, stderr);
      t.match(stdout, wrote.map((file) => `Wrote ${file}`).join('\n'));
    }
    const plan = [
      'run',
      'my-plan.yaml',
      '--host',
      host,
      '--param',
      'duration=2s',
      '--report',
      'json',
      '--out',
      'of-plan',
    ];
    const ofPlan = await run(plan);
    t.ok(AFTER_LOAD.includes(ofPlan.code ?? -1), ofPlan.stdout + ofPlan.stderr);
    t.equal(ofPlan.stderr, '');
    for (const { name, phases } of resultIn(join(folder, 'of-plan')).operations) {
      t.ok(phases.measure.requests > 0, name);
      t.equal(phases.measure.errors, 0, name);
    }
    const ofUser = await run([
      'run',
      'my-user.yaml',
      '--host',
      host,
      '--duration',
      '2s',
      '--report',
      'json',
      '--out',
      'of-user',
    ]);
    t.ok(AFTER_LOAD.includes(ofUser.code ?? -1), ofUser.stdout + ofUser.stderr);
    const passes = resultIn(join(folder, 'of-user')).journeys?.[0]?.phases.measure;
    t.ok((passes?.requests ?? 0) > 0);
    t.equal(passes?.errors, 0);
    const reports = ['--report', 'json', '--report', './my-report.ts', '--out', 'of-driver'];
    const ofDriver = await run(['run', 'my-driver.yaml', '--host', host, '--duration', '2s', ...reports]);
    t.ok(AFTER_LOAD.includes(ofDriver.code ?? -1), ofDriver.stdout + ofDriver.stderr);
    const [get] = resultIn(join(folder, 'of-driver')).operations;
    t.equal(get?.phases.measure.errors, 0);
    const text = readFileSync(join(folder, 'of-driver', 'my-report.txt'), 'utf8');
    t.match(
      text,
      new RegExp(`^my-driver\nget: ${get?.phases.measure.requests} requests, 0 failed, p95 [\\d.]+ ms\nVerdict: `),
    );
  });
}

t.test('names, folders, and files that are there already', async (t) => {
  const { folder, run } = workbench(t, { 'shop.yaml': 'mine\n' });
  t.equal((await run(['init', 'driver', 'load/redis-cache'])).code, 0);
  const plan = readFileSync(join(folder, 'load/redis-cache.yaml'), 'utf8');
  t.match(plan, './redis-cache.ts');
  t.notMatch(plan, 'my-driver');
  t.match(readFileSync(join(folder, 'load/redis-cache.ts'), 'utf8'), "name: 'redis-cache'");

  const refused = await run(['init', 'driver', 'shop']);
  t.equal(refused.code, 104);
  t.match(refused.stderr, 'shop.yaml is there already: choose another name, or add --force to replace it.');
  t.equal(readFileSync(join(folder, 'shop.yaml'), 'utf8'), 'mine\n');
  t.equal(existsSync(join(folder, 'shop.ts')), false, 'nothing is written by halves');
  t.equal((await run(['init', 'driver', 'shop', '--force'])).code, 0);
  t.match(readFileSync(join(folder, 'shop.yaml'), 'utf8'), "name: 'shop'");

  t.equal((await run(['init', 'plan', 'true'])).code, 0);
  const checked = await run(['check', 'true.yaml']);
  t.equal(checked.code, 0, checked.stderr);

  for (const [args, message] of [
    [['driver', 'shop'], /shop\.ts and shop\.yaml are there already: .* to replace them\./],
    [['pln'], /'pln' is invalid .*Allowed choices are plan, user, driver, report/],
    [['plan', '7 up'], /"7 up" is no name for a plan: use letters, digits, - and _, such as my-plan/],
  ] as const) {
    const { code, stderr } = await run(['init', ...args]);
    t.equal(code, 104);
    t.match(stderr, message);
  }
});
