import { existsSync, mkdirSync, readdirSync, renameSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { BenchProcess } from '../bench-process.ts';
import { endedWith, resultIn } from '../busy-host.ts';
import { authorFiles, DRIVER, scene, startEcho } from './author.ts';

t.setTimeout(400_000);

const SENT = ['/store/ann{"sent":true}', '/store/bob{"sent":true}', '/script/hello/ann', '/script/hello/bob'];

t.test('an agent that has nothing of a plan runs it, and runs what was edited without a restart', async (t) => {
  const { echo, plans, folder, run, edit } = await scene(t);
  endedWith(t, await run(), 0, resultIn(join(plans, 'out')));
  t.same(echo.asked.toSorted(), ["/one/'you'-v1", "/one/'you'-v1", ...SENT].toSorted());

  echo.asked.length = 0;
  edit('lib/place.ts', `export const PLACE = 'two';\n`);
  edit('node_modules/greeting/version.js', "module.exports = 'v2';\n");
  edit('body.json', '{"sent":"again"}');
  edit('../data/users.csv', 'name\neve\ndan\n');
  endedWith(t, await run(), 0, resultIn(join(plans, 'out')));
  const again = ['/store/eve{"sent":"again"}', '/store/dan{"sent":"again"}', '/script/hello/eve', '/script/hello/dan'];
  t.same(echo.asked.toSorted(), ["/two/'you'-v2", "/two/'you'-v2", ...again].toSorted());

  const cache = join(folder, 'agent', 'cache', 'bench');
  t.equal(statSync(cache).mode & 0o077, 0, 'the cache is private');
  t.same(readdirSync(join(cache, 'runs')), [], 'of a run nothing is left but what the cache keeps');
});

t.test('what an agent may not have is refused in a sentence, and no load is driven', async (t) => {
  t.test('code, with --no-remote-code', async (t) => {
    const { echo, run } = await scene(t, { agentFlags: ['--no-remote-code'] });
    const { code, stderr } = await run();
    t.equal(code, 1);
    t.match(
      stderr,
      /agent far: it may not run \.\/lib\/driver\.ts, which the plan brings along: start it without --no-remote-code, or/,
    );
    t.same(echo.asked, []);
    const [, sha256 = ''] = /--allow-plugin ([0-9a-f]{64})/.exec(stderr) ?? [];
    t.equal(sha256.length, 64, 'it says which hash would be allowed');
  });

  t.test('code that control does not take', async (t) => {
    const { run } = await scene(t, { controlFlags: ['--no-remote-code'] });
    const { code, stderr } = await run();
    t.equal(code, 1);
    t.match(stderr, /^bench: Control at \S+ says: the run cannot be started: it may not run \.\/lib\/driver\.ts/m);
  });

  t.test('a file that was not sent, unless it lies in the folder of --files', async (t) => {
    const { plans, folder, run } = await scene(t, { agentFlags: ['--files', '.'] });
    renameSync(join(plans, 'body.json'), join(folder, 'body.json'));
    const lacking = await run();
    t.equal(lacking.code, 1);
    t.ok(
      lacking.stderr.includes(`body.file: ${join(plans, 'body.json')} cannot be read: no such file or directory`),
      `by the name that its author knows: ${lacking.stderr}`,
    );
    renameSync(join(folder, 'body.json'), join(folder, 'agent', 'body.json'));
    endedWith(t, await run(), 0, resultIn(join(plans, 'out')));
  });

  t.test('a file of the agent', async (t) => {
    const { folder, run, edit, echo } = await scene(t);
    writeFileSync(join(folder, 'agent', 'own.txt'), 'private');
    const own = join(folder, 'agent', 'own.txt');
    edit('plan.yaml', planNaming(echo.url, own));
    renameSync(own, `${own}.kept`);
    const { code, stderr } = await run();
    t.equal(code, 1);
    t.match(stderr, /own\.txt cannot be read: it was not sent with the run, and no plan may name a file of this host/);
  });
});

t.test('what cannot be sent is refused where the run is started', async (t) => {
  const { echo, plans, run, edit } = await scene(t);
  const refused = async (name: string, said: RegExp) => {
    const { code, stderr } = await run();
    t.equal(code, 104, `${name}: ${stderr}`);
    t.match(stderr, said, name);
    t.equal(stderr.trim().split('\n').length, 1, `${name}: in one sentence`);
  };
  const with_ = (line: string) => edit('lib/driver.ts', `${line}\n${DRIVER}`);
  with_(`const load = (name: string) => require(name);\nif (Date.now() < 0) load('x');`);
  await refused(
    'a dynamic require',
    /lib\/driver\.ts" cannot be sent to agents: lib\/driver\.ts:1: what it imports there is only/,
  );
  with_(`const later = (name: string) => import(name);\nif (Date.now() < 0) void later('x');`);
  await refused(
    'a dynamic import',
    /cannot be sent to agents: lib\/driver\.ts:1: what it imports there is only known when it/,
  );
  mkdirSync(join(plans, 'node_modules', 'native'));
  edit('node_modules/native/package.json', '{"main":"main.js"}');
  edit('node_modules/native/addon.node', 'not really');
  edit('node_modules/native/main.js', "try { module.exports = require('./addon.node'); } catch {}");
  with_(`import 'native';`);
  await refused(
    'a native module',
    /addon\.node is a native module, which works only on the host on which it was built/,
  );
  with_('');
  truncateSync(join(plans, '..', 'data', 'users.csv'), 300 << 20);
  await refused(
    'too much',
    /what the plan names has 301 MiB, and 256 MiB can be sent with a run: the largest is \.\.\/data/,
  );
  t.same(echo.asked, []);
});

t.test('bench run sends what a plan names to its own processes in the same way', async (t) => {
  const echo = await startEcho(t);
  const folder = t.testdir(authorFiles(echo.url));
  const cwd = join(folder, 'plans');
  const local = new BenchProcess(['run', 'plan.yaml', '--out', 'out'], { cwd });
  t.teardown(() => local.end());
  endedWith(t, await local.ended, 0, resultIn(join(cwd, 'out')));
  t.equal(echo.asked.length, 6);
  t.ok(existsSync(join(cwd, '.cache', 'bench', 'contents')));
});

function planNaming(target: string, file: string): string {
  return `name: A file of the agent
target: ${target}
drivers: { http: { options: { operations: { get: { method: POST, path: /, body: { file: ${file} } } } } } }
scenarios: { a: { executor: per-vu-iterations, vus: 1, iterations: 1, operations: [{ driver: http, operation: get }] } }
`;
}
