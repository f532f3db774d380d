import type { DriverContext, WriteTally } from '../../core/plugin.ts';

/** What a driver measured and counted while a test used it. */
export interface RecordingContext extends DriverContext {
  /** Microseconds, by timing. */
  readonly timings: Map<string, number[]>;
  readonly tallies: Map<string, WriteTally>;
  readonly warnings: string[];
}

export function recordingContext(target: string, baseDirectory = import.meta.dirname): RecordingContext {
  const timings = new Map<string, number[]>();
  const tallies = new Map<string, WriteTally>();
  const warnings: string[] = [];
  const shared = new Map<() => unknown, unknown>();
  return {
    runId: 'run1',
    target,
    baseDirectory,
    nowUs: () => performance.now() * 1000,
    timing: (name) => ({ recordUs: (durationUs) => getOrAdd(timings, name, () => []).push(durationUs) }),
    shared: <T>(make: () => T) => getOrAdd(shared, make, make) as T,
    share: { of: 1, slots: [0] },
    warn: (message) => warnings.push(message),
    tally: (key) => getOrAdd(tallies, key, () => ({ acknowledged: 0, unknown: 0 })),
    timings,
    tallies,
    warnings,
  };
}

function getOrAdd<K, T>(map: Map<K, T>, key: K, make: () => T): T {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}
