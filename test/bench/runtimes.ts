import { join } from 'node:path';
import { BenchmarkError } from './benchmark-error.ts';
import { findProgram, REPOSITORY } from './machine.ts';

export const RUNTIMES = ['bun', 'node', 'deno'] as const;
export type Runtime = (typeof RUNTIMES)[number];

export const RUNTIME_NAMES: Readonly<Record<Runtime, string>> = { bun: 'Bun', node: 'Node', deno: 'Deno' };

const ARGUMENTS: Readonly<Record<Runtime, readonly string[]>> = { bun: [], node: [], deno: ['run', '--allow-all'] };

interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * The command line of `bench` on a runtime.
 * @throws {BenchmarkError} when the runtime is not there
 */
export function benchCommand(runtime: Runtime, args: readonly string[]): CommandLine {
  return programOn(runtime, join(REPOSITORY, 'bench.ts'), args);
}

/**
 * The command line of a program of TypeScript on a runtime.
 * @throws {BenchmarkError} when the runtime is not there
 */
export function programOn(runtime: Runtime, file: string, args: readonly string[]): CommandLine {
  const command = findProgram(runtime);
  if (command === undefined) {
    throw new BenchmarkError(
      `${RUNTIME_NAMES[runtime]} is not on PATH: run \`npm ci\`, or leave it out of --runtimes.`,
    );
  }
  return { command, args: [...ARGUMENTS[runtime], file, ...args] };
}
