import t from 'tap';
import { LABELS } from '../../reports/labels/labels.ts';
import { makeView } from '../../reports/view.ts';
import { DOCUMENT_002, FAILING, INVALID, resultOf } from '../kit/results/documents.ts';

t.test('no catalogue lacks a label', async (t) => {
  t.strictSame(Object.keys(LABELS['zh-CN']).sort(), Object.keys(LABELS.en).sort());
  for (const labels of Object.values(LABELS))
    for (const [key, label] of Object.entries(labels)) t.ok(label !== '', key);
});

t.test('every check has a name', async (t) => {
  for (const { name } of resultOf(FAILING).validity) t.ok(`check.${name}` in LABELS.en, name);
});

t.test('both languages show the same figures in the same places', async (t) => {
  const numbers = (text: string) => (text.match(/\d[\d,.]*/g) ?? []).toSorted().join(' ');
  for (const shape of [DOCUMENT_002, FAILING, INVALID]) {
    const [en, zh] = (['en', 'zh-CN'] as const).map((lang) => makeView(resultOf(shape), lang));
    t.strictSame(
      zh?.sections.map(({ id }) => id),
      en?.sections.map(({ id }) => id),
    );
    for (const [i, { id, table }] of (en?.sections ?? []).entries()) {
      const other = zh?.sections[i]?.table;
      t.equal(other?.rows.length, table?.rows.length, id);
      for (const [r, cells] of (table?.rows ?? []).entries()) {
        t.equal(cells.length, table?.columns.length, `${id}: a cell for each column`);
        for (const [c, { text }] of cells.entries()) {
          const translated = other?.rows[r]?.[c]?.text ?? '';
          if (numbers(translated) !== numbers(text)) t.fail(`${id}: "${text}" is not "${translated}"`);
        }
      }
    }
  }
});
