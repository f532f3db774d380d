import { realpathSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { BenchError } from './error.ts';
import { readRegularFile } from './regular-file.ts';
import { decodeUtf8 } from './text/utf8.ts';

/** Which files plans may name in this process as data, bodies, certificates, databases and plugins. */
export interface PlanFiles {
  /** Only files in this folder; undefined: any file that the process may read. */
  readonly below: string | undefined;
  /** No file in these folders, whatever else is allowed: they hold what bench itself is known by. */
  readonly never: readonly string[];
}

let allowed: PlanFiles = { below: undefined, never: [] };

/**
 * Limits what this process reads for plans. It is called once, at the start of a process that takes plans from other people,
 * and holds for the whole process, so that no plugin of bench can forget it. Without a limit, a plan could send any file of
 * the user who runs control or agents to a target of its author's choice, and load any of them as a plugin.
 */
export function limitPlanFiles(files: PlanFiles): void {
  allowed = files;
}

/**
 * Reads a file that a plan names. It is looked at before it is opened, so that nobody learns by trying which files there
 * are, and again when it is open: whoever can change links on the way could otherwise lead elsewhere in between.
 * @throws {BenchError} when this process may not read it for a plan, or cannot; the message is the reason alone
 */
export function readPlanFile(path: string, maxBytes: number): Buffer {
  const file = realPath(resolve(path));
  check(file);
  return readRegularFile(file, maxBytes, check);
}

/** Reads text as {@link readPlanFile} does. @throws {BenchError} also `not_utf8`, with the line that is not UTF-8 */
export function readPlanText(path: string, maxBytes: number): string {
  return decodeUtf8(readPlanFile(path, maxBytes));
}

/**
 * For a file that something else opens: a plugin, or a database.
 * @throws {BenchError} as {@link readPlanFile} does
 */
export function checkPlanFile(path: string): void {
  check(realPath(resolve(path)));
}

/** @param file without links */
function check(file: string): void {
  if (allowed.never.some((own) => isBelow(file, own))) {
    throw new BenchError('file_refused', 'it belongs to bench itself, and no plan may name it');
  }
  if (allowed.below !== undefined && !isBelow(file, allowed.below)) {
    throw new BenchError(
      'file_refused',
      `plans may name only files below ${allowed.below} here; start this process with --plan-folder to name another folder`,
    );
  }
}

/** Links lead to what is read, so it is their end that counts. A file that is not there is said to be missing later. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** @param file without links */
export function isBelow(file: string, folder: string): boolean {
  const real = realPath(resolve(folder));
  return file === real || file.startsWith(real.endsWith(sep) ? real : real + sep);
}
