import { RunTotals } from '../../stats/merge.ts';
import type { RunEvent } from '../../stats/result.ts';
import type { MaxSearch } from '../../verdict/capacity/max-search.ts';
import type { Breach, ThresholdEvaluator } from '../../verdict/evaluator.ts';
import { evaluatorOf } from '../ingest/replay.ts';
import { searchOf } from '../load/search-of.ts';
import { MonitorValues } from '../monitors/monitor-series.ts';
import type { AgentPolicy, Checkpoint, Started } from '../run/checkpoint.ts';
import type { RunNotes } from '../run/run-notes.ts';
import { type RunSpec, shapeOf } from '../run/run-spec.ts';

/** A run that waits for its turn. */
export interface RunOrder {
  readonly runId: string;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly spec: RunSpec;
  readonly policy: AgentPolicy;
  readonly notes: RunNotes;
  readonly start: RunStart;
  /** Stop request inherited from the previous control process. */
  readonly stopped?: Checkpoint['stop'];
}

/** Where a run begins: with nothing, or where another control process left it. This is decided once, when it is queued. */
export type RunStart = NewStart | RecoveredRun;

/** The figures that a run begins with; it goes on with these objects. */
interface StartFigures {
  readonly totals: RunTotals;
  readonly evaluator: ThresholdEvaluator;
  readonly monitorValues: MonitorValues;
  /** Only of a plan with find-max. */
  readonly search: MaxSearch | undefined;
}

/** A run whose load no control process has started. */
export interface NewStart extends StartFigures {
  readonly kind: 'new';
  /** Whether a previous control process may have prepared drivers, and not cleaned them up. */
  readonly isMaybePrepared: boolean;
}

/** A run whose load was started by a control process that is gone. Its totals have all windows that were stored. */
export interface RecoveredRun extends StartFigures {
  readonly kind: 'recovered';
  readonly started: Started;
  /** The run start on this process's clock. */
  readonly startUs: number;
  readonly events: readonly RunEvent[];
  /** How many windows were stored. */
  readonly windows: number;
  /** The first breach of a threshold with `abort` in the stored windows. */
  readonly breach: Breach | undefined;
}

export function newStart(spec: RunSpec, isMaybePrepared = false): NewStart {
  return {
    kind: 'new',
    totals: new RunTotals(shapeOf(spec)),
    evaluator: evaluatorOf(spec),
    monitorValues: new MonitorValues(),
    search: searchOf(spec),
    isMaybePrepared,
  };
}
