import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import type { Test } from 'tap';

const FOLDER = new URL('../golden/', import.meta.url);

/**
 * Compares the content with the file test/golden/NAME. With TAP_SNAPSHOT=1 the file is written instead: review the change
 * before you commit it.
 */
export function matchesGolden(t: Test, name: string, content: string): void {
  const file = new URL(name, FOLDER);
  if (process.env.TAP_SNAPSHOT === '1') {
    mkdirSync(new URL('.', file), { recursive: true });
    writeFileSync(file, content);
  }
  if (!existsSync(file)) t.fail(`test/golden/${name} does not exist: write it with TAP_SNAPSHOT=1`);
  else t.equal(content, readFileSync(file, 'utf8'), `equals test/golden/${name}`);
}
