#!/usr/bin/env node
// The entry in plain JavaScript: Node versions that cannot read TypeScript can read this, and say what is wrong.
import { existsSync } from 'node:fs';
import process from 'node:process';

const { node, bun, deno } = process.versions;
const [major, minor] = node.split('.').map(Number);
const readsTypeScript = major > 23 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);

if (bun === undefined && deno === undefined && !readsTypeScript) {
  process.stderr.write(
    `bench: Node ${node} is too old: bench needs Node 22.18 or newer, Bun 1.3 or newer, or Deno 2.5 or newer.\n`,
  );
  process.exit(1);
}
// A clone runs its sources; the package has only what was built from them.
await import(existsSync(new URL('bench.ts', import.meta.url)) ? './bench.ts' : './dist/bench.js');
