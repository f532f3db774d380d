/** A seeded stream of random numbers. Not for secrets. */
/** A sequence of random values. Each call takes the next; it is not for several callers that want the same sequence. */
export interface RandomStream {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, bound). `bound` is a positive integer up to 2^32. */
  integer(bound: number): number;
}

/**
 * The same two numbers give the same sequence on every runtime; different streams are independent.
 *
 * @param seed the plan's seed, an integer
 * @param stream which stream of that seed, a non-negative integer
 */
export function randomStream(seed: number, stream: number): RandomStream {
  return new Sfc32(seed, stream);
}

/** sfc32 (Chris Doty-Humphrey, PractRand), seeded by splitmix32 over (seed, stream). */
class Sfc32 implements RandomStream {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number, stream: number) {
    let state = (seed ^ Math.imul(stream + 1, 0x9e3779b9)) | 0;
    const seeded = () => {
      state = (state + 0x9e3779b9) | 0;
      let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return (z ^ (z >>> 15)) | 0;
    };
    this.#a = seeded() ^ Math.trunc(seed / 0x100000000);
    this.#b = seeded();
    this.#c = seeded() ^ stream;
    // The author of sfc32 advises this, because its first outputs still depend visibly on the seed.
    for (let i = 0; i < 12; i++) this.#uint32();
  }

  next(): number {
    return this.#uint32() / 0x100000000;
  }

  integer(bound: number): number {
    return Math.floor((this.#uint32() / 0x100000000) * bound);
  }

  #uint32(): number {
    const b = this.#b;
    const c = this.#c;
    const sum = (this.#a + b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = b ^ (b >>> 9);
    this.#b = (c + (c << 3)) | 0;
    this.#c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
}

/**
 * The k-th number of a sequence, uniform in [0, 1), without drawing the ones before it. It is a permutation of the counter:
 * "lowbias32" of Chris Wellons' hash prospector, applied twice and keyed by seed and stream.
 *
 * @param k a non-negative integer up to 2^53
 */
export function randomAt(seed: number, stream: number): (k: number) => number {
  const first = lowbias32(seed ^ Math.imul(stream + 1, 0x9e3779b9));
  const second = lowbias32(Math.trunc(seed / 0x100000000) ^ first ^ stream);
  return (k) => {
    const high = Math.trunc(k / 0x100000000);
    return (lowbias32(lowbias32((k + first) | 0) ^ second ^ Math.imul(high, 0x85ebca6b)) >>> 0) / 0x100000000;
  };
}

function lowbias32(value: number): number {
  let x = value ^ (value >>> 16);
  x = Math.imul(x, 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}
