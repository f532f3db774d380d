/** For a control of which nothing is fetched. */
// biome-ignore lint/correctness/useYield: it fails before it yields anything
export async function* noContent(): AsyncGenerator<never, void, undefined> {
  throw new Error('nothing was sent with the run');
}
