/** Runs every `*.smoke.ts` beside this file under each runtime that is supported. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { RUNTIME_NAMES, RUNTIMES, type RuntimeName, SMOKE } from './suite.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const preload: Readonly<Record<RuntimeName, readonly string[]>> = {
  node: [],
  bun: ['--preload', './test/kit/preload.ts'],
  deno: ['--preload', './test/kit/preload.ts'],
};

// Ten files under each of three runtimes, one after the other.
t.setTimeout(240_000);

/** They consist of test files, which `npm test` runs on Node anyway. */
const TESTS_OF_NODE = [
  'grpc.smoke.ts',
  'http-connection.smoke.ts',
  'milvus.smoke.ts',
  'mysql.smoke.ts',
  'user-agent.smoke.ts',
];

t.strictSame(
  readdirSync(new URL('.', import.meta.url))
    .filter((name) => name.endsWith('.smoke.ts'))
    .sort(),
  Object.keys(SMOKE).sort(),
  'every file is in the suite, of which the table in docs/runtimes.md is made',
);

for (const name of RUNTIME_NAMES) {
  const [command, ...args] = RUNTIMES[name];
  const { error, status, stderr } = spawnSync(command, ['--version'], { encoding: 'utf8' });
  if (status !== 0) {
    t.fail(`${name} does not start (${error?.message ?? stderr}): run \`npm ci\``);
    continue;
  }
  for (const [file, { except }] of Object.entries(SMOKE)) {
    if (except?.[name] !== undefined || (name === 'node' && TESTS_OF_NODE.includes(file))) continue;
    const flags = [...args, ...preload[name], `test/runtime/${file}`, name];
    const run = t.spawn(command, flags, { cwd: root }, `${name} ${file}`);
    await run;
    t.ok((run.subtest?.results?.count ?? 0) > 0, `${name} ${file} asserts something`);
  }
}
