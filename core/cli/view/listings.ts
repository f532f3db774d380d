import { type AgentSummary, RunState, type RunSummary } from '../../../proto/gen/bench/v1/run_pb.ts';
import { stateOfWire } from '../../control/run/run-state.ts';
import type { Paint } from '../output.ts';
import { type Column, renderTable } from './table.ts';

const RUN_COLUMNS: readonly Column[] = [
  { title: 'Run', align: 'left', spare: 0 },
  { title: 'Started', align: 'left', spare: 2 },
  { title: 'Name', align: 'left', spare: 0, narrowest: 12 },
  { title: 'State', align: 'left', spare: 0 },
  { title: 'Tags', align: 'left', spare: 3, narrowest: 10 },
  { title: 'Note', align: 'left', spare: 4, narrowest: 12 },
  { title: 'Why', align: 'left', spare: 1, narrowest: 20 },
];
const OFTEN_EMPTY: ReadonlySet<string> = new Set(['Tags', 'Note']);
const AGENT_COLUMNS: readonly Column[] = [
  { title: 'Agent', align: 'left', spare: 0 },
  { title: 'Host', align: 'left', spare: 1 },
  { title: 'Cores', align: 'right', spare: 2 },
  { title: 'Runtime', align: 'left', spare: 2 },
  { title: 'Labels', align: 'left', spare: 1 },
  { title: 'Run', align: 'left', spare: 0 },
];

/** The runs that a control or a store lists: of each its verdict, or its state where it has none. */
export function runsTable(runs: readonly RunSummary[], columns: number, paint: Paint): string[] {
  const rows = runs.map(({ runId, name, state, createdAt, verdict, reason, tags, note }) => ({
    cells: [
      runId,
      createdAt.slice(0, 19).replace('T', ' '),
      name,
      verdict || (stateOfWire(state) ?? 'unknown'),
      tags.join(' '),
      note.replaceAll('\n', ' '),
      reason,
    ],
    isBad: verdict === 'fail' || verdict === 'invalid' || state === RunState.FAILED,
  }));
  // Where nobody has written any, they take no room.
  const shown = RUN_COLUMNS.map(({ title }, i) => !OFTEN_EMPTY.has(title) || rows.some(({ cells }) => cells[i] !== ''));
  const isShown = (_: unknown, i: number) => shown[i] === true;
  return renderTable(
    RUN_COLUMNS.filter(isShown),
    rows.map(({ cells, isBad }) => ({ cells: cells.filter(isShown), isBad })),
    columns,
    paint,
  );
}

/** The agents of a control: of each where it is, and its run. */
export function agentsTable(agents: readonly AgentSummary[], columns: number, paint: Paint): string[] {
  const rows = agents.map(({ name, environment, runId, labels }) => {
    const { host = '', cpus = 0, runtime = '' } = environment ?? {};
    return { cells: [name, host, String(cpus), runtime, labelled(labels), runId || 'idle'] };
  });
  return renderTable(AGENT_COLUMNS, rows, columns, paint);
}

function labelled(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
