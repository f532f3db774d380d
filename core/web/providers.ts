import type { z } from 'zod';
import type { BundleEntry } from '../plan/bundle.ts';
import type { ReportFile } from '../plugin.ts';
import type { RunResult } from '../stats/result.ts';
import type { ComparisonOfRuns } from '../verdict/compare/compare-runs.ts';
import type { RunComparison } from '../verdict/compare/run-comparison.ts';
import type { Lang } from '../verdict/messages/lang.ts';
import type { Overrides, planCheck, plans } from './api/bodies.ts';
import type { comparisonView, reportView } from './api/report-view.ts';

/** Where a plan comes from: a file of the folder of plans, or what was sent. */
export interface PlanSource {
  readonly file?: string | undefined;
  readonly text?: string | undefined;
  readonly overrides?: Overrides | undefined;
}

/** A plan that has passed all checks, with its contents in the cache of this host. */
export interface PreparedPlan {
  readonly json: string;
  readonly baseDirectory: string;
  readonly bundle: readonly BundleEntry[];
}

/** Reads plans for those who start runs from a page or by the API. */
export interface PlanProvider {
  readonly hasFolder: boolean;
  list(): Promise<z.infer<typeof plans>>;
  /** @throws {ApiError} when there is no such file */
  check(source: PlanSource): Promise<z.infer<typeof planCheck>>;
  /** @throws {ApiError} 422 with all problems */
  prepare(source: PlanSource): Promise<PreparedPlan>;
}

/** Makes reports of results, and of comparisons of them. */
export interface ReportProvider {
  readonly formats: readonly string[];
  /** @throws {BenchError} for what is no result of which reports can be made */
  readResult(json: string): RunResult;
  /**
   * A result that is given again has the same files again, and they are not made a second time.
   * @param format one of {@link formats}
   */
  render(format: string, result: RunResult, lang: Lang): Promise<readonly ReportFile[]>;
  readonly comparisonFormats: readonly string[];
  /** @param format one of {@link comparisonFormats} */
  renderComparison(format: string, runs: ComparisonOfRuns, lang: Lang): Promise<ReportFile>;
  /** The rows and sentences that all reports of a comparison show. */
  comparisonView(comparison: RunComparison, lang: Lang): z.input<typeof comparisonView>;
  /** The rows and sentences that all reports show. */
  view(result: RunResult, lang: Lang): z.input<typeof reportView>;
}
