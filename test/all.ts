/**
 * What `npm test` runs. tap's own list of files begins with the first of the alphabet, starts a process for each, and gives
 * each loaders (of mocks, of what coverage needs) that nothing here uses. Where a process is to have several files, they
 * are subtests of it: to load tap and what is tested takes longer than most of them.
 */
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import t from 'tap';
import { BUILT_FOLDER, WITH_THIS_PROCESS } from './e2e/bench-process.ts';

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

/** Those that start programs, and wait for them. */
const OF_PROGRAMS = /^test\/(?:docs|e2e|examples|package|runtime)\/|^test\/[^/]+$/;
/** What a test reads that looks at its process as a whole, of which it may be the only one then. */
const OF_WHOLE_PROCESS = /memoryUsage|getActiveResourcesInfo|\/proc\/self\/fd/;
/** So many that the start counts little, and so few that at the end no core waits long for another one. */
const FILES_PER_PROCESS = { ofPrograms: 4, ofParts: 24 };

/**
 * Of those that have several files: threads that collect garbage beside the program share what it works on with it, and no core
 * is free for them, which takes a tenth more processor time.
 */
const ONE_COLLECTOR = '--single-threaded-gc';

/** tap's own, in seconds. A file that needs longer says so itself. */
const TIMEOUT_MS = 1e3 * Number(process.env.TAP_TIMEOUT ?? 60);

const files = globSync('test/**/*.test.ts', { exclude: (path) => path.startsWith('test/faults') }).sort();
t.strictSame(
  FIRST.filter((file) => !files.includes(file)),
  [],
  'all that is to begin first is there',
);

t.setTimeout(3_600_000);
// They wait for two thirds of their time.
t.jobs = availableParallelism() + 4;
const [command = '', ...args] = [
  ...WITH_THIS_PROCESS,
  process.execPath,
  '--no-warnings',
  '--import=./test/kit/quick-imports.ts',
];
process.env[BUILT_FOLDER] = execFileSync('node_modules/.bin/bun', ['test/kit/programs/build-bench.ts'], {
  encoding: 'utf8',
});
const rest = files.filter((file) => !FIRST.includes(file));
const isAlone = (file: string) => OF_WHOLE_PROCESS.test(readFileSync(file, 'utf8'));
const [ofPrograms, ofParts] = [true, false].map((is) =>
  rest.filter((file) => !isAlone(file) && OF_PROGRAMS.test(file) === is),
) as [string[], string[]];
const together = (some: readonly string[], count: number) =>
  Array.from({ length: Math.ceil(some.length / count) }, (_, i) => some.slice(i * count, (i + 1) * count));
const processes = [
  ...FIRST.map((file) => [file]),
  ...together(ofPrograms, FILES_PER_PROCESS.ofPrograms),
  // Those of reports, many of which take a browser, are the last of the alphabet; its first are the shortest.
  ...together(ofParts, FILES_PER_PROCESS.ofParts).reverse(),
  ...rest.filter(isAlone).map((file) => [file]),
];
const spawned = processes.map(async (several) => {
  const [file = ''] = several;
  const program = several.length > 1 ? [ONE_COLLECTOR, 'test/kit/one-process.ts', ...several] : [file];
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
