import t from 'tap';
import markdown from '../../reports/markdown.ts';
import { matchesGolden } from '../kit/golden.ts';
import {
  DOCUMENT_000,
  DOCUMENT_002,
  DOCUMENT_002_SLA,
  DOCUMENT_003_AFTER,
  DOCUMENT_003_BEFORE,
  FAILING,
  INVALID,
  resultOf,
  uploadPlan,
} from '../kit/results/documents.ts';

const RUNS = {
  'document-000': DOCUMENT_000,
  'document-002': DOCUMENT_002,
  'document-002-sla': DOCUMENT_002_SLA,
  'document-003-before': DOCUMENT_003_BEFORE,
  'document-003-after': DOCUMENT_003_AFTER,
  failing: FAILING,
  invalid: INVALID,
};

for (const lang of ['en', 'zh-CN'] as const) {
  t.test(`the whole report, ${lang}`, async (t) => {
    for (const [name, shape] of Object.entries(RUNS)) {
      const files = markdown.render(resultOf(shape), { lang });
      t.equal(files.length, 1);
      t.equal(files[0]?.name, 'report.md');
      matchesGolden(t, `markdown/${name}.${lang}.md`, files[0]?.content ?? '');
    }
  });
}

t.test('a run in which nothing could fail is not called passed', async (t) => {
  const thresholds = [{ criterion: 'error_rate < 1%', severity: 'warn' as const }];
  const result = resultOf({ ...DOCUMENT_000, plan: uploadPlan({ thresholds, monitors: {} }), reconciliations: [] });
  t.equal(result.verdict.kind, 'pass');
  const titled = (lang: 'en' | 'zh-CN') => markdown.render(result, { lang })[0]?.content ?? '';
  t.match(titled('en'), /^# Upload test: ⚠️ No criteria\n/);
  t.match(titled('en'), /^- The plan has no criteria that can fail, so there is no verdict\.$/m);
  t.match(titled('zh-CN'), /^# Upload test: ⚠️ 未设指标\n/);
});
