import { join } from 'node:path';
import t from 'tap';
import { loadResultFile, storedResult } from '../../../../core/cli/files/result-file.ts';
import { DOCUMENT_000, resultOf } from '../../../kit/results/documents.ts';

t.test('a result file is read as it was written', async (t) => {
  const result = resultOf(DOCUMENT_000);
  const folder = t.testdir({ 'result.json': JSON.stringify(result) });
  t.strictSame(loadResultFile(join(folder, 'result.json')), result);
});

t.test('a file that is none, cut short, or from another version, is said', async (t) => {
  const text = JSON.stringify(resultOf(DOCUMENT_000));
  const folder = t.testdir({
    'cut.json': text.slice(0, text.length / 2),
    'newer.json': text.replace('"version":1', '"version":2'),
    'plan.json': '{"name": "plan"}',
    'null.json': 'null',
  });
  const wrong: [string, RegExp][] = [
    ['cut.json', /cut\.json is cut off after \d+ characters/],
    ['newer.json', /newer\.json has result version 2, and this bench reads version 1/],
    ['plan.json', /plan\.json is not the result of a run/],
    ['null.json', /null\.json is not the result of a run/],
    ['missing.json', /^The result file .+missing\.json cannot be read: no such file or directory\.$/],
    ['', /^The result file .+ cannot be read: it is a folder\.$/],
  ];
  for (const [name, message] of wrong) {
    t.throws(() => loadResultFile(join(folder, name)), { exitCode: 104, message }, name);
  }
});

t.test('a damaged result of a stored run is no mistake of whoever asks for the run', async (t) => {
  const text = JSON.stringify(resultOf(DOCUMENT_000));
  const kept = '; reports that were written of it before stay good, and `bench delete r7` deletes the run.';
  for (const [json, message] of [
    [
      text.replace('"seed":', '"sead":'),
      /^The result of run r7 is damaged: seed: .+; reports that were written of it before stay good, and `bench delete r7` deletes the run\.$/,
    ],
    [text.slice(0, 2000), `The result of run r7 is cut off after 2000 characters${kept}`],
    [
      text.replace('"version":1', '"version":2'),
      'The result of run r7 has result version 2, and this bench reads version 1: use that version of bench, or a later one.',
    ],
  ] as const) {
    t.throws(() => storedResult(json, 'r7'), { name: 'CommandError', exitCode: 1, message });
  }
  t.strictSame(storedResult(text, 'r7'), resultOf(DOCUMENT_000));
});
