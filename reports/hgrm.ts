import { defineReport, type ReportFile } from '../core/plugin.ts';
import { BUCKET_COUNT } from '../core/stats/histogram.ts';
import type { Distribution } from '../core/stats/merge-encoded.ts';
import { type Measured, measuredOf } from '../core/verdict/measured.ts';
import { percentileTicks, standardDeviationUs } from './hgrm/distribution.ts';
import { noOptions } from './options.ts';

/**
 * Percentile distribution files of HdrHistogram, for its plotter and other tools: response and service time of each operation,
 * and of all together. Values are in milliseconds, of the measured phase.
 * Format: AbstractHistogram.outputPercentileDistribution (http://hdrhistogram.org).
 */
export default defineReport<Record<string, never>>({
  name: 'hgrm',
  description: 'HdrHistogram percentile files (.hgrm) for each operation: response and service time.',
  options: noOptions,
  render({ operations }) {
    const isSeveral = new Set(operations.map(({ scenario }) => scenario)).size > 1;
    const names = operations.map(({ scenario, name }) => (isSeveral ? `${scenario}-${name}` : name));
    const [all, ...own] = fileNames(['all', ...names]) as [string, ...string[]];
    return [
      ...operations.flatMap((operation, i) => filesOf(own[i] as string, measuredOf([operation]))),
      ...filesOf(all, measuredOf(operations)),
    ];
  },
});

function filesOf(name: string, { responseTime, serviceTime }: Measured): ReportFile[] {
  return [
    { name: `${name}.response.hgrm`, content: distributionOf(responseTime) },
    { name: `${name}.service.hgrm`, content: distributionOf(serviceTime) },
  ];
}

/** The layout of HdrHistogram: 2048 sub-buckets, and half as many again for each doubling. */
const SUB_BUCKETS = 2048;
const BUCKETS = BUCKET_COUNT / (SUB_BUCKETS / 2) - 1;

function distributionOf(samples: Distribution): string {
  const value = (us: number) => (us / 1e3).toFixed(3).padStart(12);
  const lines = percentileTicks(samples).map(({ quantile, valueUs, count }) => {
    const line = `${value(valueUs)} ${quantile.toFixed(12)} ${String(count).padStart(10)}`;
    return quantile === 1 ? line : `${line} ${(1 / (1 - quantile)).toFixed(2).padStart(14)}`;
  });
  const integer = (number: number) => String(number).padStart(12);
  return [
    '       Value     Percentile TotalCount 1/(1-Percentile)',
    '',
    ...lines,
    `#[Mean    = ${value(samples.meanUs)}, StdDeviation   = ${value(standardDeviationUs(samples))}]`,
    `#[Max     = ${value(samples.maxUs)}, Total count    = ${integer(samples.count)}]`,
    `#[Buckets = ${integer(Math.ceil(BUCKETS))}, SubBuckets     = ${integer(SUB_BUCKETS)}]`,
    '',
  ].join('\n');
}

const LONGEST = 60;

/** Unique file names of letters, digits, `-`, `_` and inner dots for names of any kind, in the given order. */
export function fileNames(names: readonly string[]): string[] {
  const used = new Set<string>();
  return names.map((name) => {
    const plain =
      [...name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '_').replace(/^[._]+/, '')].slice(0, LONGEST).join('') || '_';
    let unique = plain;
    // Some file systems ignore case.
    for (let n = 2; used.has(unique.toLowerCase()); n++) unique = `${plain}-${n}`;
    used.add(unique.toLowerCase());
    return unique;
  });
}
