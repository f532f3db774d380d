import { existsSync, realpathSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { BenchError } from './error.ts';
import { openRegularFile, readRegularFile } from './regular-file.ts';

/** Which files of its own host a process reads for plans, beside those that were sent with the run. */
export interface OwnFiles {
  /** Any file that the process may read, or those in these folders. */
  readonly which: 'any' | { readonly folders: readonly string[] };
  /** No file in these folders, whatever else is allowed: they hold what bench itself is known by. */
  readonly never: readonly string[];
}

let own: OwnFiles = { which: 'any', never: [] };

/**
 * Limits what this process reads for plans. It is called once, at the start of a process that takes plans from other people,
 * and holds for the whole process, so that no plugin of bench can forget it. Without a limit, a plan could send any file of
 * the user who runs control or agents to a target of its author's choice.
 */
export function limitOwnFiles(files: OwnFiles): void {
  own = files;
}

/** What was sent with a run, as it lies on this host. */
export interface SentFiles {
  /** Holds all of it, and nothing else. */
  readonly root: string;
  /** Stands for the plan's folder: relative names of the plan lead to their files from here. Below the root. */
  readonly folder: string;
  /** The plan's folder where the run was started, which may be another host. */
  readonly origin: string;
  /** Where the files lie that the plan names by absolute paths, by these. */
  readonly absolute: ReadonlyMap<string, string>;
  /** By the names that the plan uses. */
  readonly modules: ReadonlyMap<string, SentModule>;
}

export interface SentModule {
  readonly file: string;
  readonly sha256: string;
}

/** By folder. */
const sent = new Map<string, SentFiles>();

/** From now on, what plans name is looked for there first. @returns takes it back */
export function addSentFiles(files: SentFiles): () => void {
  sent.set(files.folder, files);
  return () => sent.delete(files.folder);
}

/** What was sent with the run whose plan has this folder here; undefined for a plan that lies on this host. */
export function sentFiles(folder: string): SentFiles | undefined {
  return sent.get(folder);
}

/**
 * Where a file lies in this process that a plan names. Several runs may name different files by one absolute path.
 * @param folder the plan's, such as {@link SentFiles.folder}
 * @param name as the plan has it
 */
export function planPath(folder: string, name: string): string {
  const path = resolve(folder, name);
  return sent.get(folder)?.absolute.get(path) ?? path;
}

/** The path by which the plan's author knows a file that lies here. @param path of {@link planPath} */
export function authorsPath(path: string): string {
  const run = [...sent.values()].find(({ root }) => isInside(path, root));
  if (run === undefined) return path;
  const [absolute] = [...run.absolute].find(([, file]) => file === path) ?? [];
  return absolute ?? resolve(run.origin, relative(run.folder, path));
}

/**
 * Reads a file that a plan names. It is looked at before it is opened, so that nobody learns by trying which files there
 * are, and again when it is open: whoever can change links on the way could otherwise lead elsewhere in between.
 * @param path of {@link planPath}
 * @throws {BenchError} when this process may not read it for a plan, or cannot; the message is the reason alone
 */
export function readPlanFile(path: string, maxBytes: number): Buffer {
  const wanted = resolve(path);
  const file = sentFile(wanted);
  if (file !== undefined) return readRegularFile(file, maxBytes);
  return readRegularFile(ownFile(wanted), maxBytes, check);
}

/**
 * Opens a file that a plan names, and that is read in parts, as {@link readPlanFile} does.
 * @returns its descriptor, which is to be closed
 */
export function openPlanFile(path: string): number {
  const wanted = resolve(path);
  const file = sentFile(wanted);
  return file === undefined ? openRegularFile(ownFile(wanted), check) : openRegularFile(file);
}

/**
 * For a file that something else opens, such as a database. It may be missing.
 * @param path of {@link planPath}
 * @returns where it is
 * @throws {BenchError} when this process may not read it for a plan
 */
export function locatePlanFile(path: string): string {
  const wanted = resolve(path);
  return sentFile(wanted) ?? ownFile(wanted);
}

function sentFile(path: string): string | undefined {
  const isSent = [...sent.values()].some(({ root }) => isInside(path, root)) && existsSync(path);
  return isSent ? path : undefined;
}

/** @returns the path of a file of this host, without links. @throws {BenchError} when plans may not name it */
function ownFile(path: string): string {
  const file = realPath(ownPath(path));
  check(file);
  return file;
}

/** A name that leads into the folder of a run, where there is no such file, starts in a folder of this host instead: the first that has it. */
function ownPath(path: string): string {
  const run = [...sent.values()].find(({ root }) => isInside(path, root));
  if (run === undefined) return path;
  const folders = typeof own.which === 'object' ? own.which.folders : [];
  const found = (folders.length > 0 ? folders : [run.origin]).map((folder) => {
    return resolve(folder, relative(run.folder, path));
  });
  return found.find((file) => existsSync(file)) ?? (found[0] as string);
}

/** @param file without links */
function check(file: string): void {
  const { which, never } = own;
  if (never.some((folder) => isBelow(file, folder))) {
    throw new BenchError('file_refused', 'it belongs to bench itself, and no plan may name it');
  }
  if (which === 'any') return;
  const start = 'start this process with --files <folder>';
  const { folders } = which;
  if (folders.length === 0) {
    throw new BenchError(
      'file_refused',
      `it was not sent with the run, and no plan may name a file of this host; ${start} to allow those in a folder`,
    );
  }
  if (folders.some((folder) => isBelow(file, folder))) return;
  throw new BenchError(
    'file_refused',
    `it was not sent with the run, and plans may name only files below ${folders.join(' or ')} here; ${start} to name another folder`,
  );
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

/** Compares paths as they are written. */
export function isInside(path: string, folder: string): boolean {
  const inner = relative(folder, path);
  return inner !== '' && inner !== '..' && !inner.startsWith(`..${sep}`) && !isAbsolute(inner);
}
