import { type RandomStream, randomStream } from '../../../core/plan/random.ts';
import type { GenerateOptions } from './source-options.ts';

/** Makes rows' vectors, each alone and in any order: the same number gives the same vector. */
export interface VectorSource {
  /** What the vectors are, for people. */
  readonly description: string;
  /** How many there are; undefined: any number. */
  readonly rows: number | undefined;
  /** @param first number of the first row, from 0. @param into whole vectors, one after the other */
  fill(first: number, into: Float32Array): Promise<void>;
  close(): Promise<void>;
}

/** Centres and directions come from a seed of their own, so that queries with another seed are like the rows. */
const STRUCTURE = 0x5eed;

/**
 * @param structureSeed of what all vectors have in common
 * @param rowSeed of what each has alone
 */
export function generatedVectors(
  options: GenerateOptions,
  dim: number,
  structureSeed: number,
  rowSeed: number,
): VectorSource {
  const vector = vectorMaker(options, dim, structureSeed ^ STRUCTURE);
  const { normalize } = options;
  return {
    description: `${options.kind} vectors${normalize ? ' of length 1' : ''} with the seed ${rowSeed}`,
    rows: undefined,
    async fill(first, into) {
      for (let at = 0; at < into.length; at += dim) {
        const one = into.subarray(at, at + dim);
        vector(one, randomStream(rowSeed, first + at / dim));
        if (normalize) scaleToOne(one);
      }
    },
    async close() {},
  };
}

type VectorMaker = (into: Float32Array, random: RandomStream) => void;

function vectorMaker(options: GenerateOptions, dim: number, seed: number): VectorMaker {
  switch (options.kind) {
    case 'gaussian':
      return (into, random) => addNormal(into.fill(0), 1, random);
    case 'uniform':
      return (into, random) => {
        for (let i = 0; i < dim; i++) into[i] = random.next();
      };
    case 'clusters': {
      const { count, spread } = options;
      const centres = directions(count, dim, 1, seed);
      return (into, random) => {
        into.set(centres[random.integer(count)] as Float32Array);
        addNormal(into, spread, random);
      };
    }
    case 'latent': {
      const { rank, noise } = options;
      const basis = directions(rank, dim, 1 / Math.sqrt(rank), seed);
      const place = new Float32Array(rank);
      return (into, random) => {
        addNormal(place.fill(0), 1, random);
        into.fill(0);
        for (let r = 0; r < rank; r++) {
          const direction = basis[r] as Float32Array;
          const length = place[r] as number;
          for (let i = 0; i < dim; i++) into[i] = (into[i] as number) + length * (direction[i] as number);
        }
        addNormal(into, noise, random);
      };
    }
  }
}

function directions(count: number, dim: number, width: number, seed: number): Float32Array[] {
  return Array.from({ length: count }, (_, n) => {
    const one = new Float32Array(dim);
    addNormal(one, width, randomStream(seed, n));
    return one;
  });
}

/** Adds normally distributed values, two at a time (G. Box, M. Muller, A Note on the Generation of Random Normal Deviates, 1958). */
function addNormal(into: Float32Array, width: number, random: RandomStream): void {
  if (width === 0) return;
  for (let i = 0; i < into.length; i += 2) {
    const radius = width * Math.sqrt(-2 * Math.log(1 - random.next()));
    const angle = 2 * Math.PI * random.next();
    into[i] = (into[i] as number) + radius * Math.cos(angle);
    if (i + 1 < into.length) into[i + 1] = (into[i + 1] as number) + radius * Math.sin(angle);
  }
}

function scaleToOne(vector: Float32Array): void {
  let square = 0;
  for (const value of vector) square += value * value;
  const scale = square === 0 ? 0 : 1 / Math.sqrt(square);
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) * scale;
}
