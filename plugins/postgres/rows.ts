import { createHash } from 'node:crypto';
import type { OutputRow, OutputSecond, RunSoFar } from '../../core/output.ts';
import { figuresAt, type RunResult, type SecondColumns } from '../../core/stats/result.ts';
import type { Row } from './tables.ts';

/** Where the rows of a run stand in time. */
export interface RunPlace {
  readonly runId: string;
  /** The run start, as the table of runs has it: milliseconds since 1970. */
  readonly startedMs: number;
}

/** A second of the run, with all rows of it. */
export type RowsOfSecond = Pick<OutputSecond, 'second' | 'rows'>;

export function secondRows(place: RunPlace, { second, rows }: RowsOfSecond): Row[] {
  return rows.map(
    ({ scenario, operation, type, driver, kind, requests, errors, sumUs, maxUs, p50Us, p95Us, p99Us }) => ({
      ...inSecond(place, second),
      scenario,
      operation,
      type,
      driver,
      kind,
      requests,
      errors,
      sum_us: sumUs,
      max_us: maxUs,
      p50_us: p50Us,
      p95_us: p95Us,
      p99_us: p99Us,
    }),
  );
}

export function loadRows(place: RunPlace, { second, scenarios }: OutputSecond): Row[] {
  return scenarios.map(({ name, vus, droppedArrivals }) => {
    return { ...inSecond(place, second), scenario: name, vus, dropped_arrivals: droppedArrivals };
  });
}

export function agentRows(place: RunPlace, { second, agents }: OutputSecond): Row[] {
  return agents.map(({ name, state, processCpuCores, processMemoryBytes, loopLagUs }) => ({
    ...inSecond(place, second),
    agent: name,
    state,
    cpu_cores: processCpuCores,
    memory_bytes: processMemoryBytes,
    loop_lag_us: loopLagUs,
  }));
}

export function monitorRows(place: RunPlace, { second, monitors }: Pick<OutputSecond, 'second' | 'monitors'>): Row[] {
  return Object.entries(monitors).map(([metric, value]) => ({ ...inSecond(place, second), metric, value }));
}

export function failureRows({ runId }: RunPlace, { operations }: Pick<RunSoFar, 'operations'>): Row[] {
  return operations.flatMap(({ scenario, name: operation, type, driver, phases }) =>
    Object.entries(phases).flatMap(([phase, { errorKinds }]) =>
      errorKinds.map(({ kind, count, firstSecond, lastSecond, example }) => ({
        run_id: runId,
        scenario,
        operation,
        type,
        driver,
        phase,
        error_kind: kind,
        failures: count,
        first_second: firstSecond,
        last_second: lastSecond,
        example,
      })),
    ),
  );
}

export function eventRows({ runId, startedMs }: RunPlace, { events }: Pick<RunSoFar, 'events'>): Row[] {
  const rows = events.map(({ atUs, text }): Row => {
    const digest = createHash('md5').update(text).digest('hex');
    return { run_id: runId, at_us: Math.round(atUs), digest, at: new Date(startedMs + atUs / 1000), text };
  });
  // One statement may not write the same row twice.
  return [...new Map(rows.map((row) => [`${row.at_us} ${row.digest}`, row])).values()];
}

export function thresholdRows({ runId }: RunPlace, { thresholds }: Pick<RunSoFar, 'thresholds'>): Row[] {
  const rows = thresholds.map((result): Row => {
    const { criterion, severity, status } = result;
    const judged = result.status === 'invalid' ? undefined : result;
    return {
      run_id: runId,
      criterion,
      severity,
      status,
      actual: judged?.actual ?? null,
      limit_value: judged?.limit ?? null,
      unit: judged?.unit ?? null,
      samples: judged?.samples ?? null,
    };
  });
  return [...new Map(rows.map((row) => [`${row.criterion} ${row.severity}`, row])).values()];
}

/** All seconds of a result, as they would have been given while the run went on. */
export function* secondsOf({ operations, journeys = [], timeline }: RunResult): Generator<RowsOfSecond> {
  const named: (Pick<OutputRow, 'scenario' | 'operation' | 'type' | 'driver' | 'kind'> & {
    columns: SecondColumns | undefined;
  })[] = [
    ...operations.map(({ scenario, name: operation, type, driver }, i) => {
      return { scenario, operation, type, driver, kind: 'request' as const, columns: timeline.operations[i] };
    }),
    ...journeys.map(({ scenario, name: operation }, i) => {
      return { scenario, operation, type: '', driver: '', kind: 'journey' as const, columns: timeline.journeys?.[i] };
    }),
  ];
  for (let second = 0; second < timeline.all.requests.length; second++) {
    const rows = named.flatMap(({ columns, ...row }): OutputRow[] => {
      const figures = figuresAt(columns, second);
      return figures === undefined ? [] : [{ ...row, ...figures }];
    });
    yield { second, rows };
  }
}

function inSecond({ runId, startedMs }: RunPlace, second: number): Row {
  return { run_id: runId, second, at: new Date(startedMs + 1000 * second) };
}
