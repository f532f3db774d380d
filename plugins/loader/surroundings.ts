import { lstatSync, type Stats, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isSticky, isTrustedOwner, othersCanWrite } from '../../core/trusted-owner.ts';

/** What runtimes and bundlers look for beside a module and in all folders above it, to find out what its imports mean. */
const DECISIVE = [
  ...['package.json', 'tsconfig.json', 'jsconfig.json', 'node_modules'],
  // Yarn's, which esbuild reads in place of node_modules: https://yarnpkg.com/features/pnp
  ...['.pnp.cjs', '.pnp.data.json', '.pnp.js'],
];

/**
 * Whose files decide which code the modules of a plan import: those of this user, of root, and of whoever owns the plan's folder
 * and the module that the plan names. Anybody can put files into /tmp, for plans that lie below.
 */
export class Surroundings {
  readonly #owners: ReadonlySet<number>;
  /** Where everybody can replace the plan itself, as on some drives of other systems, nothing is safer for being refused. */
  readonly #isOpen: boolean;
  readonly #named: string | undefined;
  readonly #seen = new Set<string>();

  /** @param named a module that the plan names by its path: that one may be anybody's */
  constructor(planFolder: string, named?: string) {
    this.#named = named;
    const folder = statusOf(planFolder, statSync);
    const module = named === undefined ? undefined : statusOf(named, statSync);
    this.#owners = new Set([folder, module].flatMap((status) => (status === undefined ? [] : [status.uid])));
    this.#isOpen = folder !== undefined && othersCanWrite(folder) && !isSticky(folder);
  }

  /** Why another user may decide what a module imports, as the end of a sentence; undefined when nobody does. */
  problemOf(file: string): string | undefined {
    const own = file === this.#named ? undefined : this.#problemAt(file);
    if (own !== undefined) return own;
    for (let folder = dirname(resolve(file)), below = ''; folder !== below; below = folder, folder = dirname(folder)) {
      if (this.#seen.has(folder)) return undefined;
      this.#seen.add(folder);
      for (const name of DECISIVE) {
        const problem = this.#problemAt(join(folder, name));
        if (problem !== undefined) return problem;
      }
    }
    return undefined;
  }

  #problemAt(place: string): string | undefined {
    // A link decides as much as what it leads to.
    const found = [statusOf(place, lstatSync), statusOf(place, statSync)].filter((status) => status !== undefined);
    if (found.some((status) => !isTrustedOwner(status) && !this.#owners.has(status.uid))) {
      return `${place} belongs to another user, who could make bench run code with it: remove it, or move the plan to a folder of your own`;
    }
    const last = found.at(-1);
    if (last === undefined || this.#isOpen || last.isSymbolicLink() || !othersCanWrite(last)) return undefined;
    return `other users can write to ${place}, and could make bench run code with it: \`chmod -R go-w\` it`;
  }
}

function statusOf(place: string, ask: (place: string) => Stats): Stats | undefined {
  try {
    return ask(place);
  } catch {
    // It is not there, or this user cannot read it either.
    return undefined;
  }
}
