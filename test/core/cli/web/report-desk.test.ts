import t from 'tap';
import { BuiltinReportDesk } from '../../../../core/cli/web/report-desk.ts';
import { DOCUMENT_000 } from '../../../kit/results/documents.ts';
import { buildResult } from '../../../kit/results/results.ts';

t.test('a report of a result is made once in each language', async (t) => {
  const desk = new BuiltinReportDesk();
  const result = buildResult(DOCUMENT_000);
  const [first, again] = await Promise.all([
    desk.render('markdown', result, 'en'),
    desk.render('markdown', result, 'en'),
  ]);
  t.equal(first, again);
  t.not(await desk.render('markdown', result, 'zh-CN'), first);
  t.not(await desk.render('markdown', buildResult(DOCUMENT_000), 'en'), first, 'another result has files of its own');
});
