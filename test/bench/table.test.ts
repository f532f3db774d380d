import t from 'tap';
import { section, withSection } from './markdown.ts';
import { compare, type Figure, GOAL } from './ratios.ts';
import { asMarkdown, asText, shownNumber, tablesOf } from './table.ts';

const figures: Figure[] = [
  {
    case: 'http GET',
    peer: 'wrk',
    unit: 'requests/s',
    ...compare([
      { us: 90, them: 100 },
      { us: 110, them: 100 },
      { us: 95, them: 100 },
    ]),
    goal: { atLeast: 0.9 },
  },
  { case: 'http GET', peer: 'wrk', unit: 'p50 ms', ...compare([{ us: 0.4, them: 0.5 }]) },
  { case: 'http GET', peer: 'k6', unit: 'requests/s', ...compare([{ us: 95, them: 50 }]), goal: { atLeast: 5 } },
  { case: 'engine', peer: GOAL, unit: 'operations/s', ...compare([{ us: 2e6, them: 1e6 }]), goal: { atLeast: 1 } },
];

t.test('numbers are shown with three digits that count', async (t) => {
  t.equal(shownNumber(123_456.7), '123,457');
  t.equal(shownNumber(12.345), '12.3');
  t.equal(shownNumber(0.0456), '0.046');
  t.equal(shownNumber(1), '1.00');
  t.equal(shownNumber(0), '0');
  t.equal(shownNumber(undefined), '–');
});

t.test('generators stand side by side, then our ratio to each, then what is asked', async (t) => {
  t.same(tablesOf(figures), [
    {
      title: 'http GET: medians',
      header: ['', 'requests/s', 'p50 ms'],
      rows: [
        ['bench', '95.0', '0.400'],
        ['wrk', '100', '0.500'],
        ['k6', '50.0', '–'],
      ],
    },
    {
      title: 'http GET: bench ÷ peer, median of the pairs (least–greatest)',
      header: ['', 'pairs', 'requests/s', 'p50 ms', 'goals'],
      rows: [
        ['wrk', '3', '0.950 (0.900–1.10)', '0.800', 'requests/s ≥ 0.9 ✓'],
        ['k6', '1', '1.90', '–', 'requests/s ≥ 5 ✗'],
      ],
    },
    {
      title: 'Beside what is asked',
      header: ['', 'measured', 'asked', 'ratio', 'goal', 'runs'],
      rows: [['engine: operations/s', '2,000,000', '1,000,000', '2.00', '≥ 1 ✓', '1']],
    },
  ]);
  t.same(tablesOf([]), []);
});

t.test('a table is text for the terminal and Markdown for the page', async (t) => {
  const table = {
    title: 'T',
    header: ['', 'a'],
    rows: [
      ['one', '1'],
      ['eleven', '11'],
    ],
  };
  t.equal(asText(table), 'T\n           a\n  one      1\n  eleven  11');
  t.equal(asMarkdown(table), '**T**\n\n|  | a |\n|---|---:|\n| one | 1 |\n| eleven | 11 |');
});

t.test('a section replaces what stands between its marks, and nothing else', async (t) => {
  const facts = ['2026-01-31, a processor.', '`npm run bench`'];
  const text = section({ figures, tables: [], notes: ['Server: nginx.'] }, facts);
  t.match(text, /^2026-01-31, a processor\. {2}\n`npm run bench`\n\n\*\*http GET/);
  t.match(text, /\n- Server: nginx\.$/);
  const page = 'a\n<!-- figures: http -->\nold\n<!-- end of figures: http -->\nb';
  const once = withSection(page, 'http', 'new $& text');
  t.equal(once, 'a\n<!-- figures: http -->\n\nnew $& text\n\n<!-- end of figures: http -->\nb');
  t.equal(withSection(once, 'http', 'new $& text'), once);
  t.throws(() => withSection(page, 'open', ''), { message: /no place for the case open: put <!-- figures: open -->/ });
});
