import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, readlink, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, parse, resolve, sep } from 'node:path';
import { BenchError } from '../../error.ts';
import { makeFolder } from '../../make-folder.ts';
import { isTrustedOwner } from '../../trusted-owner.ts';

/** As many as Linux follows. */
const MAX_LINKS = 40;

/** Where a report goes that is to be at a path. */
export interface ReportPlace {
  /** Absolute; what the links at the path lead to, which need not exist yet. */
  readonly file: string;
  /** A device or a FIFO: it takes what is written, and must not be replaced. */
  readonly isStream: boolean;
}

/** Who may read the reports beside the user who writes them. */
export type ReportAccess = 'owner' | 'group' | 'everyone';

/** `kept`: the mode of the file that is replaced; a new one follows the umask. */
export type FileAccess = ReportAccess | 'kept';

const FILE_MODES: Readonly<Record<ReportAccess, number>> = { owner: 0o600, group: 0o640, everyone: 0o644 };
/** What the umask takes from. */
const NEW_FILE_MODE = 0o666;

/**
 * Follows the links at a path.
 * @param path of a file that may exist
 * @throws {BenchError} `link_refused`, for a link or FIFO that another user may have put there as a trap
 */
export async function reportPlace(path: string): Promise<ReportPlace> {
  const file = await followed(resolve(path));
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.isFile() || found.isDirectory()) return { file, isStream: false };
  await refuseTrap(file, found);
  // As it was given: the link /dev/stdout leads to no path when stdout is a pipe.
  return { file: resolve(path), isStream: true };
}

/** The path without links. What does not exist yet stays as it is. */
async function followed(path: string): Promise<string> {
  const { root } = parse(path);
  let place = root;
  let left = path.slice(root.length).split(sep);
  for (let links = 0; left.length > 0; ) {
    const [name = '', ...others] = left;
    const next = name === '..' ? dirname(place) : join(place, name);
    const found = await lstat(next).catch(() => undefined);
    left = others;
    if (found === undefined) return resolve(next, ...others);
    if (!found.isSymbolicLink()) {
      place = next;
      continue;
    }
    if (++links > MAX_LINKS) throw new BenchError('link_refused', `${path} leads through too many links`);
    await refuseTrap(next, found);
    const target = await readlink(next);
    const start = parse(target).root;
    if (start !== '') place = start;
    left = [...target.slice(start.length).split(sep), ...others];
  }
  return place;
}

/**
 * Refuses a link, a FIFO or a device of another user in a folder that others can write, such as /tmp: whoever put it there
 * decides which file is replaced, or who reads the report. The administrator is trusted.
 */
async function refuseTrap(path: string, found: Stats): Promise<void> {
  if (isTrustedOwner(found)) return;
  const folder = await stat(dirname(path));
  // Its group counts as others here, also one of this user's: in a folder that is shared, each has links of their own.
  if ((folder.mode & 0o022) === 0 && isTrustedOwner(folder)) return;
  throw new BenchError(
    'link_refused',
    `${path} belongs to another user, who could redirect with it what is written there; remove it, or name another place`,
  );
}

/**
 * Writes a report. A reader sees the file as it was or as it is to be, never a part of it.
 * @param access of the file. Folders that have to be made show only names, and nobody else can write to them, whatever the umask is:
 *   a report that only its owner may read could be replaced there
 */
export async function writeReport({ file, isStream }: ReportPlace, content: string, access: FileAccess): Promise<void> {
  if (isStream) return writeStream(file, content);
  const mode = access === 'kept' ? await modeOf(file) : FILE_MODES[access];
  await inFolderOf(file, 0o755, async (folder, name) => {
    const unfinished = folder.at(`.${name}.${randomBytes(8).toString('hex')}`);
    await writeNew(unfinished, content, mode);
    try {
      await rename(unfinished, folder.at(name));
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
  });
}

/**
 * Writes a file where there is none, with the mode that the umask gives it.
 * @throws {Error} `EEXIST` when there is one
 */
export async function createFile({ file }: ReportPlace, content: string): Promise<void> {
  await inFolderOf(file, 0o777, (folder, name) => writeNew(folder.at(name), content, undefined));
}

/** Makes the folder when it is missing. @param mode of the folder, from which the umask takes */
async function inFolderOf(
  file: string,
  mode: number,
  work: (folder: HeldFolder, name: string) => Promise<void>,
): Promise<void> {
  await makeFolder(dirname(file), mode);
  const folder = await HeldFolder.open(dirname(file));
  try {
    await work(folder, basename(file));
  } finally {
    await folder.close();
  }
}

const underWay = new Set<Promise<void>>();

/**
 * Leaves nothing when it cannot be written whole.
 * @param mode undefined: what the umask gives
 */
async function writeNew(path: string, content: string, mode: number | undefined): Promise<void> {
  const written = writeWhole(path, content, mode);
  underWay.add(written);
  try {
    await written;
  } finally {
    underWay.delete(written);
  }
}

/** Resolves when no file is under way that would be left in part if the process ended. */
export async function filesWritten(): Promise<void> {
  while (underWay.size > 0) await Promise.allSettled(underWay);
}

async function writeWhole(path: string, content: string, mode: number | undefined): Promise<void> {
  // Fails when something is there already, a link included.
  const handle = await open(path, 'wx', mode === undefined ? NEW_FILE_MODE : 0o600);
  try {
    await handle.writeFile(content);
    if (mode !== undefined) await handle.chmod(mode);
    await handle.close();
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(path, { force: true });
    throw error;
  }
}

async function modeOf(file: string): Promise<number | undefined> {
  const found = await stat(file).catch(() => undefined);
  return found && found.mode & 0o777;
}

/**
 * A folder that is open: what is written into it goes there, even if somebody moves it away meanwhile and puts a link to
 * another place where it was. Linux shows open folders below /proc; elsewhere the path is all there is, and this holds only
 * for who cannot write to the folders above.
 */
class HeldFolder {
  readonly #path: string;
  readonly #handle: FileHandle | undefined;

  private constructor(path: string, handle: FileHandle | undefined) {
    this.#path = path;
    this.#handle = handle;
  }

  /**
   * @param path without links
   * @throws {BenchError} `link_refused` when it has come to lead elsewhere
   */
  static async open(path: string): Promise<HeldFolder> {
    const handle = await open(path, constants.O_RDONLY | (constants.O_DIRECTORY ?? 0)).catch(() => undefined);
    if (handle === undefined) return new HeldFolder(path, undefined);
    const shown = `/proc/self/fd/${handle.fd}`;
    const opened = await readlink(shown).catch(() => undefined);
    if (opened === path) return new HeldFolder(shown, handle);
    await handle.close();
    if (opened === undefined) return new HeldFolder(path, undefined);
    throw new BenchError(
      'link_refused',
      `${path} was replaced by a link to ${opened} a moment ago; name another place`,
    );
  }

  at(name: string): string {
    return join(this.#path, name);
  }

  async close(): Promise<void> {
    await this.#handle?.close();
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
