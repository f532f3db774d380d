import type { Placement } from '../machine.ts';
import type { Peer } from '../peers/peer.ts';
import type { Figure } from '../ratios.ts';
import type { Runtime } from '../runtimes.ts';
import type { Table } from '../table.ts';

export interface CaseOptions {
  /** Those to run beside us that are on PATH. */
  readonly peers: readonly Peer[];
  /** Of the agent; the first is held against every peer, the others against one. */
  readonly runtimes: readonly [Runtime, ...Runtime[]];
  readonly pairs: number;
  /** Duration of one run. */
  readonly seconds: number;
  readonly placement: Placement;
  /** Temporary; emptied by the benchmark. */
  readonly folder: string;
  /** One line for the person who waits. */
  progress(line: string): void;
}

export interface CaseReport {
  readonly figures: readonly Figure[];
  /** What no figure tells. */
  readonly tables: readonly Table[];
  /** What else is to be known, a sentence each. */
  readonly notes: readonly string[];
}

export interface BenchmarkCase {
  /** What `--only` takes. */
  readonly name: string;
  readonly title: string;
  /** false: only when `--only` names it. */
  readonly byDefault: boolean;
  run(options: CaseOptions): Promise<CaseReport>;
}
