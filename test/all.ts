/**
 * What `npm test` runs. tap's own list of files begins with the first of the alphabet, starts a process for each, and gives
 * each loaders (of mocks, of what coverage needs) that nothing here uses. Where a process is to have several files, they
 * are subtests of it: to load tap and what is tested takes longer than most of them.
 */
import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import t from 'tap';
import { WITH_THIS_PROCESS } from './e2e/bench-process.ts';

/** The longest begin first, so that at the end no core waits for one of them. */
const FIRST = [
  'test/docs/commands.test.ts',
  'test/plugins/milvus/real-server.test.ts',
  'test/docs/ci-recipes.test.ts',
  'test/e2e/shipping/blocking-plugin.test.ts',
  'test/package/package.test.ts',
  'test/reports/live/habits.test.ts',
  'test/runtime/roles.test.ts',
  'test/e2e/run.test.ts',
  'test/e2e/mysql.test.ts',
  'test/e2e/journeys/bad-input.test.ts',
  'test/e2e/results/baseline.test.ts',
  'test/e2e/operations.test.ts',
  'test/e2e/shipping/killed.test.ts',
  'test/e2e/web/live-page.test.ts',
  'test/runtime/runtimes.test.ts',
  'test/e2e/mysql-faults.test.ts',
  'test/e2e/by-hand.test.ts',
  'test/e2e/shipping/remote.test.ts',
  'test/docs/telemetry.test.ts',
  'test/e2e/stopping.test.ts',
  'test/reports/live/memory.test.ts',
  'test/e2e/results/find-max.test.ts',
  'test/e2e/limits.test.ts',
  'test/package/binary.test.ts',
];

/** Those that start programs: each has a process of its own. */
const ALONE = /^test\/(?:docs|e2e|examples|package|runtime)\/|^test\/[^/]+$/;
/** What a test reads that looks at its process as a whole, of which it may be the only one then. */
const OF_WHOLE_PROCESS = /memoryUsage|getActiveResourcesInfo|\/proc\/self\/fd/;
const isAlone = (file: string) => ALONE.test(file) || OF_WHOLE_PROCESS.test(readFileSync(file, 'utf8'));
/** So many that the start counts little, and so few that at the end no core waits long for another one. */
const FILES_PER_PROCESS = 12;

/** tap's own, in seconds. A file that needs longer says so itself. */
const TIMEOUT_MS = 1e3 * Number(process.env.TAP_TIMEOUT ?? 60);

const files = globSync('test/**/*.test.ts', { exclude: (path) => path.startsWith('test/faults') }).sort();
t.strictSame(
  FIRST.filter((file) => !files.includes(file)),
  [],
  'all that is to begin first is there',
);

t.setTimeout(3_600_000);
// They wait for a third of their time.
t.jobs = availableParallelism() + 2;
const [command = '', ...args] = [
  ...WITH_THIS_PROCESS,
  process.execPath,
  '--no-warnings',
  '--import=./test/kit/quick-imports.ts',
];
const alone = [...new Set([...FIRST, ...files.filter(isAlone)])];
const together = files.filter((file) => !alone.includes(file));
const groups = Array.from({ length: Math.ceil(together.length / FILES_PER_PROCESS) }, (_, i) =>
  together.slice(i * FILES_PER_PROCESS, (i + 1) * FILES_PER_PROCESS),
);
const single = alone.map((file) => [file]);
// The groups take longer than what else is alone, and those of reports, many of which take a browser, are the last of them.
const processes = [...single.slice(0, FIRST.length), ...groups.reverse(), ...single.slice(FIRST.length)];
const spawned = processes.map(async (several) => {
  const [file = ''] = several;
  const program = several.length > 1 ? ['test/kit/one-process.ts', ...several] : [file];
  const name = several.length > 1 ? `${several.length} files from ${file} on` : file;
  const timeout = TIMEOUT_MS * several.length;
  const results = await t.spawn(command, [...args, ...program], { buffered: true, timeout }, name);
  return { name, plan: results?.plan };
});
// tap takes a process for skipped that ends in order before its first assertion. A file that is skipped says why.
const ended = await Promise.all(spawned);
t.strictSame(
  ended.filter(({ plan }) => plan?.skipReason === 'no tests found').map(({ name }) => name),
  [],
  'each file asserts something',
);
