import type { AgentResult, RunResult } from '../stats/result.ts';

/** A run as measured, before anything is judged. */
export type RunDraft = Omit<RunResult, 'validity' | 'thresholds' | 'verdict'>;

/** Without the response times of each agent, which nothing is judged by and which are large with thousands of agents. */
export type LeanDraft = Omit<RunDraft, 'agents'> & { readonly agents: readonly Omit<AgentResult, 'responseTime'>[] };
