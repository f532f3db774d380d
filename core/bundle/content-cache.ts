import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, lstat, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BenchError } from '../error.ts';
import { FolderError } from '../make-folder.ts';
import type { BundleEntry } from '../plan/bundle.ts';
import { reasonOf } from '../text/system-reason.ts';
import { isTrustedOwner } from '../trusted-owner.ts';
import { makeOwnFolder } from './own-folder.ts';
import { isLeftBehind, processName } from './process-name.ts';

/** What an entry's content is known by. */
export type ContentKey = Pick<BundleEntry, 'sha256' | 'bytes'>;

/** Contents beyond this go, those first that were not used for the longest time. */
const MAX_CACHE_BYTES = 2 ** 31;
/** What nothing was added to for this time was left behind by a process that was killed, on whichever host. */
const MAX_STILL_MS = 600_000;
/** Names of what this process is receiving, in whichever cache. */
const coming = new Set<string>();

/**
 * Contents of bundle entries on this host's disk, by their hash. Several processes may share a folder: a content appears whole
 * or not at all, and whoever uses one has a link to it of its own.
 */
export class ContentCache {
  readonly folder: string;
  readonly #maxBytes: number;
  /** What is being fetched, so that it is fetched once. */
  readonly #coming = new Map<string, Promise<void>>();

  /** @param folder made when it is first needed, for this user alone */
  constructor(folder: string, maxBytes = MAX_CACHE_BYTES) {
    this.folder = folder;
    this.#maxBytes = maxBytes;
  }

