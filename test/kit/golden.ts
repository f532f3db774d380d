import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import type { Test } from 'tap';

const FOLDER = new URL('../golden/', import.meta.url);

/**
 * Compares with test/golden/NAME. Written anew with TAP_SNAPSHOT=1: look at the change before it is committed.
 */
export function matchesGolden(t: Test, name: string, content: string): void {
  const file = new URL(name, FOLDER);
  if (process.env.TAP_SNAPSHOT === '1') {
    mkdirSync(new URL('.', file), { recursive: true });
    writeFileSync(file, content);
  }
  if (!existsSync(file)) t.fail(`test/golden/${name} is not there: write it with TAP_SNAPSHOT=1`);
  else t.equal(content, readFileSync(file, 'utf8'), `as test/golden/${name}`);
}
