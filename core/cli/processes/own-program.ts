import process from 'node:process';
import { fileURLToPath } from 'node:url';

const ENTRY = new URL('../../../bench.ts', import.meta.url);
/** Where Bun keeps the files of a program that is one executable. */
const EMBEDDED = /^file:\/\/\/(?:\$bunfs|[A-Z]:\/~BUN)\//;

/** Whether this program is one executable, which holds the runtime too, and has no packages beside it. */
export const isOneFile = EMBEDDED.test(ENTRY.href);

/**
 * What starts this program once more, with the same runtime and the same rights: a command and its first arguments, to
 * which those of `bench` are added. An executable that holds everything is started as it is.
 */
export function ownProgram(): readonly [command: string, ...args: string[]] {
  if (isOneFile) return [process.execPath];
  const rights = 'Deno' in globalThis ? ['run', '--allow-all'] : process.execArgv;
  return [process.execPath, ...rights, fileURLToPath(ENTRY)];
}
