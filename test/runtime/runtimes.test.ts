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

t.setTimeout(600_000);
// A runtime waits for a part of its time.
t.jobs = RUNTIME_NAMES.length;

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

const ended = RUNTIME_NAMES.map(async (name) => {
  const [command, ...args] = RUNTIMES[name];
  const { error, status, stderr } = spawnSync(command, ['--version'], { encoding: 'utf8' });
  if (status !== 0) {
    t.fail(`${name} does not start (${error?.message ?? stderr}): run \`npm ci\``);
    return;
  }
  const files = Object.entries(SMOKE)
    .filter(([file, { except }]) => except?.[name] === undefined && !(name === 'node' && TESTS_OF_NODE.includes(file)))
    .map(([file]) => file);
  const flags = [...args, ...preload[name], 'test/runtime/smoke-files.ts', name, ...files];
  const results = await t.spawn(command, flags, { cwd: root, buffered: true, passes: true }, name);
  const passed = results?.passes?.map(({ name }) => name) ?? [];
  t.strictSame(
    files.filter((file) => !passed.includes(`${file} asserts something`)),
    [],
    `each file asserts something on ${name}`,
  );
});
await Promise.all(ended);
