import { join } from 'node:path';
import t from 'tap';
import type { ReportPlugin } from '../../core/plugin.ts';
import { loadPlugin } from '../../plugins/loader/load.ts';
import { DOCUMENT_000 } from '../kit/results/documents.ts';
import { buildResult } from '../kit/results/results.ts';

t.test("the example's report renders a result", async (t) => {
  const folder = join(import.meta.dirname, '../../examples');
  const report = await loadPlugin<ReportPlugin>('report', './my-report.ts', folder, {});
  const checked = await report.options['~standard'].validate({});
  if (checked.issues) throw new Error(JSON.stringify(checked.issues));
  const [file] = report.render(buildResult(DOCUMENT_000), checked.value);
  t.equal(file?.name, 'summary.txt');
  t.match(file?.content, /^upload: \d+ requests, 0 failed, p95 \d+\.\d ms\nhealth: .*\nverdict: pass\n$/);
});
