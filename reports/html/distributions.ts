import type { Distribution } from '../../core/stats/merge-encoded.ts';
import type { RunResult } from '../../core/stats/result.ts';
import { measuredOf } from '../../core/verdict/measured.ts';
import { percentileTicks } from '../hgrm/distribution.ts';
import type { Labels } from '../labels/labels.ts';

/** One line of the percentile distribution, for reports/web/distribution.js. */
export interface DistributionLine {
  readonly label: string;
  readonly quantiles: readonly number[];
  readonly ms: readonly number[];
  readonly count: number;
}

export interface DistributionGroup {
  readonly name: string;
  readonly lines: readonly DistributionLine[];
}

/** Response against service time: of all operations together first, then of each. */
export function distributions({ operations }: Pick<RunResult, 'operations'>, labels: Labels): DistributionGroup[] {
  const groups = operations.map((operation) => ({ name: operation.name, group: [operation] }));
  return [{ name: labels['word.aggregated'], group: operations }, ...groups].map(({ name, group }) => {
    const { responseTime, serviceTime } = measuredOf(group);
    const lines = [
      distributionLine(labels['chart.response'], responseTime),
      distributionLine(labels['chart.service'], serviceTime),
    ];
    return { name, lines };
  });
}

export function distributionLine(label: string, samples: Distribution): DistributionLine {
  const ticks = percentileTicks(samples);
  return {
    label,
    quantiles: ticks.map(({ quantile }) => Number(quantile.toPrecision(9))),
    ms: ticks.map(({ valueUs }) => Number((valueUs / 1e3).toPrecision(4))),
    count: samples.count,
  };
}
