/**
 * A report: text made of a run's result, without a clock and without files, so that the same result is always the same text.
 * Write it with `bench run plan.yaml --report ./my-report.ts`, or later with `bench report <run> --report ./my-report.ts`.
 */
import { defineReport, Histogram, z } from '@bench/toolkit';

/** What a plan may write under `options`. */
const options = z.strictObject({ quantile: z.number().gt(0).lt(1).default(0.95) });

export default defineReport<z.output<typeof options>>({
  name: 'my-report',
  description: 'One line for each operation.',
  options,

  render({ plan, operations, verdict }, { quantile }) {
    const lines = operations.map(({ name, phases: { measure } }) => {
      const ms = Histogram.decode(measure.responseTime).valueAtQuantileUs(quantile) / 1000;
      return `${name}: ${measure.requests} requests, ${measure.errors} failed, p${quantile * 100} ${ms.toFixed(1)} ms`;
    });
    return [{ name: 'my-report.txt', content: [plan.name, ...lines, `Verdict: ${verdict.kind}`, ''].join('\n') }];
  },
});
