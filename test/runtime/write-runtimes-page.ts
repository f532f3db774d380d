/** Writes docs/runtimes.md again, after a change of what the tests of this folder try; with `--check` it only says whether that is necessary. */
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { runtimesPage } from './runtimes-page.ts';

const FILE = new URL('../../docs/runtimes.md', import.meta.url);

if (!process.argv.includes('--check')) {
  writeFileSync(FILE, runtimesPage());
} else if (readFileSync(FILE, 'utf8') !== runtimesPage()) {
  process.stderr.write('docs/runtimes.md is not what test/runtime tries: run `npm run generate`\n');
  process.exitCode = 1;
}
