/** What somebody prints a report with may be a terminal. */
import t from 'tap';
import { compareRuns } from '../../core/verdict/compare/compare-runs.ts';
import { comparisonJson } from '../../reports/compare/documents.ts';
import json from '../../reports/json.ts';
import { baselineFile, readResult, readRuns } from '../../reports/read-result.ts';
import { hostileResult } from '../kit/results/hostile.ts';
import { STEERS } from '../kit/steers.ts';

t.test('no document of results steers the terminal that shows it, and each reads back all the same', async (t) => {
  const name = 'a\u009b31m\u202eb\u2028c\u0085d\u2066e\u001b[31m\u007f\u061c\ud800';
  const result = hostileResult([name]);
  const [file] = json.render(result, {});
  t.strictSame(readResult(file?.content ?? ''), result);
  const kept = baselineFile('main', [result]);
  t.notMatch(kept, STEERS, 'a baseline');
  t.strictSame(readRuns(kept).runs, [result]);
  const comparison = compareRuns([result], [{ ...result, runId: 'other' }], { tolerance: 0, trustsAll: true });
  t.notMatch(comparisonJson(comparison, 'en'), STEERS, 'a comparison');
});
