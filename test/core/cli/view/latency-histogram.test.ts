import t from 'tap';
import { latencyHistogram } from '../../../../core/cli/view/latency-histogram.ts';
import { DOCUMENT_002, FAILING, resultOf } from '../../../kit/results/documents.ts';

t.test('every request is in one of the rows, whatever the width', async (t) => {
  for (const shape of [DOCUMENT_002, FAILING]) {
    const result = resultOf(shape);
    const requests = result.operations.reduce((sum, { phases }) => sum + phases.measure.requests, 0);
    for (const columns of [40, 100, 300]) {
      const lines = latencyHistogram(result, columns);
      const counts = lines.map((line) => Number(/ ms +([\d,]+)/.exec(line)?.[1]?.replaceAll(',', '')));
      t.equal(
        counts.reduce((a, b) => a + b, 0),
        requests,
      );
      t.ok(
        lines.every((line) => line.length <= columns),
        `${columns} columns`,
      );
    }
  }
});

t.test('without a request there is nothing to draw', async (t) => {
  t.strictSame(latencyHistogram({ ...resultOf(FAILING), operations: [] }, 80), []);
});
