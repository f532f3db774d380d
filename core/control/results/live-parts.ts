import type { LoadChange } from '../../plan/load/load-change.ts';
import type { LeanDraft } from '../../verdict/run-draft.ts';
import type { RunAgent } from '../load/run-agent.ts';
import type { ShapeLevels } from '../load/shape-levels.ts';
import type { ThresholdWatch } from '../load/threshold-watch.ts';
import type { MonitorValues } from '../monitors/monitor-series.ts';
import type { LiveRows } from './live-rows.ts';

/** The parts of a run that can be shown while it goes on, beside its totals. */
export interface LiveParts {
  readonly agents: readonly RunAgent[];
  readonly thresholds: ThresholdWatch;
  /** Load changes requested by operators, in order. */
  readonly requested: readonly LoadChange[];
  /** The levels of scenarios whose load is decided while it runs. */
  readonly shaped: Pick<ShapeLevels, 'levelAt'>;
  readonly monitors: MonitorValues;
  /** The run start on control's clock; undefined until it is chosen. */
  readonly startUs: number | undefined;
  /** The same by the wall clock, RFC 3339; empty until it is chosen. */
  readonly startedAt: string;
  /** What the monitors said of the target before the load. */
  readonly targetEnvironment: Readonly<Record<string, string>>;
  /** The result that there would be if the load had ended now; of no use until the run start is chosen. */
  readonly draft: () => LeanDraft;
  readonly rows: () => LiveRows;
}
