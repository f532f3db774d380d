/** The page on paper. */
import { inflateSync } from 'node:zlib';
import t from 'tap';
import { controlIn, PAGE_STATES } from '../../kit/live/states.ts';
import { openBrowser } from '../../kit/programs/chromium.ts';

t.setTimeout(600_000);

/** What a PDF holds compressed: the sheets, and which letters the signs of its fonts are. */
function streamsOf(pdf: Buffer): string[] {
  return [...pdf.toString('latin1').matchAll(/(?<!end)stream\r?\n/g)].flatMap(({ 0: mark, index }) => {
    try {
      return [inflateSync(pdf.subarray(index + mark.length)).toString('latin1')];
    } catch {
      return [];
    }
  });
}

/** A word in the signs of a font, by what its table of letters says; undefined where the font lacks one. */
function inSigns(table: string, word: string): string | undefined {
  const known = new Map<number, number>();
  const wanted = /<(\w{4})> (?:<(\w{4})> )?<(\w{4})>\n/g;
  for (const [, first, last, letter] of table.matchAll(wanted)) {
    const [from, to, code] = [first, last ?? first, letter].map((hex) => Number.parseInt(String(hex), 16));
    for (let sign = Number(from); sign <= Number(to); sign++) known.set(Number(code) + sign - Number(from), sign);
  }
  const signs = [...word].map((letter) => known.get(letter.charCodeAt(0))?.toString(16).toUpperCase().padStart(4, '0'));
  return signs.includes(undefined) ? undefined : signs.join('');
}

/** How many sheets there are, and how many have a word. */
function sheetsWith(pdf: Buffer, word: string): { readonly all: number; readonly withWord: number } {
  const streams = streamsOf(pdf);
  const words = streams.filter((text) => text.includes('begincmap')).flatMap((table) => inSigns(table, word) ?? []);
  const sheets = streams.filter((text) => text.includes(' Tj'));
  const written = sheets.map((text) => [...text.matchAll(/<(\w+)> Tj/g)].map(([, signs]) => signs).join(''));
  return { all: sheets.length, withWord: written.filter((text) => words.some((one) => text.includes(one))).length };
}

t.test('a table that goes on on the next sheet has its headings there, too', async (t) => {
  const state = PAGE_STATES.find(({ name }) => name === '1,000 agents');
  if (state === undefined) throw new Error('a state has gone');
  const control = controlIn(state);
  const url = await control.listen();
  const browser = await openBrowser();
  const page = await browser.newPage({ locale: 'en-US' });
  t.teardown(async () => {
    await page.close();
    await control.close();
  });
  await page.goto(url + state.path);
  await page.locator(state.sign).first().waitFor();
  const pdf = await page.pdf({ format: 'A4' });
  const rows = sheetsWith(pdf, 'agent-1000');
  t.equal(rows.withWord, 1, 'all rows are printed');
  const { all, withWord } = sheetsWith(pdf, 'Runtime');
  t.ok(all > 5);
  t.equal(withWord, all);
});
