import { randomStream } from '../core/plan/random.ts';
import type { VirtualUserContext } from '../core/plugin.ts';

export interface FakeUserOptions {
  /** 0 without it. */
  readonly index?: number;
  /** The seed of the user's random values: 1 without it. */
  readonly seed?: number;
  /** Kinds of errors of which somebody wants the details; none without it. */
  readonly wanted?: readonly string[];
}

/** A virtual user as a driver's sessions see it. */
export function fakeUser({ index = 0, seed = 1, wanted = [] }: FakeUserOptions = {}): VirtualUserContext {
  return {
    index,
    random: randomStream(seed, index),
    variables: new Map(),
    wantsDetail: (errorKind) => wanted.includes(errorKind),
  };
}
