/**
 * What `npm test` runs: each test file as a process of its own. tap's own list of files begins with the first of the
 * alphabet, and gives each process loaders (of mocks, of what coverage needs) that nothing here uses: a third of a second.
 */
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import t from 'tap';
import { WITH_THIS_PROCESS } from './e2e/bench-process.ts';

/** The longest begin first, so that at the end no core waits for one of them. */
const FIRST = [
  'test/docs/commands.test.ts',
  'test/docs/ci-recipes.test.ts',
  'test/e2e/shipping/blocking-plugin.test.ts',
  'test/package/package.test.ts',
  'test/runtime/roles.test.ts',
  'test/e2e/run.test.ts',
  'test/e2e/mysql.test.ts',
  'test/e2e/journeys/bad-input.test.ts',
  'test/e2e/results/baseline.test.ts',
  'test/e2e/operations.test.ts',
  'test/runtime/runtimes.test.ts',
  'test/e2e/mysql-faults.test.ts',
  'test/e2e/by-hand.test.ts',
  'test/e2e/shipping/remote.test.ts',
  'test/e2e/results/find-max.test.ts',
  'test/e2e/limits.test.ts',
  'test/package/binary.test.ts',
];

/** tap's own, in seconds. A file that needs longer says so itself. */
const TIMEOUT_MS = 1e3 * Number(process.env.TAP_TIMEOUT ?? 60);

const files = globSync('test/**/*.test.ts', { exclude: (path) => path.startsWith('test/faults') }).sort();
t.strictSame(
  FIRST.filter((file) => !files.includes(file)),
  [],
  'all that is to begin first is there',
);

t.setTimeout(3_600_000);
// They wait for a part of their time.
t.jobs = availableParallelism() + 1;
const [command = '', ...args] = [
  ...WITH_THIS_PROCESS,
  process.execPath,
  '--no-warnings',
  '--import=./test/kit/quick-imports.ts',
];
const spawned = [...new Set([...FIRST, ...files])].map(async (file) => {
  const results = await t.spawn(command, [...args, file], { buffered: true, timeout: TIMEOUT_MS }, file);
  return { file, plan: results?.plan };
});
// tap takes a process for skipped that ends in order before its first assertion. A file that is skipped says why.
const ended = await Promise.all(spawned);
t.strictSame(
  ended.filter(({ plan }) => plan?.skipReason === 'no tests found').map(({ file }) => file),
  [],
  'each file asserts something',
);
