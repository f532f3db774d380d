/** Runs every `*.smoke.ts` beside this file under each runtime that is supported. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';

interface Runtime {
  name: string;
  command: string;
  args: string[];
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const smokeFiles = readdirSync(new URL('.', import.meta.url)).filter((name) => name.endsWith('.smoke.ts'));
const runtimes: Runtime[] = [
  { name: 'node', command: process.execPath, args: [] },
  { name: 'bun', command: `${root}node_modules/.bin/bun`, args: ['--preload', './test/kit/preload.ts'] },
  {
    name: 'deno',
    command: `${root}node_modules/.bin/deno`,
    args: ['run', '--allow-all', '--preload', './test/kit/preload.ts'],
  },
];

// Seven files under each of three runtimes, one after the other.
t.setTimeout(180_000);

/** They consist of test files, which `npm test` runs on Node anyway. */
const TESTS_OF_NODE = ['http-connection.smoke.ts', 'user-agent.smoke.ts'];

t.ok(smokeFiles.length > 0, 'there are smoke files');

for (const { name, command, args } of runtimes) {
  const { error, status, stderr } = spawnSync(command, ['--version'], { encoding: 'utf8' });
  if (status !== 0) {
    t.fail(`${name} does not start (${error?.message ?? stderr}): run \`npm ci\``);
    continue;
  }
  for (const file of smokeFiles) {
    if (name === 'node' && TESTS_OF_NODE.includes(file)) continue;
    const run = t.spawn(command, [...args, `test/runtime/${file}`, name], { cwd: root }, `${name} ${file}`);
    await run;
    t.ok((run.subtest?.results?.count ?? 0) > 0, `${name} ${file} asserts something`);
  }
}
