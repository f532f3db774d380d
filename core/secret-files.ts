import { resolve } from 'node:path';
import { BenchError } from './error.ts';
import { isBelow, realPath } from './plan-files.ts';
import { readTextFile } from './regular-file.ts';

/** A larger file was named by mistake. */
const MAX_SECRET_BYTES = 1 << 20;

/**
 * Which files `${file:path}`, and which variables `${env:NAME}`, may name. Who starts runs at a control is another than who runs control and agents: without a
 * limit, a plan could send any file of theirs to a target of its author's choice.
 */
export interface SecretFiles {
  /** Only files in these folders; undefined: any file that the process may read. */
  readonly below: readonly string[] | undefined;
  /** No file in these folders, whatever else is allowed: they hold what bench itself is known by. */
  readonly never: readonly string[];
  /** Only variables whose names begin so. Default: any. */
  readonly variablePrefix?: string | undefined;
}

/** For references of the user who runs this process. */
export const ANY_FILE: SecretFiles = { below: undefined, never: [] };

/**
 * The content of a file that a reference names.
 * @throws {BenchError} when this process may not read it for a plan, or cannot
 */
export function readSecretFile(path: string, allowed: SecretFiles): string {
  const file = realPath(resolve(path));
  if (allowed.never.some((folder) => isBelow(file, folder))) {
    throw new BenchError('secret_refused', 'it belongs to bench itself, and no plan may name it');
  }
  if (allowed.below !== undefined && !allowed.below.some((folder) => isBelow(file, folder))) {
    throw new BenchError(
      'secret_refused',
      `plans may name only files below ${allowed.below.join(', ')} here; start this process with --secrets-folder to name another folder`,
    );
  }
  return readTextFile(file, MAX_SECRET_BYTES);
}
