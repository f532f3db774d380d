import t from 'tap';
import json from '../../reports/json.ts';
import { matchesGolden } from '../kit/golden.ts';
import { FAILING, INVALID, resultOf } from '../kit/results/documents.ts';

t.test('nothing of the result is lost', async (t) => {
  for (const shape of [FAILING, INVALID]) {
    const [file] = json.render(resultOf(shape), {});
    t.equal(file?.name, 'result.json');
    t.strictSame(JSON.parse(file?.content ?? ''), resultOf(shape));
  }
});

t.test('the form on disk', async (t) => {
  const [file] = json.render(resultOf(INVALID), {});
  matchesGolden(t, 'json/invalid.json', file?.content ?? '');
});
