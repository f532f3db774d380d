import type { Table } from './table.ts';

/** A part of a report, ready for any format. */
export interface Section {
  /** A stable name such as `results`, for anchors and for formats that leave sections out. */
  readonly id: string;
  readonly title: string;
  /** One or two sentences on how to read the section. */
  readonly note?: string;
  readonly sentences?: readonly string[];
  /** Quantities over time, as lines of the same width. */
  readonly sparklines?: readonly Sparkline[];
  readonly table?: Table;
  readonly code?: { readonly language: string; readonly text: string };
  readonly excerpts?: readonly Excerpt[];
}

/** A text to look into for whoever asks, such as a failed request with its answer. */
export interface Excerpt {
  readonly title: string;
  /** Printable, whoever they come from. */
  readonly lines: readonly string[];
  /** Whether it is the first of its kind; a short format leaves the others out. */
  readonly isFirst: boolean;
}

export interface Sparkline {
  readonly label: string;
  /** One block character for each stretch of time. */
  readonly bars: string;
  readonly least: string;
  readonly most: string;
}
