import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { BenchError } from '../../error.ts';
import { MAX_BUNDLE_BYTES } from '../../plan/bundle.ts';
import { reasonOf } from '../../text/system-reason.ts';

/** A file of a plan, and what its content is known by. */
export interface HashedFile {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * @param name absolute, or relative to the plan's folder
 * @returns undefined when there is no such file
 * @throws {BenchError} the reason alone, for one that cannot be read, or is no regular file
 */
export async function hashedFile(name: string, baseDirectory: string): Promise<HashedFile | undefined> {
  const path = resolve(baseDirectory, name);
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    const status = await stat(path);
    if (status.isDirectory()) throw new BenchError('file_unreadable', 'it is a folder');
    if (!status.isFile()) throw new BenchError('file_unreadable', 'it is a device or a pipe, not a regular file');
    // Its size is enough to say that it cannot be sent.
    if (status.size > MAX_BUNDLE_BYTES) return { path, sha256: '0'.repeat(64), bytes: status.size };
    for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) {
      hash.update(piece as Buffer);
      bytes += (piece as Buffer).length;
    }
  } catch (error) {
    if (error instanceof BenchError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new BenchError('file_unreadable', reasonOf(error), { cause: error });
  }
  return { path, sha256: hash.digest('hex'), bytes };
}

/** @returns hexadecimal digits */
export function sha256Of(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
