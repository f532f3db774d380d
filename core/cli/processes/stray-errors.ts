/** What a process that loads the code of others does with what this code does outside of its calls. */
export interface Containment {
  /** Whether the process goes on after this, which was thrown where nobody waits for it. */
  readonly contains: (error: unknown) => boolean;
  /** @throws {PluginError} when it is a plugin that ends the process */
  readonly refuseExit: () => void;
}

let containment: Containment = { contains: () => false, refuseExit: () => {} };

export function contain(chosen: Containment): void {
  containment = chosen;
}

export function contained(): Containment {
  return containment;
}
