import t from 'tap';
import { printable, withoutCommands } from '../../core/text/printable.ts';
import github, { annotation } from '../../reports/github.ts';
import { matchesGolden } from '../kit/golden.ts';
import fc from '../kit/property.ts';
import { DOCUMENT_000, FAILING, INVALID, resultOf } from '../kit/results/documents.ts';

t.test('a summary and annotations, in both languages', async (t) => {
  for (const [name, shape] of Object.entries({ failing: FAILING, invalid: INVALID })) {
    for (const lang of ['en', 'zh-CN'] as const) {
      for (const file of github.render(resultOf(shape), { lang })) {
        matchesGolden(t, `github/${name}.${lang}.${file.name}`, file.content);
        t.ok(file.content.length < 2 ** 20, 'GitHub takes at most 1 MiB');
      }
    }
  }
});

t.test('of failures without end, as many as GitHub takes are in the summary, and how many are not', async (t) => {
  const result = resultOf(FAILING);
  const [operation, ...others] = result.operations;
  const kinds = Array.from({ length: 10_000 }, (_, i) => ({
    kind: `kind ${i}`,
    count: 10_000 - i,
    example: `${i} ${'it was not as it should have been '.repeat(8)}`,
    byAgent: {},
  }));
  const measure = { ...operation?.phases.measure, errorKinds: kinds };
  const operations = [
    { ...operation, phases: { ...operation?.phases, measure } },
    ...others,
  ] as typeof result.operations;
  for (const [lang, sentence] of [
    ['en', /More of them, in the reports html and json: (\S+)/],
    ['zh-CN', /其余见 html 与 json 报告：(\S+)/],
  ] as const) {
    const [summary] = github.render({ ...result, operations }, { lang });
    const content = String(summary?.content);
    t.ok(Buffer.byteLength(content) <= 1_000_000, `${Buffer.byteLength(content)} bytes`);
    const shown = [...content.matchAll(/^\|.*kind \d+/gm)].length;
    t.ok(shown > 1000, `${shown} are shown`);
    t.match(content, /kind 0\b/, 'the most frequent first');
    const others = [...content.matchAll(new RegExp(sentence, 'g'))].map(([, n]) => Number(n?.replaceAll(',', '')));
    t.ok(
      others.some((left) => left >= 10_000 - shown && left < 10_010 - shown),
      `${shown} and ${others}`,
    );
  }
});

t.test('what passed is not annotated', async (t) => {
  t.equal(github.render(resultOf(DOCUMENT_000), { lang: 'en' })[1]?.content, '');
});

t.test('a run that was stopped early is annotated once', async (t) => {
  const ending = { kind: 'stopped', by: 'request', reason: 'Ctrl-C' } as const;
  const [summary, annotations] = github.render({ ...resultOf(DOCUMENT_000), ending }, { lang: 'en' });
  t.match(annotations?.content, /^::error title=Run complete::The run was stopped early.*\(Ctrl-C\).*\n$/);
  t.match(summary?.content, /^# Upload test: ⚠️ Passed \(stopped early\)\n/);
});

/** As the runner reads it: properties and data unescaped. */
function read(line: string): { title: string; message: string } | undefined {
  const match = /^::(?:error|warning|notice) title=([^,:]*)::(.*)$/s.exec(line);
  if (match === null || /[\r\n]/.test(line)) return undefined;
  const data = (text: string) => text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
  return {
    title: data((match[1] as string).replaceAll('%3A', ':').replaceAll('%2C', ',')),
    message: data(match[2] as string),
  };
}

const shown = (text: string) => withoutCommands(printable(text));

t.test('any text is one command, and reads back', async () => {
  const nasty = fc.constantFrom('::', '%0A', '%', '\n::error::x', '\r', ',', 'title=', ':');
  const texts = fc.array(fc.oneof(nasty, fc.string()), { maxLength: 5 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(texts, texts, (title, message) => {
      const back = read(annotation('error', title, message));
      return back?.title === shown(title) && back.message === shown(message);
    }),
    { numRuns: 1500 },
  );
});
