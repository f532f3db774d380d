import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';

/** A file system of its own, in memory; to mount it takes root. */
export class SmallDisk {
  readonly folder: string;

  constructor(t: Pick<Test, 'teardown'>, sizeKb: number) {
    this.folder = mkdtempSync(join(tmpdir(), 'bench-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', `mode=700,size=${sizeKb}k`, 'tmpfs', this.folder]);
    t.teardown(() => {
      // Lazily: a control that has not ended yet still has its files open.
      execFileSync('umount', ['-l', this.folder]);
      rmdirSync(this.folder);
    });
  }

  get #filler(): string {
    return join(this.folder, 'filler');
  }

  fill(): void {
    const file = openSync(this.#filler, 'w');
    try {
      for (;;) writeSync(file, Buffer.alloc(4096));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(this.#filler);
  }
}
