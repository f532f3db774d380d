import { BenchError, errorMessage } from '../../error.ts';
import type { LoadChange } from '../../plan/load/load-change.ts';
import type { ThresholdResult } from '../../stats/result.ts';
import type { LevelOutcome, Purpose, SearchedLevel } from '../../stats/search/search-result.ts';
import type { SettledSecond } from '../../stats/second.ts';
import type { MaxSearch } from '../../verdict/capacity/max-search.ts';
import { isNearPause } from '../../verdict/conclusion/changed-load.ts';
import type { Breach, ThresholdEvaluator } from '../../verdict/evaluator.ts';
import { renderMessage } from '../../verdict/messages/message.ts';
import { formatMs, formatNumber, formatRate } from '../../verdict/quantity.ts';
import type { LeanDraft } from '../../verdict/run-draft.ts';
import { replay } from '../ingest/replay.ts';
import type { MonitorValues } from '../monitors/monitor-series.ts';
import type { RunContext } from '../run/run-context.ts';
import type { AgentSession, Measurements } from '../store/measurements.ts';

/** Judges the seconds of a run by its thresholds, and by those of its search: each once, when all agents have sent it. */
export class ThresholdWatch {
  readonly #run: RunContext;
  readonly #evaluator: ThresholdEvaluator;
  readonly #monitorValues: MonitorValues;
  #endUs = Number.POSITIVE_INFINITY;

  constructor(run: RunContext, evaluator: ThresholdEvaluator, monitorValues: MonitorValues) {
    this.#run = run;
    this.#evaluator = evaluator;
    this.#monitorValues = monitorValues;
  }

  /**
   * Judges the seconds that have been settled since the last call.
   * @param isPartial whether a part of a second's load is not known to have been offered
   * @param changes what operators have asked for so far
   * @returns the first breach of a threshold with `abort`
   */
  judgeSettled(isPartial: (second: number) => boolean, changes: readonly LoadChange[]): Breach | undefined {
    let first: Breach | undefined;
    for (const settled of this.#run.totals.settle((second) => this.#monitorValues.at(second))) {
      const { second } = settled;
      this.#search(settled, isPartial);
      const [breach] = this.#evaluator.observe(settled, isNearPause(changes, second) || isPartial(second));
      first ??= breach;
    }
    return first;
  }

  #search(settled: SettledSecond, isPartial: (second: number) => boolean): void {
    const { search, events } = this.#run;
    const level = search?.observe(settled, isPartial(settled.second));
    if (search && level) events.record(levelSentence(level, search));
  }

  /** The load ends earlier than planned. @param atUs since the run start */
  endLoad(atUs: number): void {
    this.#endUs = Math.min(this.#endUs, atUs);
    this.#evaluator.endLoad(atUs);
  }

  /** How the thresholds would end if the run ended now, in the plan's order. */
  interim(draft: LeanDraft): ThresholdResult[] {
    return this.#evaluator.conclude(draft);
  }

  /**
   * Called once all windows are merged and all seconds are judged. Where windows came after their second was judged, and a
   * threshold looks at seconds, all windows are read from the store and judged anew.
   * @param sessions the agents of the run
   * @returns an evaluator that has seen all seconds, or knows which of its thresholds it cannot judge
   */
  async complete(
    sessions: readonly AgentSession[],
    measurements: Pick<Measurements, 'windows'>,
  ): Promise<ThresholdEvaluator> {
    const { runId, spec, totals, events } = this.#run;
    if (!totals.hasLateWindows || !this.#evaluator.isSliding) return this.#evaluator;
    try {
      const lasted = { ...spec, plannedUs: Math.min(spec.plannedUs, this.#endUs) };
      const replayed = await replay(lasted, runId, sessions, this.#monitorValues, measurements, []);
      const came = sessions.reduce((sum, _, index) => sum + totals.agent(index).windows, 0);
      if (replayed.windows !== came) {
        const message = `of the ${came} windows that came, ${replayed.windows} can be read`;
        throw new BenchError('windows_unreadable', message);
      }
      for (const index of sessions.keys()) replayed.totals.setPresence(index, 'left');
      const settled = replayed.totals.settle((second) => this.#monitorValues.at(second));
      for (const second of settled) replayed.evaluator.observe(second);
      if (replayed.totals.hasLateWindows) replayed.evaluator.missLateWindows();
      return replayed.evaluator;
    } catch (error) {
      events.record(`thresholds with a duration cannot be judged: ${errorMessage(error)}`);
      events.logUnexpected(error);
      this.#evaluator.missLateWindows();
      return this.#evaluator;
    }
  }
}

/** What came of a level of a search, and what it does next, as an event. */
export function levelSentence(judged: SearchedLevel, { of, step }: Pick<MaxSearch, 'of' | 'step'>): string {
  const { level, purpose, outcome, perSecond, p95Us, reasons } = judged;
  const shown = (value: number) => (of === 'vus' ? `${formatNumber(value)} virtual users` : `${formatRate(value)}/s`);
  const [reason] = reasons.map((message) => renderMessage(message, 'en'));
  const figures = `${formatRate(perSecond)}/s, p95 ${formatMs(p95Us)} ms`;
  const what = purpose === 'recover' ? `back at ${shown(level)}` : shown(level);
  const next = step.kind === 'done' ? 'the search is over' : `next: ${shown(step.level)}${NEXT[step.purpose]}`;
  return `${what} ${WORDS[purpose][outcome]} (${figures})${reason === undefined ? '' : `: ${reason.replace(/\.$/, '')}`}; ${next}`;
}

const NEXT = { search: '', recover: ', until the target is itself again', confirm: ', to confirm it' } as const;
const WORDS: Readonly<Record<Purpose, Readonly<Record<LevelOutcome, string>>>> = {
  search: { holds: 'holds', breaks: 'breaks', unclear: 'cannot be judged', 'cut-short': 'was cut short' },
  recover: {
    holds: 'the target is itself again',
    breaks: 'the target does not recover',
    unclear: 'cannot be judged',
    'cut-short': 'was cut short',
  },
  confirm: { holds: 'is confirmed', breaks: 'breaks', unclear: 'cannot be judged', 'cut-short': 'was cut short' },
};
