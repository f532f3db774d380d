import { readFileSync } from 'node:fs';
import type { Test } from 'tap';
import type { RunResult } from '../../core/stats/result.ts';

/** Checks that fail when the host of the tests is busy with other tests, whatever the program does. */
const OF_THE_HOST = [
  'levels-judged',
  'generator-saturated',
  'generator-lag',
  'send-delay',
  'start-skew',
  'clock',
  'littles-law',
];

/** Why a criterion on response times is not judged then. */
const OF_A_LATE_GENERATOR = [
  'threshold.generator-late',
  'threshold.generator-stalled',
  'threshold.generator-stalled-only',
];

/** The result in a report folder. */
export function resultIn(folder: string): RunResult {
  return JSON.parse(readFileSync(`${folder}/result.json`, 'utf8'));
}

/** The process ended with this code; or its measurement could not be believed, for reasons of the host alone. */
export function endedWith(
  t: Test,
  { code, stdout, stderr }: { code: number | null; stdout: string; stderr: string },
  wanted: number,
  result: RunResult,
): void {
  const failed = result.validity.filter(({ ok }) => !ok).map(({ name }) => name);
  const unjudged = result.thresholds.flatMap((one) => (one.status === 'invalid' ? one.message.id : []));
  const isLate = failed.length === 0 && unjudged.length > 0 && unjudged.every((id) => OF_A_LATE_GENERATOR.includes(id));
  const isBusy = isLate || (failed.length > 0 && failed.every((name) => OF_THE_HOST.includes(name)));
  if (isBusy) t.comment(`busy host: ${[...failed, ...unjudged].join(', ')}`);
  t.equal(code, isBusy ? 120 : wanted, stdout + stderr);
}
