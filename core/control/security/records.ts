import { readFileSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { reasonOf } from '../../text/system-reason.ts';
import { SecurityError } from './security-files.ts';

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
  const read = names.map(async (name) => {
    const value = await readRecord(join(folder, name), schema);
    return value === undefined ? [] : [{ name, value }];
  });
  return (await Promise.all(read)).flat();
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

/** Records that are asked for again and again: one that has not changed is not opened again, nor needs a file descriptor. */
export class SeenRecords {
  readonly #schema: z.ZodType;
  /** By file. */
  readonly #seen = new Map<string, string>();

  constructor(schema: z.ZodType) {
    this.#schema = schema;
  }

  /** That the file is there, can be read and is a record. */
  has(file: string): boolean {
    try {
      const { ino, size, ctimeMs } = statSync(file);
      const state = `${ino} ${size} ${ctimeMs}`;
      if (this.#seen.get(file) === state) return true;
      if (parsed(readFileSync(file, 'utf8'), this.#schema) === undefined) return this.#forget(file);
      this.#seen.set(file, state);
      return true;
    } catch {
      return this.#forget(file);
    }
  }

  #forget(file: string): false {
    this.#seen.delete(file);
    return false;
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
