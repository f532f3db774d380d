/** What somebody prints a report with may be a terminal. */
import t from 'tap';
import { compareRuns } from '../../core/verdict/compare/compare-runs.ts';
import { builtinReports } from '../../reports/builtin.ts';
import { comparisonJson } from '../../reports/compare/documents.ts';
import json from '../../reports/json.ts';
import { baselineFile, readResult, readRuns } from '../../reports/read-result.ts';
import { hostileResult } from '../kit/results/hostile.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const STEERS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

t.test('no report steers the terminal that shows it, and JSON reads back all the same', async (t) => {
  const name = 'a\u009b31m\u202eb\u2028c\u0085d\u2066e\u001b[31m\u007f';
  const result = hostileResult([name]);
  for (const load of Object.values(builtinReports)) {
    const report = (await load()).default;
    const checked = report.options['~standard'].validate({});
    if (checked instanceof Promise || checked.issues !== undefined) throw new Error(report.name);
    for (const file of report.render(result, checked.value)) t.notMatch(String(file.content), STEERS, file.name);
  }
  const [file] = json.render(result, {});
  t.strictSame(readResult(file?.content ?? ''), result);
  const kept = baselineFile('main', [result]);
  t.notMatch(kept, STEERS, 'a baseline');
  t.strictSame(readRuns(kept).runs, [result]);
  const comparison = compareRuns([result], [{ ...result, runId: 'other' }], { tolerance: 0, trustsAll: true });
  t.notMatch(comparisonJson(comparison, 'en'), STEERS, 'a comparison');
});
