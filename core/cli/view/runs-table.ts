import { RunState, type RunSummary } from '../../../proto/gen/bench/v1/run_pb.ts';
import type { Paint } from '../output.ts';
import { type Column, renderTable } from './table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'Run', align: 'left', spare: 0 },
  { title: 'Started', align: 'left', spare: 2 },
  { title: 'Name', align: 'left', spare: 0, narrowest: 12 },
  { title: 'State', align: 'left', spare: 0 },
  { title: 'Why', align: 'left', spare: 1, narrowest: 20 },
];
const STATES: Readonly<Record<number, string>> = {
  [RunState.QUEUED]: 'queued',
  [RunState.WAITING_FOR_AGENTS]: 'waiting',
  [RunState.PREPARING]: 'preparing',
  [RunState.RUNNING]: 'running',
  [RunState.DRAINING]: 'draining',
  [RunState.VERIFYING]: 'verifying',
  [RunState.FAILED]: 'failed',
};

/** The runs that a control or a store lists: of each its verdict, or its state where it has none. */
export function runsTable(runs: readonly RunSummary[], columns: number, paint: Paint): string[] {
  const rows = runs.map(({ runId, name, state, createdAt, verdict, reason }) => ({
    cells: [runId, createdAt.slice(0, 19).replace('T', ' '), name, verdict || (STATES[state] ?? 'finished'), reason],
    isBad: verdict === 'fail' || verdict === 'invalid' || state === RunState.FAILED,
  }));
  return renderTable(COLUMNS, rows, columns, paint);
}
