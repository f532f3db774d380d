import { constants } from 'node:fs';
import { open, readlink, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { makeFolder } from './folders.ts';

/** As many as Linux follows. */
const MAX_LINKS = 40;

/** Where a report goes that is to be at a path. */
export interface ReportPlace {
  /** Absolute; what the links at the path lead to, which need not be there yet. */
  readonly file: string;
  /** A device or a FIFO: it takes what is written, and must not be replaced. */
  readonly isStream: boolean;
}

/** @param path of a file that may be there */
export async function reportPlace(path: string): Promise<ReportPlace> {
  const found = await stat(path).catch(() => undefined);
  // Such as /dev/stdout, whose link leads to no path when stdout is a pipe.
  if (found !== undefined && !found.isFile() && !found.isDirectory()) return { file: resolve(path), isStream: true };
  return { file: await realpath(path).catch(() => followed(resolve(path))), isStream: false };
}

/** Links to what is not there yet. */
async function followed(file: string): Promise<string> {
  let place = file;
  for (let links = 0; links < MAX_LINKS; links++) {
    const target = await readlink(place).catch(() => undefined);
    if (target === undefined) return place;
    place = resolve(await realpath(dirname(place)), target);
  }
  return file;
}

/** A reader sees the file as it was or as it is to be, never a part of it. */
export async function writeReport({ file, isStream }: ReportPlace, content: string): Promise<void> {
  if (isStream) return writeStream(file, content);
  const unfinished = join(dirname(file), `.${basename(file)}.${process.pid}`);
  await makeFolder(dirname(file));
  try {
    await writeFile(unfinished, content);
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

async function writeStream(file: string, content: string): Promise<void> {
  const handle = await open(file, constants.O_WRONLY);
  try {
    await handle.writeFile(content);
  } finally {
    await handle.close();
  }
}
