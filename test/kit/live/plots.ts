import type { BrowserContext, Page } from 'playwright-core';
import { until } from './until.ts';

/** Knows every uPlot that a page has, and counts how often each one is drawn. */
const WATCH_PLOTS = `
  globalThis.plots = new Set();
  let real;
  Object.defineProperty(globalThis, 'uPlot', {
    configurable: true,
    set(made) { real = made; },
    get: () => real && class extends real {
      constructor(...given) {
        super(...given);
        this.draws = 0;
        this.hooks.draw.push(({ data: [seconds], scales: { x } }) => {
          this.draws++;
          this.drawn = { min: x.min, max: x.max, first: seconds[0], last: seconds.at(-1), points: seconds.length };
        });
        (this.hooks.destroy ??= []).push(() => plots.delete(this));
        plots.add(this);
      }
    },
  });`;

/** What a chart that is in the document has drawn last: what it has is what the page goes on to add seconds to. */
export interface Plot {
  readonly chart: string;
  readonly draws: number;
  /** The stretch of time that it shows, in seconds. */
  readonly min: number;
  readonly max: number;
  /** What it has: the first and the last second, and how many points. */
  readonly first: number;
  readonly last: number;
  readonly points: number;
}

const PLOTS = `[...plots].filter(({ root, drawn }) => root.isConnected && drawn).map(({ root, draws, drawn }) => ({
  chart: root.closest('figure').dataset.chart, draws, ...drawn,
}))`;

/** To be called before a page is loaded. */
export async function watchPlots(context: BrowserContext): Promise<void> {
  await context.addInitScript(WATCH_PLOTS);
}

export function plotsOf(page: Page): Promise<Plot[]> {
  return page.evaluate(PLOTS);
}

/** Waits until a chart shows this: seconds come by the stream, those before them by a request, and limits later. */
export async function untilPlot(page: Page, chart: string, wanted: Partial<Plot>): Promise<void> {
  const isWanted = `(plot) => plot.chart === ${JSON.stringify(chart)} && Object.entries(${JSON.stringify(wanted)}).every(([name, value]) => plot[name] === value)`;
  await until(page, `${PLOTS}.some(${isWanted})`);
}
