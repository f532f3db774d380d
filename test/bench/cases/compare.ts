import process from 'node:process';
import { compareRuns } from '../../../core/verdict/compare/compare-runs.ts';
import type { Word } from '../../../core/verdict/compare/run-comparison.ts';
import { readResult } from '../../../reports/read-result.ts';
import { hourResult } from '../../kit/results/hour.ts';
import { type RandomRun, randomRun } from '../../kit/results/random-runs.ts';
import type { Goal } from '../ratios.ts';
import type { BenchmarkCase } from './case.ts';
import { askedFigure } from './product-runs.ts';

/** Of each world: so many comparisons of the same target, and so many with one that takes a tenth longer. */
const COMPARISONS = 100;
const SLOWER = 1.1;
/** A true 5 % is more than 10 % in one of 40 trials of 100. */
const FALSE_ALARMS: Goal = { atMost: 2 };
const ASKED_ALARMS = 5;
const ASKED_FOUND = 95;

interface World {
  readonly title: string;
  readonly shape: RandomRun;
  /** A side. */
  readonly runs: number;
  /** Whether what is asked of finding a difference holds here: elsewhere runs are too short for it, or too different. */
  readonly isFindable: boolean;
}

const CALM: RandomRun = { seconds: 30, meanUs: 10_000, secondSpread: 0.03, persistence: 0.5, runSpread: 0 };
/** Three runs of 30 s a side find a tenth in 19 of 20 comparisons where they differ by up to 2 %. */
const RUNS: readonly World[] = (
  [
    [3, 0.005],
    [3, 0.01],
    [3, 0.02],
    [3, 0.03],
    [4, 0.03],
  ] as const
).map(([runs, runSpread]) => ({
  title: `${runs} runs of 30 s that differ by ${runSpread * 100}%`,
  shape: { ...CALM, runSpread },
  runs,
  isFindable: runSpread < 0.03,
}));

/**
 * Seconds that keep 0.8 of the one before are correlated over 9 s, so that 30 s show hardly more than three of its moods, and where
 * they keep 0.95, one: what is asked there is that nothing is named.
 */
const SINGLE: readonly World[] = (
  [
    [30, 0],
    [30, 0.5],
    [30, 0.8],
    [30, 0.9],
    [30, 0.95],
    [120, 0.8],
    [120, 0.95],
  ] as const
).map(([seconds, persistence]) => ({
  title: `one run of ${seconds} s, seconds alike (${persistence})`,
  shape: { ...CALM, seconds, persistence },
  runs: 1,
  isFindable: persistence === 0,
}));
const WORLDS = [...RUNS, ...SINGLE];

/** False alarms and power of `bench compare`, with made-up targets that have chance in them; and how long it takes. */
export const compare: BenchmarkCase = {
  name: 'compare',
  title: 'Comparing runs: false alarms, what is found, and how long it takes',
  byDefault: true,
  async run(options) {
    const { progress, runtimes } = options;
    const asked = (title: string, unit: string, value: number, most: number, goal?: Goal) =>
      askedFigure(title, runtimes[0], options, { unit, values: [value], asked: most, goal });
    const figures = WORLDS.flatMap((world) => {
      const { alarms, found } = simulated(world);
      progress(`${world.title}: ${alarms} of ${COMPARISONS} false alarms, +10% found ${found} times`);
      return [
        asked(world.title, 'comparisons of the same target that name a difference', alarms, ASKED_ALARMS, FALSE_ALARMS),
        asked(
          world.title,
          'comparisons that find 10% more response time',
          found,
          ASKED_FOUND,
          world.isFindable ? { atLeast: 1 } : undefined,
        ),
      ];
    });
    const seconds = hourSeconds();
    progress(`two results of an hour: ${seconds.toFixed(2)} s of CPU`);
    return {
      figures: [
        ...figures,
        asked('two results of an hour', 'seconds of CPU to read and compare them', seconds, 2, { atMost: 1 }),
      ],
      tables: [],
      notes: ['A figure without a goal shows what so short or so different runs cannot tell.'],
    };
  },
};

function simulated({ shape, runs }: World): { readonly alarms: number; readonly found: number } {
  let seed = 1;
  const side = (factor: number) =>
    Array.from({ length: runs }, () => randomRun({ ...shape, meanUs: shape.meanUs * factor }, seed++));
  const words = (factor: number): Word[] => {
    const { rows } = compareRuns(side(1), side(factor), { tolerance: 0, trustsAll: false });
    return rows.flatMap(({ figures }) => figures.map(({ word }) => word));
  };
  let alarms = 0;
  let found = 0;
  for (let i = 0; i < COMPARISONS; i++) {
    if (words(1).some((word) => word === 'better' || word === 'worse')) alarms++;
    if (words(SLOWER).includes('worse')) found++;
  }
  return { alarms, found };
}

/** Of CPU, with reading both texts; 20 operations. */
function hourSeconds(): number {
  const [before, after] = ['before', 'after'].map((runId) => JSON.stringify({ ...hourResult(), runId })) as [
    string,
    string,
  ];
  const startedAt = process.cpuUsage();
  compareRuns([readResult(before)], [readResult(after)], { tolerance: 0, trustsAll: true });
  const { user, system } = process.cpuUsage(startedAt);
  return (user + system) / 1e6;
}
