import { readFileSync } from 'node:fs';
import type { RunResult } from '../core/stats/result.ts';

/**
 * A run's result to try a report with: the same each time, and a new object each time.
 * @param kind `passed`: half a minute of load in which all thresholds were met. `failed`: thresholds that were broken in
 *   each way there is, failures of three kinds with samples, lost rows. `invalid`: a load generator that was too slow
 */
export function sampleResult(kind: 'passed' | 'failed' | 'invalid'): RunResult {
  return JSON.parse(readFileSync(new URL(`./samples/${kind}.json`, import.meta.url), 'utf8')) as RunResult;
}
