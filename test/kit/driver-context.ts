import type { DriverContext, WriteTally } from '../../core/plugin.ts';

/** What a driver measured and counted while a test used it. */
export interface RecordingContext extends DriverContext {
  /** Microseconds, by timing. */
  readonly timings: Map<string, number[]>;
  readonly tallies: Map<string, WriteTally>;
}

export function recordingContext(target: string, baseDirectory = import.meta.dirname): RecordingContext {
  const timings = new Map<string, number[]>();
  const tallies = new Map<string, WriteTally>();
  return {
    runId: 'run1',
    target,
    baseDirectory,
    nowUs: () => performance.now() * 1000,
    timing: (name) => ({ recordUs: (durationUs) => getOrAdd(timings, name, () => []).push(durationUs) }),
    tally: (key) => getOrAdd(tallies, key, () => ({ acknowledged: 0, unknown: 0 })),
    timings,
    tallies,
  };
}

function getOrAdd<T>(map: Map<string, T>, key: string, make: () => T): T {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}
