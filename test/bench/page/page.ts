import { findChromium, launchChromium } from '../../kit/programs/launch-chromium.ts';
import { BenchmarkError } from '../benchmark-error.ts';
import type { BenchmarkCase } from '../cases/case.ts';
import { askedFigure } from '../cases/product-runs.ts';
import { allCores, moveTo } from '../machine.ts';
import type { Figure } from '../ratios.ts';
import { lookFirst } from './first-look.ts';
import { type PageReplay, replayInPage } from './replay.ts';
import { agesShown } from './shown-age.ts';

/** As on a weak laptop. */
const SLOWER = 4;
/** A run of eight hours with 500 operations. */
const REPLAY = { operations: 500, agents: 1000, hours: 8, updates: 100 };
/** Charts of a long run have a point each second at first, and fewer later: as many as the first hour has. */
const MAX_GROWTH_MB = 20;

/** What the live page takes of the browser that shows it: how soon there is something to see, how old it is, CPU and memory. */
export const page: BenchmarkCase = {
  name: 'page',
  title: 'The live page in Chromium',
  byDefault: false,
  async run(options) {
    const { pairs, placement, progress } = options;
    const path = findChromium();
    if (path === undefined)
      throw new BenchmarkError('it needs Chromium, which is not here: install it, or leave the case out.');
    const asked = (unit: string, values: readonly number[], most: number): Figure =>
      askedFigure('page', options.runtimes[0], options, { unit, values, asked: most, goal: { atMost: 1 } });
    // A browser is several processes. Chromium slows one of them by keeping its core busy: on a single core, all others waited for that,
    // and nothing but a word on an empty page took more than what is asked of ours.
    const cores = allCores(placement);
    if (cores !== undefined) moveTo(cores);
    const browser = await launchChromium(path);
    if (placement.rest !== undefined) moveTo(placement.rest);
    try {
      const looks = [];
      for (let i = 0; i < pairs; i++) looks.push(await lookFirst(browser, SLOWER));
      progress(
        `page: ${looks.map(({ paintMs, figuresMs }) => `${paintMs.toFixed(0)} and ${figuresMs.toFixed(0)} ms`).join(', ')}`,
      );
      const agesMs = await agesShown(browser, SLOWER, options);
      progress(`page: ${agesMs.length} looks at how old its newest second is`);
      const replay = await replayInPage(browser, REPLAY, (line) => progress(`page: ${line}`));
      const slowed = `CPU slowed ${SLOWER} times`;
      const figures = [
        asked(
          `first paint ms, ${slowed}`,
          looks.map(({ paintMs }) => paintMs),
          500,
        ),
        asked(
          `figures on the screen ms, ${slowed}`,
          looks.map(({ figuresMs }) => figuresMs),
          1500,
        ),
        asked(`age of what is shown ms, p95, ${slowed}`, [p95(agesMs)], 2300),
        ...replayFigures(replay, asked),
      ];
      return { figures, tables: [], notes: [] };
    } finally {
      await browser.close();
    }
  },
};

function replayFigures(
  { updatesMs, tableUpdatesMs, heapBytes }: PageReplay,
  asked: (unit: string, values: number[], most: number) => Figure,
): Figure[] {
  const of = `${REPLAY.operations} rows, ${REPLAY.agents} agents`;
  const [first = 0] = heapBytes;
  const last = heapBytes.at(-1) ?? 0;
  return [
    asked(`CPU ms of an update, p95, ${of}`, [p95(updatesMs)], 16),
    asked(`CPU ms of an update, p95, ${of}, the table in sight`, [p95(tableUpdatesMs)], 16),
    asked(`heap MB after ${REPLAY.hours} h, ${of}`, [last / 1e6], 100),
    asked(`heap MB that the last ${REPLAY.hours - 1} h added, ${of}`, [Math.max(0, last - first) / 1e6], MAX_GROWTH_MB),
  ];
}

function p95(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? Number.NaN;
}
