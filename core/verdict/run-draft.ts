import type { AgentResult, RunResult } from '../stats/result.ts';

/** A run as measured, before anything is judged. */
export type RunDraft = Omit<RunResult, 'validity' | 'thresholds' | 'verdict'>;

/** The same without each agent's own response times, which nothing is judged by: of thousands of agents they are large. */
export type LeanDraft = Omit<RunDraft, 'agents'> & { readonly agents: readonly Omit<AgentResult, 'responseTime'>[] };
