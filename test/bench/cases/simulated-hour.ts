import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { BenchmarkError } from '../benchmark-error.ts';
import { type Figure, GOAL } from '../ratios.ts';
import { StartedProcess } from '../started-process.ts';
import type { CaseOptions } from './case.ts';

const PROGRAM = fileURLToPath(new URL('./simulated-run.ts', import.meta.url));
export const SHORT_MINUTES = 5;
export const LONG_MINUTES = 60;
/** A garbage collector leaves a little more or less. */
const TOLERANCE = 1.05;

/** What one process of `simulated-run.ts` prints: bytes in use after a full garbage collection. */
export interface SimulatedMemory {
  readonly afterShortBytes: number;
  readonly afterLongBytes: number;
}

/** One agent's part of an hour-long run on a fast clock, in a process of its own; memory after 5 minutes and at the end. */
export async function simulatedHour({ placement, progress }: CaseOptions): Promise<Figure> {
  const started = await StartedProcess.start({
    command: process.execPath,
    args: [PROGRAM],
    cores: placement.generator,
  });
  const { code, stdout, stderr } = await started.ended;
  if (code !== 0) throw new BenchmarkError(`the simulated hour ended with code ${code}: ${stderr.trim()}`);
  const { afterShortBytes, afterLongBytes } = JSON.parse(stdout) as SimulatedMemory;
  const us = afterLongBytes / 1e6;
  const them = afterShortBytes / 1e6;
  progress(
    `memory, simulated: ${them.toFixed(1)} MB after ${SHORT_MINUTES} min, ${us.toFixed(1)} MB after ${LONG_MINUTES} min`,
  );
  const ratio = us / them;
  return {
    case: 'memory',
    peer: GOAL,
    unit: `heap MB after ${LONG_MINUTES} min, beside ${SHORT_MINUTES} min (simulated)`,
    us,
    them,
    ratio: { median: ratio, min: ratio, max: ratio },
    pairs: 1,
    goal: { atMost: TOLERANCE },
  };
}