  /** @param sha256 64 hexadecimal digits */
  pathOf(sha256: string): string {
    return join(this.#contents, sha256);
  }

  /**
   * Whether the content is here, and is what its hash says. One that was changed is removed. Counts as a use.
   * @throws {BenchError} `cache_unusable` when the folder is not this user's alone, or cannot be made
   */
  async has({ sha256, bytes }: ContentKey): Promise<boolean> {
    const path = this.pathOf(sha256);
    await this.#writing(() => this.#makeFolders());
    try {
      const { size } = await stat(path);
      if ((await sha256Of(path)) !== sha256) await rm(path, { force: true });
      else if (size === bytes) {
        const now = new Date();
        await utimes(path, now, now);
        return true;
      }
    } catch {
      // It is not here, or not for this process.
    }
    return false;
  }

  /**
   * Takes a content that is about to come.
   * @throws {BenchError} `cache_unusable` when it cannot be written
   */
  async receive(key: ContentKey): Promise<IncomingContent> {
    // Nobody may write to it later: runs have links to it.
    const name = processName(randomUUID());
    const place = join(this.#incoming, name);
    return this.#writing(async () => {
      await this.#makeFolders();
      coming.add(name);
      return new IncomingContent(key, await open(place, 'wx', 0o400), place, (work) => this.#writing(work), {
        into: this.pathOf(key.sha256),
        kept: () => this.#trim(),
      });
    });
  }

  /**
   * Has the content here, by fetching it where it is not.
   * @throws {BenchError} as {@link receive} and {@link IncomingContent.end}, and whatever the fetching throws
   */
  async obtain(key: ContentKey, fetch: () => AsyncIterable<Uint8Array>): Promise<void> {
    const coming = this.#coming.get(key.sha256) ?? this.#obtain(key, fetch);
    this.#coming.set(key.sha256, coming);
    try {
      await coming;
    } finally {
      this.#coming.delete(key.sha256);
    }
  }

  async #obtain(key: ContentKey, fetch: () => AsyncIterable<Uint8Array>): Promise<void> {
    if (await this.has(key)) return;
    const incoming = await this.receive(key);
    try {
      for await (const piece of fetch()) await incoming.write(piece);
      await incoming.end();
    } finally {
      await incoming.discard();
    }
  }

  /** Removes what killed processes have begun to receive. Does nothing in a folder of somebody else. */
  async removeLeftovers(): Promise<void> {
    const folder = await lstat(this.#incoming).catch(() => undefined);
    if (folder?.isDirectory() !== true || !isTrustedOwner(folder)) return;
    for (const { path, mtimeMs } of await filesIn(this.#incoming)) {
      const name = basename(path);
      const isLeft = isLeftBehind(name) || Date.now() - mtimeMs > MAX_STILL_MS;
      if (isLeft && !coming.has(name)) await rm(path, { force: true }).catch(() => {});
    }
  }

  get #contents(): string {
    return join(this.folder, 'contents');
  }

  get #incoming(): string {
    return join(this.folder, 'incoming');
  }

  async #makeFolders(): Promise<void> {
    for (const folder of [this.#contents, this.#incoming]) await makeOwnFolder(folder);
  }

  async #writing<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof BenchError && !(error instanceof FolderError)) throw error;
      throw unusable(this.folder, error);
    }
  }

  /** Removes what was not used for the longest time. Another process may do so at the same moment. */
  async #trim(): Promise<void> {
    const contents = (await filesIn(this.#contents)).sort((a, b) => a.mtimeMs - b.mtimeMs);
    let bytes = contents.reduce((sum, { size }) => sum + size, 0);
    for (const { path, size } of contents) {
      if (bytes <= this.#maxBytes) return;
      bytes -= size;
      await rm(path, { force: true }).catch(() => {});
    }
  }
}

/** A content while it comes. It is nowhere until {@link end} has found it whole. */
export class IncomingContent {
  readonly #key: ContentKey;
  readonly #file: FileHandle;
  readonly #place: string;
  readonly #writing: <Result>(work: () => Promise<Result>) => Promise<Result>;
  readonly #target: { readonly into: string; readonly kept: () => Promise<void> };
  readonly #hash = createHash('sha256');
  #bytes = 0;
  #isOpen = true;

  constructor(
    key: ContentKey,
    file: FileHandle,
    place: string,
    writing: <Result>(work: () => Promise<Result>) => Promise<Result>,
    target: { readonly into: string; readonly kept: () => Promise<void> },
  ) {
    this.#key = key;
    this.#file = file;
    this.#place = place;
    this.#writing = writing;
    this.#target = target;
  }

  get isComplete(): boolean {
    return this.#bytes >= this.#key.bytes;
  }

  /** @throws {BenchError} `content_wrong` when more comes than was said, `cache_unusable` when the disk is full */
  async write(piece: Uint8Array): Promise<void> {
    this.#bytes += piece.length;
    if (this.#bytes > this.#key.bytes) throw wrong(this.#key, 'more bytes came');
    // There could be any number of them.
    if (piece.length === 0) throw wrong(this.#key, 'an empty piece came');
    this.#hash.update(piece);
    await this.#writing(async () => {
      for (let from = 0; from < piece.length; ) from += (await this.#file.write(piece, from)).bytesWritten;
    });
  }

  /** @throws {BenchError} `content_wrong` when it is not what its hash says */
  async end(): Promise<void> {
    if (this.#bytes < this.#key.bytes) throw wrong(this.#key, `only ${this.#bytes} bytes came`);
    if (this.#hash.digest('hex') !== this.#key.sha256) throw wrong(this.#key, 'it was changed on the way');
    await this.#close();
    await this.#writing(() => rename(this.#place, this.#target.into));
    await this.#target.kept();
  }

  /** Removes what has come, unless it is whole and kept. May be called again. */
  async discard(): Promise<void> {
    await this.#close().catch(() => {});
    await rm(this.#place, { force: true }).catch(() => {});
    coming.delete(basename(this.#place));
  }

  async #close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#file.close();
  }
}

export function unusable(folder: string, error: unknown): BenchError {
  const message = `what was sent with the run cannot be kept in ${folder} (${reasonOf(error)}): make room there, or name another folder with --cache`;
  return new BenchError('cache_unusable', message, { cause: error });
}

function wrong({ sha256, bytes }: ContentKey, why: string): BenchError {
  return new BenchError(
    'content_wrong',
    `the content ${sha256.slice(0, 12)}… of ${bytes} bytes is not what was sent with the run: ${why}`,
  );
}

/** @returns hexadecimal digits */
async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(piece as Buffer);
  return hash.digest('hex');
}

/** Those that are still there when they are looked at. */
async function filesIn(folder: string) {
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        ({ size, mtimeMs }) => ({ path: join(folder, name), size, mtimeMs }),
        () => undefined,
      ),
    ),
  );
  return found.filter((file) => file !== undefined);
}
