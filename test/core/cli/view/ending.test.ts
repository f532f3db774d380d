import t from 'tap';
import { colored, plain } from '../../../../core/cli/output.ts';
import { columnsOf } from '../../../../core/cli/view/cells.ts';
import { endScreen } from '../../../../core/cli/view/ending.ts';
import { makeView } from '../../../../reports/view.ts';
import { DOCUMENT_000, FAILING, INVALID, resultOf } from '../../../kit/results/documents.ts';

const written = ['out/report.md', 'out/result.json'];
const screen = (shape: Parameters<typeof resultOf>[0], lang: 'en' | 'zh-CN' = 'en', columns = 120) =>
  endScreen(makeView(resultOf(shape), lang), written, columns, plain);

t.test('thresholds, then the table, then the conclusion, then where the reports are', async (t) => {
  const lines = screen(DOCUMENT_000);
  const places = ['Thresholds', 'Results', 'Conclusion: Passed', 'Reports'].map((heading) => lines.indexOf(heading));
  t.notOk(places.includes(-1), lines.join('\n'));
  t.strictSame(
    places,
    places.toSorted((a, b) => a - b),
  );
  t.match(lines[places[0] as number], 'Thresholds');
  t.match(lines[(places[0] as number) + 1], /^ {2}✓ .+ {2}\S+/);
  t.strictSame(lines.slice(-2), ['  out/report.md', '  out/result.json']);
});

t.test('what failed is marked with its value, and the verdict says it', async (t) => {
  const failing = screen(FAILING).join('\n');
  t.match(failing, /^ {2}✗ .+/m);
  t.match(failing, /^Conclusion: Failed/m);
  t.match(screen(INVALID).join('\n'), /^Conclusion: Invalid/m);
});

t.test('a run that was stopped early is not painted as one that passed', async (t) => {
  const ending = { kind: 'stopped', by: 'request', reason: 'Ctrl-C' } as const;
  const view = makeView({ ...resultOf(DOCUMENT_000), ending }, 'en');
  const painted = endScreen(view, written, 120, (style, text) => `<${style}>${text}`);
  t.ok(painted.some((line) => line.includes('<yellow>Passed (stopped early)')));
});

t.test('why a threshold could not be judged takes no room from the values of the others', async (t) => {
  const result = resultOf(DOCUMENT_000);
  const [first, ...others] = result.thresholds;
  const message = { id: 'threshold.only-failures', params: { failures: 367 } };
  const unjudged = { criterion: 'fails < 500', severity: 'fail', status: 'invalid', reason: '', message } as const;
  const view = makeView({ ...result, thresholds: [first as (typeof others)[number], unjudged, ...others] }, 'en');
  for (const columns of [40, 60, 120]) {
    const lines = endScreen(view, written, columns, plain);
    const at = lines.indexOf('Thresholds');
    t.match(lines[at + 1], /^ {2}✓ upload p95 < 200ms +73 ms$/, `${columns} columns`);
    t.equal(lines[at + 2], '  – fails < 500');
    const end = lines.findIndex((line, i) => i > at + 2 && line.startsWith('  ✓'));
    const below = lines.slice(at + 3, end);
    t.equal(
      below.map((line) => line.replace(/^ {4}/, '')).join(' '),
      String(view.sections.find(({ id }) => id === 'thresholds')?.table?.rows[1]?.[2]?.text),
    );
    t.notOk(lines.slice(at, end + 1).some((line) => line.includes('…') || columnsOf(line) > columns));
  }
});

t.test('in Chinese too, and never wider than the terminal', async (t) => {
  t.match(screen(DOCUMENT_000, 'zh-CN').join('\n'), /^报告$/m);
  for (const shape of [DOCUMENT_000, FAILING, INVALID]) {
    for (const lang of ['en', 'zh-CN'] as const) {
      for (const columns of [60, 80, 140]) {
        for (const line of screen(shape, lang, columns)) {
          if (columnsOf(line) > columns) t.fail(`${columns}: ${line}`);
        }
      }
    }
  }
});

t.test('colours add no columns', async (t) => {
  const view = makeView(resultOf(FAILING), 'en');
  t.strictSame(endScreen(view, written, 100, colored).map(columnsOf), screen(FAILING, 'en', 100).map(columnsOf));
});

t.test('kinds of failures are shown with a message of each, the most frequent first', async (t) => {
  const lines = screen(FAILING);
  const start = lines.indexOf('Failures');
  t.ok(start > lines.indexOf('Results') && start < lines.findIndex((line) => line.startsWith('Conclusion')));
  const rows = lines.slice(start + 2, lines.indexOf('', start + 1));
  t.matchOnly(rows, [
    /^ {2}upload +http_503 +24 +\S/,
    /^ {2}upload +timeout +12 +\S/,
    /^ {2}health +connection_reset +4 +\S/,
  ]);
  t.notOk(screen(DOCUMENT_000).includes('Failures'), 'no table without a failure');
});

t.test('a message that the table cuts, and that no request below it shows, stands there in full', async (t) => {
  const view = makeView(resultOf(FAILING), 'en');
  const sections = view.sections.map(({ excerpts: _, ...section }) => section);
  const table = sections.find(({ id }) => id === 'errors')?.table;
  const at = table?.columns.findIndex(({ label }) => label === view.labels['column.example']) ?? -1;
  const message = table?.rows.find((cells) => cells.some(({ text }) => text === 'http_503'))?.[at]?.text ?? '';
  const shown = endScreen({ ...view, sections }, [], 52, plain);
  t.ok(message.length > 20 && shown.some((line) => line.endsWith('…')), message);
  t.ok(shown.join(' ').replaceAll(/\s+/g, ' ').includes(message), shown.join('\n'));
});
