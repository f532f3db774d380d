import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import { BenchError } from './error.ts';
import { reasonOf } from './text/system-reason.ts';
import { decodeUtf8 } from './text/utf8.ts';

const MIN_CHUNK_BYTES = 4 << 10;

/**
 * Reads a whole file that a user has named. Only regular files have an end that can be relied on: a device such as
 * /dev/zero never ends, and a FIFO waits for somebody who writes. The file is opened once, so what was checked is read.
 *
 * @param maxBytes the largest file that makes sense here
 * @param check called with the path of what was opened, without links, before it is read; where the system does not tell
 *   that path it is not called. What it throws is thrown
 * @throws {BenchError} `file_unreadable`, with the reason alone as its message, such as `it is a folder`
 */
export function readRegularFile(path: string, maxBytes: number, check?: (opened: string) => void): Buffer {
  const file = openRegularFile(path, check);
  try {
    return contentOf(file, maxBytes);
  } catch (error) {
    throw unreadableBecause(error);
  } finally {
    closeSync(file);
  }
}

/**
 * Opens a file as {@link readRegularFile} does, for one that is too large to be read whole.
 * @returns its descriptor, which is to be closed
 */
export function openRegularFile(path: string, check?: (opened: string) => void): number {
  let file: number | undefined;
  try {
    // A FIFO would otherwise be opened only when somebody writes to it.
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const opened = check && openedPath(file);
    if (opened !== undefined) check?.(opened);
    const status = fstatSync(file);
    if (status.isDirectory()) throw unreadable('it is a folder');
    if (!status.isFile()) throw unreadable('it is a device or a pipe, not a regular file');
    return file;
  } catch (error) {
    if (file !== undefined) closeSync(file);
    throw unreadableBecause(error);
  }
}

/**
 * Reads text as {@link readRegularFile} does.
 * @throws {BenchError} also `not_utf8`, with the line that is not UTF-8
 */
export function readTextFile(path: string, maxBytes: number): string {
  return decodeUtf8(readRegularFile(path, maxBytes));
}

function contentOf(file: number, maxBytes: number): Buffer {
  const status = fstatSync(file);
  const tooLarge = () => unreadable(`it is larger than ${inUnits(maxBytes)}`);
  if (status.size > maxBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  // The size that the system tells is no limit: files below /proc have none, and others may grow.
  for (;;) {
    // A file that is as large as it says is read into its place: no part of it is in memory twice.
    const chunk = Buffer.allocUnsafe(Math.max(status.size - bytes, MIN_CHUNK_BYTES));
    const count = readSync(file, chunk);
    if (count === 0) return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
    bytes += count;
    if (bytes > maxBytes) throw tooLarge();
    chunks.push(chunk.subarray(0, count));
  }
}

/** From Linux's /proc. */
function openedPath(file: number): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${file}`);
  } catch {
    return undefined;
  }
}

function unreadableBecause(error: unknown): BenchError {
  return error instanceof BenchError ? error : new BenchError('file_unreadable', reasonOf(error), { cause: error });
}

function unreadable(reason: string): BenchError {
  return new BenchError('file_unreadable', reason);
}

function inUnits(bytes: number): string {
  return bytes >= 1 << 20 ? `${bytes / (1 << 20)} MiB` : `${bytes} bytes`;
}
