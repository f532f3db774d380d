import { measured } from '../result-figures.ts';
import type { BenchmarkCase } from './case.ts';
import { askedFigure, perRuntime, runOnce } from './product-runs.ts';

const ASKED_PER_SECOND = 1_000_000;

/** A driver that does nothing: what is measured is the executor, the recorder and the windows on their way to control. */
export const engine: BenchmarkCase = {
  name: 'engine',
  title: 'The engine alone: the null driver on one core',
  byDefault: true,
  run: (options) =>
    perRuntime('engine', options, async (runtime, name) => {
      const { pairs, seconds, progress } = options;
      const perSecond: number[] = [];
      for (let run = 1; run <= pairs; run++) {
        const { result } = await runOnce(plan(seconds), runtime, options, async () => undefined);
        perSecond.push(measured(result).requests / (result.measuredUs / 1e6));
        progress(`${name}, run ${run} of ${pairs}: ${Math.round(perSecond.at(-1) as number)} operations/s`);
      }
      const unit = 'operations/s per core';
      const asked = { unit, values: perSecond, asked: ASKED_PER_SECOND, goal: { atLeast: 1 } };
      return { figures: [askedFigure(name, runtime, options, asked)] };
    }),
};

function plan(seconds: number) {
  return {
    name: 'The engine alone',
    warmup: '1s',
    scenarios: {
      nothing: {
        executor: 'constant-vus' as const,
        vus: 50,
        duration: `${seconds}s`,
        operations: [{ driver: 'null' }],
      },
    },
  };
}
