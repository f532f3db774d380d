import type { Metric } from '../collection-options.ts';

/** The nearest rows of each query among some of the rows, nearest first. */
class Nearest {
  readonly ids: Float64Array;
  readonly #distances: Float64Array;
  readonly #k: number;

  constructor(queries: number, k: number) {
    this.#k = k;
    this.ids = new Float64Array(queries * k).fill(-1);
    this.#distances = new Float64Array(queries * k).fill(Number.POSITIVE_INFINITY);
  }

  offer(query: number, id: number, distance: number): void {
    const first = query * this.#k;
    let at = first + this.#k - 1;
    if (!(distance < (this.#distances[at] as number))) return;
    while (at > first && distance < (this.#distances[at - 1] as number)) {
      this.#distances[at] = this.#distances[at - 1] as number;
      this.ids[at] = this.ids[at - 1] as number;
      at -= 1;
    }
    this.#distances[at] = distance;
    this.ids[at] = id;
  }
}

/**
 * Finds the nearest rows of queries by comparing each with all rows, while these pass by: what an index should find. For each set
 * of rows, such as those with the same value of a field, they are found apart.
 */
export class NearestRows {
  readonly #queries: Float32Array;
  readonly #count: number;
  readonly #dim: number;
  readonly #k: number;
  readonly #metric: Metric;
  readonly #sets = new Map<string, Nearest>();

  /** @param queries whole vectors, one after the other */
  constructor(queries: Float32Array, dim: number, k: number, metric: Metric) {
    this.#queries = queries;
    this.#count = queries.length / dim;
    this.#dim = dim;
    this.#k = k;
    this.#metric = metric;
  }

  /**
   * @param first id of the first row
   * @param rows whole vectors, one after the other
   * @param setsOf the names of the sets that a row is in, by its id
   */
  add(first: number, rows: Float32Array, setsOf: (id: number) => readonly string[]): void {
    const dim = this.#dim;
    for (let at = 0; at < rows.length; at += dim) {
      const row = rows.subarray(at, at + dim);
      const id = first + at / dim;
      const square = this.#metric === 'IP' ? 0 : dot(row, row, 0, dim);
      const sets = setsOf(id).map((name) => this.#set(name));
      for (let query = 0; query < this.#count; query++) {
        const product = dot(this.#queries, row, query * dim, dim);
        // What all rows have in common for a query is left out: it changes no order.
        const distance =
          this.#metric === 'L2'
            ? square - 2 * product
            : this.#metric === 'IP'
              ? -product
              : -product / Math.sqrt(square);
        for (const set of sets) set.offer(query, id, distance);
      }
    }
  }

  /** Ids by the name of the set, k for each query; -1 where there are fewer rows. */
  found(): Map<string, Float64Array> {
    return new Map([...this.#sets].map(([name, { ids }]) => [name, ids]));
  }

  #set(name: string): Nearest {
    const known = this.#sets.get(name);
    if (known !== undefined) return known;
    const made = new Nearest(this.#count, this.#k);
    this.#sets.set(name, made);
    return made;
  }
}

/** Four sums, because one would wait for itself at each step. */
function dot(a: Float32Array, b: Float32Array, from: number, length: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const whole = length - (length % 4);
  let i = 0;
  for (; i < whole; i += 4) {
    s0 += (a[from + i] as number) * (b[i] as number);
    s1 += (a[from + i + 1] as number) * (b[i + 1] as number);
    s2 += (a[from + i + 2] as number) * (b[i + 2] as number);
    s3 += (a[from + i + 3] as number) * (b[i + 3] as number);
  }
  for (; i < length; i++) s0 += (a[from + i] as number) * (b[i] as number);
  return s0 + s1 + s2 + s3;
}
