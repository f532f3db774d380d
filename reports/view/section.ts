import type { Table } from './table.ts';

/** A part of a report, ready to be written in any format. */
export interface Section {
  /** Stable, such as `results`: for anchors and for formats that leave some out. */
  readonly id: string;
  readonly title: string;
  /** How to read it, in a sentence or two. */
  readonly note?: string;
  readonly sentences?: readonly string[];
  /** Lines of the same width, each a quantity over time. */
  readonly sparklines?: readonly Sparkline[];
  readonly table?: Table;
  readonly code?: { readonly language: string; readonly text: string };
}

export interface Sparkline {
  readonly label: string;
  /** One block character for each stretch of time. */
  readonly bars: string;
  readonly least: string;
  readonly most: string;
}
