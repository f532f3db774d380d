import type { RunResult } from '../../stats/result.ts';
import type { Message } from '../../text/message.ts';
import { compareRuns } from '../compare/compare-runs.ts';
import { loadObstacles } from '../compare/offered-load.ts';
import type { ComparedRow, Figure, RunComparison } from '../compare/run-comparison.ts';

/** A run with what the comparison with its baseline came to. Runs that offered different loads have no figures there. */
export function withComparison(before: readonly RunResult[], run: RunResult): RunResult {
  const comparison = compareRuns(before, [run], { tolerance: 0, trustsAll: false });
  if (loadObstacles([...before, run]).length === 0) return { ...run, comparison };
  return { ...run, comparison: { ...comparison, outcome: 'incomparable', rows: [], notes: [] } };
}

/** What is read first, and of the failures only what is told. */
const SUMMARIZED = ['rps', 'p95', 'error_rate'] as const satisfies readonly Figure[];

/** How throughput, latency and failures of all operations changed, a sentence each. */
export function comparisonSummary({ rows }: Pick<RunComparison, 'rows'>): Message[] {
  const all = rows.find(({ operation }) => operation === undefined);
  return SUMMARIZED.flatMap((figure) => summaryOf(figure, all));
}

function summaryOf(figure: (typeof SUMMARIZED)[number], all: ComparedRow | undefined): Message[] {
  const compared = all?.figures.find((one) => one.figure === figure);
  if (compared === undefined || compared.word === 'incomparable') return [];
  const isTold = compared.word !== 'same';
  if (!isTold && figure === 'error_rate') return [];
  const { before, after, change } = compared;
  const direction = isTold ? (change < 0 ? 'less' : 'more') : 'same';
  return [{ id: `compare.${figure}-${direction}`, params: { before, after, change: Math.abs(change) } }];
}
