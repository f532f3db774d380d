import { openFiles, openFilesLimit } from '../../core/open-files.ts';

/**
 * Descriptors that connections to the target leave free. An agent whose virtual users take every one could not come back to
 * a control that it has lost, look up a name, or read a file, and what it has measured would be lost.
 */
const RESERVE = 32;

/** How many connections to targets may still be opened in this process, so that some descriptors always stay free. */
export class DescriptorBudget {
  #left: number;

  constructor(descriptors: number) {
    this.#left = descriptors;
  }

  /** @returns false when none is left: the connection then fails as if the system had refused it */
  take(): boolean {
    if (this.#left <= 0) return false;
    this.#left--;
    return true;
  }

  giveBack(): void {
    this.#left++;
  }
}

let budget: DescriptorBudget | undefined;

/** That of this process. What it has open at the first call counts as the need of everything else. */
export function descriptorBudget(): DescriptorBudget {
  budget ??= new DescriptorBudget((openFilesLimit()?.soft ?? Number.POSITIVE_INFINITY) - (openFiles() ?? 0) - RESERVE);
  return budget;
}

/** As the system puts it (`too_many_open_files`). */
export function outOfDescriptors(): Error {
  return Object.assign(new Error('too many open files'), { code: 'EMFILE', syscall: 'socket' });
}
