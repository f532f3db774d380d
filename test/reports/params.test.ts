// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a reference of a plan
import t from 'tap';
import junit from '../../reports/junit.ts';
import markdown from '../../reports/markdown.ts';
import { DOCUMENT_000 } from '../kit/results/documents.ts';
import { buildResult } from '../kit/results/results.ts';

const PARAMS = { users: { default: 50, description: 'how many' }, token: { default: '${env:TOKEN}' } };
const result = buildResult({ ...DOCUMENT_000, plan: { ...DOCUMENT_000.plan, params: PARAMS } });

t.test('reports say which values the parameters of a run had', async (t) => {
  for (const [lang, word] of [
    ['en', 'Parameter'],
    ['zh-CN', '参数'],
  ] as const) {
    const [file] = markdown.render(result, { lang });
    t.match(file?.content, `| ${word} users | 50 |`);
    t.match(file?.content, new RegExp(`\\| ${word} token \\| .*env:TOKEN.* \\|`), 'a secret stays a reference');
  }
});

t.test('a service that reads JUnit sees them as properties', async (t) => {
  const checked = await junit.options['~standard'].validate({});
  if (checked.issues) throw new Error(JSON.stringify(checked.issues));
  const [file] = junit.render(result, checked.value);
  t.match(file?.content, '<property name="param.users" value="50"/>');
});
