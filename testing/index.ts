/** What authors of plugins import from `@bench/toolkit/testing`, to test them without a run. This is public API. */

import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import type { RunResult } from '../core/stats/result.ts';

export { type DriverCase, type TestFunction, type TestTarget, testDriver } from './driver-contract.ts';
export { FakeClock, type FakeClockOptions } from './fake-clock.ts';
export { type FakeContext, type FakeContextOptions, fakeContext } from './fake-context.ts';
export { type FakeUserOptions, fakeUser } from './fake-user.ts';
export { type DriverRun, type RunDriverOptions, runDriver } from './run-driver.ts';

/**
 * A run's result to try a report with: the same each time, and a new object each time.
 * @param kind `passed`: half a minute of load in which all thresholds were met. `failed`: thresholds that were broken in
 *   each way there is, failures of three kinds with samples, lost rows. `invalid`: a load generator that was too slow
 */
export function sampleResult(kind: 'passed' | 'failed' | 'invalid'): RunResult {
  const packed = readFileSync(new URL('./samples.json.br', import.meta.url));
  const samples = JSON.parse(brotliDecompressSync(packed).toString()) as Readonly<Record<typeof kind, RunResult>>;
  return samples[kind];
}
