/** Why the benchmark, or one generator of it, cannot go on: one sentence for the person who runs it. */
export class BenchmarkError extends Error {
  override readonly name = 'BenchmarkError';
}
