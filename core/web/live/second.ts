import { agentState, newestProcesses } from '../../control/load/run-agent-state.ts';
import type { LiveParts } from '../../control/results/live-parts.ts';
import type { LiveRow, LiveRows } from '../../control/results/live-rows.ts';
import type { RunContext } from '../../control/run/run-context.ts';
import { pausesOf } from '../../plan/load/load-change.ts';
import type { SecondColumns, ValidityCheck } from '../../stats/result.ts';
import { renderMessage } from '../../verdict/messages/message.ts';
import type { RunEventData } from '../api/run-events.ts';
import { thousandths } from './agent-rows.ts';

type Second = RunEventData<'second'>;
type RowsSecond = Second['ops'];

/** What all figures of one second are made of. */
export interface SecondSource {
  readonly run: RunContext;
  readonly parts: LiveParts;
  readonly rows: LiveRows;
  /** Names of monitors' metrics, in the order of the stream. */
  readonly monitors: readonly string[];
  /** The validity checks that fail so far. */
  readonly failing: readonly ValidityCheck[];
  /** Since the run start, now. */
  readonly elapsedUs: number;
}

/** @param second one that is settled */
export function secondOf(second: number, { run, parts, rows, monitors, failing, elapsedUs }: SecondSource): Second {
  const { spec, totals } = run;
  const { timeline } = totals;
  const all = timeline.columns();
  const ops = rowsOf(run, rows.operations, second);
  const { agentCpuCores, loopLagUs } = timeline.generatorAt(second);
  const values = parts.monitors.at(second);
  const dropped = Object.keys(spec.plan.scenarios).reduce((sum, _, i) => sum + totals.dropped(i).droppedArrivals, 0);
  return {
    second,
    elapsedUs,
    behindUs: Math.max(0, elapsedUs - (second + 1) * 1e6),
    phase: second * 1e6 < spec.warmupUs ? 'warmup' : 'measure',
    paused: pausesOf(parts.requested).some(({ fromUs, toUs }) => fromUs <= elapsedUs && elapsedUs < toUs),
    vus: timeline.vusAt(second),
    dropped,
    all: {
      requests: sumOf(ops.requests),
      errors: sumOf(ops.errors),
      rps: at(all, 'requests', second),
      fps: at(all, 'errors', second),
      avgUs: averageAt(all, second),
      p50Us: at(all, 'p50Us', second),
      p95Us: at(all, 'p95Us', second),
      p99Us: at(all, 'p99Us', second),
      maxUs: at(all, 'maxUs', second),
    },
    ops,
    journeys: rowsOf(run, rows.journeys, second),
    agents: { ...presenceOf(parts), cpuMax: thousandths(agentCpuCores), lagMaxUs: loopLagUs },
    monitors: monitors.map((name) => values[name] ?? null),
    warnings: failing.map(({ finding }) => finding),
    warningTexts: { 'zh-CN': failing.map(({ message }) => renderMessage(message, 'zh-CN')) },
  };
}

export function presenceOf({ agents }: LiveParts): Pick<Second['agents'], 'running' | 'away' | 'lost'> {
  const counts = { running: 0, away: 0, lost: 0 };
  for (const agent of newestProcesses(agents)) {
    const state = agentState(agent);
    if (state === 'running' || state === 'away' || state === 'lost') counts[state]++;
  }
  return counts;
}

function rowsOf({ totals }: RunContext, rows: readonly LiveRow[], second: number): RowsSecond {
  const figures: RowsSecond = { requests: [], errors: [], rps: [], fps: [], avgUs: [], maxUs: [] };
  for (const { row } of rows) {
    const measured = totals.phase(row, 'measure');
    const columns = totals.timeline.columns(row);
    figures.requests.push(measured?.requests ?? 0);
    figures.errors.push(measured?.errors ?? 0);
    figures.rps.push(at(columns, 'requests', second));
    figures.fps.push(at(columns, 'errors', second));
    figures.avgUs.push(averageAt(columns, second));
    figures.maxUs.push(at(columns, 'maxUs', second));
  }
  return figures;
}

function at(columns: SecondColumns | undefined, figure: keyof SecondColumns, second: number): number {
  return columns?.[figure][second] ?? 0;
}

function averageAt(columns: SecondColumns | undefined, second: number): number {
  const requests = at(columns, 'requests', second);
  return requests === 0 ? 0 : Math.round(at(columns, 'sumUs', second) / requests);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
