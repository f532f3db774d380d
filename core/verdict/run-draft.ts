import type { RunResult } from '../stats/result.ts';

/** A run as measured, before anything is judged. */
export type RunDraft = Omit<RunResult, 'validity' | 'thresholds' | 'verdict'>;
