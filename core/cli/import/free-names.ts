/**
 * Names that are taken once each: a name that is taken already gets a number. Finding the number takes the same time for the
 * thousandth request of a name as for the first.
 */
export class FreeNames {
  readonly #taken = new Set<string>();
  /** The next number to try, by the name without one. */
  readonly #next = new Map<string, number>();

  /** @returns false when it was taken before */
  take(name: string): boolean {
    if (this.#taken.has(name)) return false;
    this.#taken.add(name);
    return true;
  }

  /**
   * @param numbered the name with this number, from 2 on
   * @returns a name that was free, and is taken now
   */
  free(name: string, numbered: (number: number) => string): string {
    if (this.take(name)) return name;
    let number = this.#next.get(name) ?? 2;
    while (!this.take(numbered(number))) number++;
    this.#next.set(name, number + 1);
    return numbered(number);
  }
}
