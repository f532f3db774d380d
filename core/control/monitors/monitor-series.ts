import type { MonitorSeries } from '../../stats/result.ts';

/** Values of all monitors of a run, second by second. */
export class MonitorValues {
  readonly #series = new Map<string, { seconds: number[]; values: number[] }>();
  readonly #bySecond = new Map<number, Record<string, number>>();
  #lastSecond = -1;

  /** The newest second with values; -1 before the first. */
  get lastSecond(): number {
    return this.#lastSecond;
  }

  /** Those that have come so far, in the order in which they came. */
  get names(): readonly string[] {
    return [...this.#series.keys()];
  }

  /** @param second not earlier than this monitor's last one; for the same second the values replace the earlier ones */
  add(monitor: string, second: number, metrics: Readonly<Record<string, number>>): void {
    this.#lastSecond = Math.max(this.#lastSecond, second);
    for (const [metric, value] of Object.entries(metrics)) {
      const name = `${monitor}.${metric}`;
      let series = this.#series.get(name);
      if (series === undefined) {
        series = { seconds: [], values: [] };
        this.#series.set(name, series);
      }
      if (series.seconds.at(-1) === second) series.values.pop();
      else series.seconds.push(second);
      series.values.push(value);
      this.#bySecond.set(second, { ...this.#bySecond.get(second), [name]: value });
    }
  }

  /** Values of this second that have arrived so far, by `monitor.metric`. */
  at(second: number): Readonly<Record<string, number>> {
    return this.#bySecond.get(second) ?? {};
  }

  series(): MonitorSeries[] {
    return [...this.#series].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, series]) => ({ name, ...series }));
  }
}
