/**
 * A small report: one line of text for each operation.
 *
 * A plan names it by its path (`reports: [./my-report.ts]`). It is a pure function of the result: no clock, no files.
 */
import { defineReport, Histogram, z } from '@bench/toolkit';

export default defineReport<{ quantile: number }>({
  name: 'summary',
  description: 'One line for each operation.',
  options: z.strictObject({ quantile: z.number().gt(0).max(1).default(0.95) }),

  render({ operations, verdict }, { quantile }) {
    const lines = operations.map(({ name, phases: { measure } }) => {
      const responseTime = Histogram.decode(measure.responseTime);
      const ms = responseTime.valueAtQuantileUs(quantile) / 1000;
      return `${name}: ${measure.requests} requests, ${measure.errors} failed, p${quantile * 100} ${ms.toFixed(1)} ms`;
    });
    return [{ name: 'summary.txt', content: [...lines, `verdict: ${verdict.kind}`, ''].join('\n') }];
  },
});
