import { EMPTY_HISTOGRAM, type EncodedHistogram } from '../stats/histogram.ts';
import { addedSince } from '../stats/merge-encoded.ts';
import type { HistogramPoint } from './series.ts';

const RECENT_SECONDS = 10;
/** Sums are given in every fifth second, or a few seconds later; from older ones it would be another stretch of time. */
const MAX_SECONDS = 14;

interface Known {
  readonly second: number;
  /** By the labels of the series. */
  readonly times: ReadonlyMap<string, EncodedHistogram>;
}

/** Response times of the last ten seconds, out of those since the run start. */
export class RecentTimes {
  #known: readonly Known[] = [];

  /**
   * @param second may be that of the last call
   * @param sums of response times until this second
   * @returns those of the last seconds; none where sums are missing
   */
  add(second: number, sums: readonly HistogramPoint[]): HistogramPoint[] {
    const at = this.#known.findLastIndex((known) => known.second <= second - RECENT_SECONDS);
    const times = new Map(sums.map(({ labels, histogram }) => [JSON.stringify(labels), histogram]));
    const before = this.#known[at];
    this.#known = [...this.#known.slice(Math.max(0, at)), { second, times }];
    const isYoung = second < RECENT_SECONDS;
    if (before === undefined ? !isYoung : before.second < second - MAX_SECONDS) return [];
    return sums.map(({ labels, histogram }) => {
      const old = before?.times.get(JSON.stringify(labels)) ?? EMPTY_HISTOGRAM;
      return { labels, histogram: addedSince(old, histogram) };
    });
  }
}
