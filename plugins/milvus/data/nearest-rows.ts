import type { Metric } from '../collection-options.ts';
import { QueryProducts } from './query-products.ts';

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

  /** The lower id counts as nearer where rows are equally far: rows come in no certain order. */
  offer(query: number, id: number, distance: number): void {
    const first = query * this.#k;
    let at = first + this.#k - 1;
    if (!this.#isNearer(id, distance, at)) return;
    while (at > first && this.#isNearer(id, distance, at - 1)) {
      this.#distances[at] = this.#distances[at - 1] as number;
      this.ids[at] = this.ids[at - 1] as number;
      at -= 1;
    }
    this.#distances[at] = distance;
    this.ids[at] = id;
  }

  #isNearer(id: number, distance: number, at: number): boolean {
    const other = this.#distances[at] as number;
    return distance < other || (distance === other && id < (this.ids[at] as number));
  }
}

/**
 * Finds the nearest rows of queries by comparing each with all rows, while these pass by: what an index should find. For each set
 * of rows, such as those with the same value of a field, they are found apart.
 */
export class NearestRows {
  readonly #products: QueryProducts;
  readonly #count: number;
  readonly #dim: number;
  readonly #k: number;
  readonly #metric: Metric;
  readonly #sets = new Map<string, Nearest>();

  /** @param queries whole vectors, one after the other */
  constructor(queries: Float32Array, dim: number, k: number, metric: Metric) {
    this.#products = new QueryProducts(queries, dim);
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
      const square = this.#metric === 'IP' ? 0 : squareOf(row);
      const products = this.#products.of(row);
      const sets = setsOf(id).map((name) => this.#set(name));
      for (let query = 0; query < this.#count; query++) {
        const product = products[query] as number;
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

function squareOf(vector: Float32Array): number {
  let sum = 0;
  for (const value of vector) sum += value * value;
  return sum;
}
