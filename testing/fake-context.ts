import { tmpdir } from 'node:os';
import type { DriverContext, WriteTally } from '../core/plugin.ts';
import { dealAllHere } from '../core/script/dealt-indices.ts';

/** A driver's context that keeps what the driver measured and counted. */
export interface FakeContext extends DriverContext {
  /** Microseconds, by the timing's name, in the order in which they were recorded. */
  readonly timings: ReadonlyMap<string, readonly number[]>;
  /** Hits and attempts by the ratio's name, and the reason why it is void if the driver has said so. */
  readonly ratios: ReadonlyMap<string, FakeRatio>;
  readonly tallies: Map<string, WriteTally>;
  readonly warnings: readonly string[];
}

/** What a driver counted of a ratio. */
export interface FakeRatio {
  readonly hits: number;
  readonly of: number;
  readonly voidReason?: string | undefined;
}

/** `runId` is `run1`, there is no target, and paths start in the folder for temporary files, unless these say otherwise. */
export type FakeContextOptions = Partial<Pick<DriverContext, 'runId' | 'target' | 'baseDirectory' | 'nowUs'>>;

/** What a driver's `open` gets from an agent that is alone in its run. */
export function fakeContext(options: FakeContextOptions = {}): FakeContext {
  const timings = new Map<string, number[]>();
  const ratios = new Map<string, FakeRatio>();
  const tallies = new Map<string, WriteTally>();
  const warnings: string[] = [];
  const shared = new Map<() => unknown, unknown>();
  return {
    runId: 'run1',
    target: '',
    baseDirectory: tmpdir(),
    nowUs: () => performance.now() * 1000,
    deal: dealAllHere,
    ...options,
    timing: (name) => ({ recordUs: (durationUs) => getOrAdd(timings, name, () => []).push(durationUs) }),
    ratio: (name) => {
      const before = () => getOrAdd(ratios, name, () => ({ hits: 0, of: 0 }));
      return {
        add: (hits, of) => ratios.set(name, { ...before(), hits: before().hits + hits, of: before().of + of }),
        void: (voidReason) => ratios.set(name, { voidReason, ...before() }),
      };
    },
    shared: <T>(make: () => T) => getOrAdd(shared, make, make) as T,
    warn: (message) => warnings.push(message),
    tally: (key) => getOrAdd(tallies, key, () => ({ acknowledged: 0, unknown: 0 })),
    timings,
    ratios,
    tallies,
    warnings,
  };
}

function getOrAdd<K, T>(map: Map<K, T>, key: K, make: () => T): T {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}
