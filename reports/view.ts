import { parsePlan } from '../core/plan/parse.ts';
import type { RunResult } from '../core/stats/result.ts';
import { levelsOf } from '../core/verdict/conclusion/levels.ts';
import { judgementOf, outcomeOf, type RunOutcome } from '../core/verdict/conclusion/run-outcome.ts';
import { conclude } from '../core/verdict/conclusion.ts';
import type { Lang } from '../core/verdict/messages/message.ts';
import { verdictReasons } from '../core/verdict/verdict.ts';
import { comparisonSection } from './compare/view.ts';
import { LABELS, type Labels } from './labels/labels.ts';
import { capacity } from './view/capacity.ts';
import { ratios, timings } from './view/driver-figures.ts';
import { data, errors, events } from './view/evidence.ts';
import { exactness } from './view/exactness.ts';
import { thresholds, validity } from './view/judgement.ts';
import { journeys, results, serviceTimes } from './view/results.ts';
import { resultRows } from './view/rows.ts';
import { samples, slowest } from './view/samples.ts';
import { checks, measures } from './view/script.ts';
import { search } from './view/search.ts';
import type { Section } from './view/section.ts';
import { agents, environment, reproduce, setup } from './view/setup.ts';
import { type Tile, tiles } from './view/tiles.ts';
import { loadLevels, monitors, timeline } from './view/timeline.ts';

/** A result as a person reads it. Rows, labels and figures are made once, so that every format shows the same. */
export interface View {
  readonly lang: Lang;
  readonly labels: Labels;
  /** The plan's name. */
  readonly title: string;
  readonly runId: string;
  readonly startedAt: string;
  readonly verdict: {
    readonly outcome: RunOutcome;
    /** Such as `Passed`. */
    readonly label: string;
    readonly reasons: readonly string[];
  };
  /** Read before all else, beside the verdict. */
  readonly tiles: readonly Tile[];
  readonly conclusion: readonly string[];
  /** In reading order, after the verdict and the conclusion. */
  readonly sections: readonly Section[];
}

/** Pure: the same result and language give the same view. */
export function makeView(result: RunResult, lang: Lang): View {
  const labels = LABELS[lang];
  const rows = resultRows(result, labels);
  const { kind } = result.ending;
  const plan = parsePlan(result.plan);
  const levels = levelsOf(result, plan);
  const sections = [
    thresholds(result, labels, lang),
    comparisonSection(result, lang),
    results(rows, labels),
    journeys(result, labels),
    measures(result, labels),
    checks(result, labels),
    ratios(result, labels),
    serviceTimes(rows, labels),
    search(result, labels, lang),
    result.search ? undefined : loadLevels(levels, labels),
    capacity(result, plan, levels, labels),
    timeline(result, labels),
    monitors(result, labels),
    errors(result, labels),
    samples(result, labels),
    slowest(result, labels),
    ...data(result, labels),
    validity(result, labels, lang),
    exactness(result, rows, labels),
    timings(result, labels),
    setup(result, labels, lang),
    environment(result, labels),
    agents(result, labels),
    events(result, labels, lang),
    reproduce(result, labels),
  ];
  return {
    lang,
    labels,
    title: result.plan.name,
    runId: result.runId,
    startedAt: result.startedAt,
    verdict: {
      outcome: outcomeOf(result),
      label: labels[`verdict.${judgementOf(result)}`] + (kind === 'completed' ? '' : ` (${labels[`verdict.${kind}`]})`),
      reasons: verdictReasons(result.validity, result.thresholds, lang),
    },
    tiles: tiles(result, rows, labels, lang),
    conclusion: conclude(result, lang, levels),
    sections: sections.filter((section) => section !== undefined),
  };
}
