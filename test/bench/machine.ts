import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { readKernelFile } from '../../agents/host/linux.ts';

export const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));

/** Cores as taskset writes them; undefined: wherever the system puts the process. */
export interface Placement {
  readonly generator: string | undefined;
  /** The server, control and the benchmark itself. */
  readonly rest: string | undefined;
}

/** The program's file on PATH; this repository's own runtimes come first. */
export function findProgram(name: string): string | undefined {
  const folders = [join(REPOSITORY, 'node_modules/.bin'), ...(process.env.PATH ?? '').split(delimiter)];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The kernel's short form of a list of cores, such as `0-2,5`. */
export function parseCoreList(text: string): number[] {
  return text.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number) as [number, number?];
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/** One core for the generator; one more is the server's, and what is left is for all others. */
export function placementOn(cores: readonly number[]): Placement {
  const [server, generator] = cores;
  if (server === undefined || generator === undefined) return { generator: undefined, rest: undefined };
  return { generator: String(generator), rest: [server, ...cores.slice(2)].join(',') };
}

export function placementHere(): Placement {
  const allowed = readKernelFile('/proc/self/status')?.match(/^Cpus_allowed_list:\s+(\S+)/m)?.[1];
  return placementOn(allowed === undefined || findProgram('taskset') === undefined ? [] : parseCoreList(allowed));
}

/** All cores of a placement, as taskset writes them; undefined where it has none. */
export function allCores({ generator, rest }: Placement): string | undefined {
  return generator === undefined || rest === undefined ? undefined : `${generator},${rest}`;
}

/** Holds this process, and those that it starts from now on, to these cores. */
export function moveTo(cores: string): void {
  execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', cores, String(process.pid)], { stdio: 'ignore' });
}
