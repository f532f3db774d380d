import t from 'tap';
import { plain } from '../../../../core/cli/output.ts';
import { comparedFigures } from '../../../../core/cli/view/comparison.ts';
import { left, right } from '../../../../reports/view/table.ts';

const REASON = 'not comparable: a run has no request that succeeded, so that there is no response time in it';
const table = {
  columns: [left('Name'), left('Figure'), right('Before'), right('After'), right('Change'), right('95 %'), left('')],
  rows: [
    ['upload', 'Req/s', '10', '20', '+100%', '+90% … +110%', 'better'],
    ['upload', 'p95', '–', '–', '–', '–', REASON],
    ['upload', 'p99', '–', '–', '–', '–', REASON],
    ['health', 'p95', '–', '–', '–', '–', REASON],
  ].map((cells) => cells.map((text) => ({ text }))),
};

t.test('why figures cannot be compared is told in full, once for each row, however narrow the table is', async (t) => {
  for (const columns of [50, 100]) {
    const text = comparedFigures(table, columns, plain)
      .join('\n')
      .replaceAll(/\n {4}/g, ' ');
    t.match(text, `  - upload, p95, p99: ${REASON}\n  - health, p95: ${REASON}`, `${columns} columns`);
    t.notMatch(text, /better:/);
  }
  t.notMatch(comparedFigures(table, 200, plain).join('\n'), '  - ', 'where there is room, the table has it');
});
