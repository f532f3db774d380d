import t from 'tap';
import { BuiltinReportProvider } from '../../../../core/cli/web/report-provider.ts';
import { DOCUMENT_000 } from '../../../kit/results/documents.ts';
import { buildResult } from '../../../kit/results/results.ts';

t.test('a report of a result is made once in each language', async (t) => {
  const provider = new BuiltinReportProvider();
  const result = buildResult(DOCUMENT_000);
  const [first, again] = await Promise.all([
    provider.render('markdown', result, 'en'),
    provider.render('markdown', result, 'en'),
  ]);
  t.equal(first, again);
  t.not(await provider.render('markdown', result, 'zh-CN'), first);
  t.not(
    await provider.render('markdown', buildResult(DOCUMENT_000), 'en'),
    first,
    'another result has files of its own',
  );
});
