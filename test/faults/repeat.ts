/**
 * `npm run test:faults -- --repeat 20`: the fault tests, until one fails. Most of them wait most of the time, so several
 * files run at once; what measures to the millisecond, or needs a whole core, runs alone.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT } from '../../core/cli/exit-codes.ts';

const { values } = parseArgs({ options: { repeat: { type: 'string', default: '1' } } });
const rounds = /^\d+$/.test(values.repeat) ? Number(values.repeat) : 0;
if (rounds < 1) {
  console.error(`--repeat must be a whole number from 1 on, such as 20, not '${values.repeat}'.`);
  process.exit(EXIT.invalidInput);
}
const ALONE = ['test/faults/failed-joins.test.ts', 'test/faults/start-skew.test.ts'];
const AT_ONCE = 3;
/** A round starts some hundred processes of the same program. */
const NODE_COMPILE_CACHE = join(tmpdir(), 'bench-compile-cache');
const together = globSync('test/faults/*.test.ts')
  .filter((file) => !ALONE.includes(file))
  .sort();

function run(files: readonly string[], jobs: number): boolean {
  const args = ['node_modules/tap/dist/esm/run.mjs', '--exclude=', `--jobs=${jobs}`, ...files];
  return (
    spawnSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, NODE_COMPILE_CACHE } }).status === 0
  );
}

for (let round = 1; round <= rounds && !process.exitCode; round++) {
  const beganMs = performance.now();
  console.log(`Round ${round} of ${rounds}`);
  const passed = [run(together, AT_ONCE), run(ALONE, 1)];
  if (passed.includes(false)) process.exitCode = 1;
  console.log(`Round ${round} took ${Math.round((performance.now() - beganMs) / 1000)} s`);
}
