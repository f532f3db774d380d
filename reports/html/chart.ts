import type { DistributionGroup } from './distributions.ts';
import type { HeatMap } from './heat-map.ts';

/** A line of a chart: a value for each point in time, null where there is none. */
export interface Series {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** On the axis at the right. */
  readonly right?: boolean;
  /** Which of the page's colours; its place in the chart without it. */
  readonly colour?: number;
  /** What was asked for, beside what came of it. */
  readonly dashed?: boolean;
}

/** A level line across a chart, such as the limit of a threshold. */
export interface LimitLine {
  readonly value: number;
  readonly label: string;
}

export interface TimeChart {
  readonly title: string;
  readonly series: readonly Series[];
  /** In seconds; those of the whole page without it. */
  readonly seconds?: readonly number[];
  readonly log?: boolean;
  /** The lowest and the highest value of the axis; by default it begins at 0, and ends above all values. */
  readonly range?: readonly [number, number];
  readonly limits?: readonly LimitLine[];
  /** What stands on the axis below in place of time; `seconds` are its values then. */
  readonly load?: string;
  /** In place of those of the whole page. */
  readonly marks?: Marks;
}

export interface HeatChart {
  readonly title: string;
  readonly heat: HeatMap;
}

export interface DistributionChart {
  readonly title: string;
  readonly distribution: DistributionGroup['lines'];
}

export type Chart = TimeChart | HeatChart | DistributionChart;

/** Something at one moment: a line across the charts over time. */
export interface Mark {
  /** Since the run's start. */
  readonly second: number;
  readonly text: string;
}

export interface Marks {
  readonly warmupS: number;
  readonly events: readonly Mark[];
  readonly levels: readonly Mark[];
}

/** Two points for each pixel of a wide screen are enough; percentiles of a point are of all its samples. */
export const MAX_POINTS = 1800;

/** The points in time of a chart: each stands for `step` seconds from `starts` on. */
export interface Points {
  readonly starts: readonly number[];
  readonly step: number;
}

export function pointsOf(seconds: number): Points {
  const step = Math.max(1, Math.ceil(seconds / MAX_POINTS));
  return { starts: Array.from({ length: Math.ceil(seconds / step) }, (_, i) => i * step), step };
}

/** The greatest value within each point. */
export function mostOf(column: readonly number[], { starts, step }: Points): number[] {
  return starts.map((from) => {
    let top = 0;
    for (let i = from; i < from + step && i < column.length; i++) top = Math.max(top, column[i] as number);
    return short(top);
  });
}

/** The mean over the seconds of each point. */
export function meanOf(column: readonly number[], { starts, step }: Points): number[] {
  return starts.map((from) => {
    const until = Math.min(column.length, from + step);
    let sum = 0;
    for (let i = from; i < until; i++) sum += column[i] as number;
    return until > from ? short(sum / (until - from)) : 0;
  });
}

/** Milliseconds with the digits that the histogram has. */
export function toMs(us: number): number {
  return short(us / 1e3);
}

export function short(value: number): number {
  return Number(value.toPrecision(4));
}
