/**
 * Indices that all virtual users of a run use up together, such as those of the rows of a data file: each goes to one of them,
 * whichever agent it is on.
 */
export interface DealtIndices {
  /** Whether there is one to take. A promise where that is not known yet: it resolves when this is to be asked again. */
  readonly hasNext: boolean | Promise<unknown>;
  /** Takes the next one; undefined where {@link hasNext} is not true. */
  take(): number | undefined;
}

/**
 * Gives the indices of one set to this agent process.
 * @param set its name, the same in every agent
 * @param length how many there are, from 0 on; the same in every agent
 * @param repeats whether they begin again when all are used
 */
export type DealIndices = (set: string, length: number, repeats: boolean) => DealtIndices;

/** Deals all indices to this process: where no other one takes part. */
export const dealAllHere: DealIndices = (_, length, repeats) => {
  let taken = 0;
  return {
    get hasNext() {
      return repeats || taken < length;
    },
    take: () => (repeats || taken < length ? taken++ % length : undefined),
  };
};
