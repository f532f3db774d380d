import { randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { z } from 'zod';
import { makeFolder } from '../../make-folder.ts';
import { reasonOf } from '../../text/system-reason.ts';
import { SecurityError } from './security-files.ts';

const SUFFIX = '.json';

/**
 * What is known of a record. `unreadable` means that the system did not let this process look, for example because it has
 * no file descriptor left: the record may be valid or not.
 */
export type RecordState = 'valid' | 'missing' | 'damaged' | 'unreadable';

/**
 * Reads all records of a folder, each a small JSON file. Files that were deleted meanwhile, are damaged or are not records
 * are skipped; a missing folder has no records.
 * @throws {SecurityError} when the folder, or a file in it, cannot be read
 */
export async function readRecords<T>(folder: string, schema: z.ZodType<T>): Promise<{ name: string; value: T }[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw unreadable(folder, error);
  });
  const records: { name: string; value: T }[] = [];
  // One file at a time: thousands of them would need as many file descriptors.
  for (const name of names.filter((file) => file.endsWith(SUFFIX))) {
    const value = await readRecord(join(folder, name), schema);
    if (value !== undefined) records.push({ name, value });
  }
  return records;
}

/**
 * @returns undefined when there is no such file, or when it is not a valid record
 * @throws {SecurityError} when the file exists and cannot be read
 */
export async function readRecord<T>(file: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return parsed(await readFile(file, 'utf8'), schema);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR') return undefined;
    throw unreadable(file, error);
  }
}

/**
 * Writes a record so that a reader finds all of it or nothing. Only this user can read it, and its folder where that is made.
 * @param file ends with `.json`
 * @throws {BenchError}
 */
export async function writeRecord(file: string, value: unknown): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  await makeFolder(dirname(file), 0o700);
  try {
    await writeFile(temporary, JSON.stringify(value), { mode: 0o600, flag: 'wx' });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new SecurityError(`${file} cannot be written (${reasonOf(error)})`, { cause: error });
  }
}

/** Remembers which records were valid: one that has not changed is not opened again, so that it needs no file descriptor. */
export class SeenRecords {
  readonly #schema: z.ZodType;
  /** Inode, size and time of change of each valid record, by file. */
  readonly #seen = new Map<string, string>();

  constructor(schema: z.ZodType) {
    this.#schema = schema;
  }

  stateOf(file: string): RecordState {
    try {
      const { ino, size, ctimeMs } = statSync(file);
      const version = `${ino} ${size} ${ctimeMs}`;
      if (this.#seen.get(file) === version) return 'valid';
      this.#seen.delete(file);
      if (parsed(readFileSync(file, 'utf8'), this.#schema) === undefined) return 'damaged';
      this.#seen.set(file, version);
      return 'valid';
    } catch (error) {
      this.#seen.delete(file);
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return 'missing';
      return code === 'EISDIR' ? 'damaged' : 'unreadable';
    }
  }
}

function parsed<T>(text: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function unreadable(place: string, error: unknown): SecurityError {
  return new SecurityError(
    `${place} cannot be read (${reasonOf(error)}), so it is not known what was issued: let the user of this command read it`,
    { cause: error },
  );
}
