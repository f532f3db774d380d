/** `npm run test:faults -- --repeat 20`: the fault tests, one file after the other, until one fails. */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { repeat: { type: 'string', default: '1' } } });
const files = globSync('test/faults/*.test.ts').sort();

for (let round = 1; round <= Number(values.repeat) && !process.exitCode; round++) {
  console.log(`Round ${round} of ${values.repeat}`);
  for (const file of files) {
    const { status } = spawnSync(
      process.execPath,
      ['node_modules/tap/dist/esm/run.mjs', '--exclude=', '--jobs=1', file],
      {
        stdio: 'inherit',
      },
    );
    if (status !== 0) process.exitCode = 1;
  }
}
