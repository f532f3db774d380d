import type { RatioState, Snapshot, SnapshotRow, ThresholdState } from '../../../proto/gen/bench/v1/run_pb.ts';
import { formatDuration } from '../../text/duration.ts';
import { printable } from '../../text/printable.ts';
import { formatCount, formatMs, formatRate, formatShare } from '../../verdict/quantity.ts';
import type { Paint, Style } from '../output.ts';
import { cut, wrap } from './cells.ts';
import { type Column, renderTable } from './table.ts';

/** What the person who watches sees. */
export interface LiveState {
  readonly planName: string;
  readonly target: string;
  readonly runId: string;
  /** What the run is doing, such as `waiting for agents`. */
  readonly activity: string;
  readonly snapshot?: Snapshot | undefined;
}

const COLUMNS: readonly Column[] = [
  { title: 'Type', align: 'left', spare: 3 },
  { title: 'Name', align: 'left', spare: 0, narrowest: 12 },
  { title: '# Requests', align: 'right', spare: 0 },
  { title: '# Fails', align: 'right', spare: 0 },
  { title: 'Req/s', align: 'right', spare: 0 },
  { title: 'p50 ms', align: 'right', spare: 1 },
  { title: 'p95 ms', align: 'right', spare: 0 },
  { title: 'p99 ms', align: 'right', spare: 1 },
  { title: 'Max ms', align: 'right', spare: 2 },
];
const BAR_COLUMNS = 30;
/** Stands for a time without samples, as in the reports. */
const NOTHING = '–';
const MAX_WARNINGS = 4;
const MAX_THRESHOLDS = 6;
const MAX_RATIOS = 4;
const WARNING_MARK = '! ';
/** The title, the progress, an empty line and the head of the table. */
const HEAD_LINES = 4;

/** The live view as lines that fit into the terminal. */
export function liveScreen(state: LiveState, columns: number, rows: number, paint: Paint): string[] {
  const { planName, target, runId, snapshot } = state;
  const title = [planName, target, `run ${runId}`].filter((part) => part !== '').join(' · ');
  const lines = [paint('bold', cut(printable(title), columns)), cut(progress(state), columns)];
  if (snapshot === undefined) return lines;
  const warnings = snapshot.warnings.slice(0, MAX_WARNINGS);
  const table = renderTable(
    COLUMNS,
    snapshot.rows.map((row, i) => ({
      cells: cells(row),
      isTotal: isAggregate(snapshot, i),
      isBad: row.errors > 0,
    })),
    columns,
    paint,
  );
  lines.push('', ...table, ...ratioLines(snapshot.ratios, columns));
  lines.push(...thresholdLines(snapshot.thresholds, columns, paint));
  if (snapshot.droppedArrivals > 0) {
    lines.push(
      paint(
        'yellow',
        cut(`! ${formatCount(snapshot.droppedArrivals)} arrivals dropped: no virtual user was free`, columns),
      ),
    );
  }
  for (const warning of warnings) {
    const [first = '', ...others] = wrap(printable(warning), columns - WARNING_MARK.length);
    lines.push(paint('yellow', cut(WARNING_MARK + first, columns)));
    for (const line of others) lines.push(paint('yellow', cut(' '.repeat(WARNING_MARK.length) + line, columns)));
  }
  // Lines that do not fit would scroll away and could not be redrawn. The first rows of the table are left out, since the
  // aggregate is at its end.
  const most = Math.max(HEAD_LINES + 1, rows - 1);
  return lines.length <= most
    ? lines
    : [...lines.slice(0, HEAD_LINES), ...lines.slice(lines.length - (most - HEAD_LINES))];
}

/** What drivers count, such as recall: `search.recall  95.3%  953 of 1000`. */
function ratioLines(ratios: readonly RatioState[], columns: number): string[] {
  const lines = ratios.slice(0, MAX_RATIOS).map((ratio) => {
    const { name, hits, of, voidReason } = ratio;
    const counts = voidReason === '' ? `${formatCount(hits)} of ${formatCount(of)}` : printable(voidReason);
    return cut(`${printable(name)}  ${ratioShare(ratio)}  ${counts}`, columns);
  });
  const more = ratios.length - lines.length;
  if (more > 0) lines.push(`… and ${more} more ratios`);
  return lines.length === 0 ? [] : ['', ...lines];
}

function ratioShare({ hits, of, voidReason }: RatioState): string {
  return of > 0 && voidReason === '' ? formatShare(hits / of) : NOTHING;
}

/** Those that are broken come first, since there may be no room for all. */
function thresholdLines(thresholds: readonly ThresholdState[], columns: number, paint: Paint): string[] {
  const isBroken = ({ holds }: ThresholdState) => holds === false;
  const ordered = [...thresholds.filter(isBroken), ...thresholds.filter((threshold) => !isBroken(threshold))];
  const lines = ordered.slice(0, MAX_THRESHOLDS).map(({ criterion, holds, actual, warnsOnly }) => {
    const [mark, style] = thresholdMark(holds, warnsOnly);
    return paint(style, cut(`${mark} ${printable(criterion)}  ${printable(actual) || NOTHING}`, columns));
  });
  const more = thresholds.length - lines.length;
  if (more > 0) lines.push(paint('dim', cut(`… and ${more} more thresholds`, columns)));
  return lines.length === 0 ? [] : ['', ...lines];
}

/** The marks and colours of the screen at the end; a threshold that cannot be judged yet has no colour of its own. */
function thresholdMark(holds: boolean | undefined, warnsOnly: boolean): [mark: string, style: Style] {
  if (holds === undefined) return [NOTHING, 'dim'];
  if (holds) return ['✓', 'green'];
  return warnsOnly ? ['!', 'yellow'] : ['✗', 'red'];
}

/** What is going on, for the person who watches. */
function stateOf(activity: string, { paused, warmup }: Snapshot): string {
  return paused ? 'paused' : warmup ? 'warming up' : activity;
}

/** `running  [█████░░░░░]  50 %  30s of 1m0s, 30s left  100 users` */
function progress({ activity, snapshot }: LiveState): string {
  if (snapshot === undefined || snapshot.plannedUs === 0) return activity;
  const { elapsedUs, plannedUs, vus } = snapshot;
  const part = Math.min(1, Math.max(0, elapsedUs / plannedUs));
  const full = Math.round(part * BAR_COLUMNS);
  const bar = `${'█'.repeat(full)}${'░'.repeat(BAR_COLUMNS - full)}`;
  const left = elapsedUs < plannedUs ? `, ${seconds(plannedUs - elapsedUs)} left` : '';
  return `${stateOf(activity, snapshot)}  ${bar} ${Math.floor(part * 100)} %  ${seconds(elapsedUs)} of ${seconds(plannedUs)}${left}  ${users(vus)}`;
}

function cells(row: SnapshotRow): string[] {
  return [
    row.type,
    row.name,
    formatCount(row.requests),
    row.errors === 0 ? '0' : `${formatCount(row.errors)} (${formatShare(row.errors / row.requests)})`,
    formatRate(row.requestsPerSecond),
    ...[row.p50Us, row.p95Us, row.p99Us, row.maxUs].map((us) => (row.requests === 0 ? NOTHING : formatMs(us))),
  ];
}

/** The state of a run as one line, for a log. */
export function liveLine({ activity, snapshot }: LiveState): string {
  if (snapshot === undefined) return activity;
  const { elapsedUs, plannedUs, vus, rows, droppedArrivals, thresholds, ratios } = snapshot;
  const all = rows.at(-1);
  const parts = [
    `${seconds(Math.floor(elapsedUs / 1e6) * 1e6)}/${seconds(plannedUs)}`,
    stateOf(activity, snapshot),
    users(vus),
  ];
  if (all) {
    parts.push(
      `${formatCount(all.requests)} requests`,
      `${formatRate(all.requestsPerSecond)} req/s`,
      ...Object.entries({ p50: all.p50Us, p95: all.p95Us, p99: all.p99Us }).map(
        ([name, us]) => `${name} ${all.requests === 0 ? NOTHING : `${formatMs(us)} ms`}`,
      ),
      `${formatCount(all.errors)} failed`,
    );
  }
  for (const ratio of ratios.slice(0, MAX_RATIOS)) parts.push(`${printable(ratio.name)} ${ratioShare(ratio)}`);
  if (droppedArrivals > 0) parts.push(`${formatCount(droppedArrivals)} dropped`);
  for (const { criterion, holds, actual, warnsOnly } of thresholds) {
    if (holds === false) parts.push(`${thresholdMark(holds, warnsOnly)[0]} ${criterion} (${actual})`);
  }
  return parts.join('  ');
}

function users(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'user' : 'users'}`;
}

/** A duration in whole seconds. */
function seconds(us: number): string {
  return formatDuration(Math.max(0, Math.round(us / 1e6)) * 1e6);
}

function isAggregate({ rows }: Snapshot, index: number): boolean {
  return rows.length > 1 && index === rows.length - 1;
}
