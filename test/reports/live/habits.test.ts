/** The habits of the page in every state that somebody may come upon: for all eyes, on a phone, by keyboard, in both languages. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { controlIn, PAGE_STATES, type PageState } from '../../kit/live/states.ts';
import { until } from '../../kit/live/until.ts';
import { complaintsOf, openBrowser } from '../../kit/programs/chromium.ts';
import { untranslated } from '../../kit/untranslated.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
/** What the console says of an answer that is an error, or that does not come: some states are these. */
const NO_ANSWER = /^Failed to load resource/;
/** What others say: the log of control, the answers of a target, and what people call things. */
const FOREIGN = '.log, #errors td, .samples, .notes, code, pre';

t.setTimeout(1_200_000);

/** What the accessibility checker finds, a line each. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found = (await page.evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(RULES)} }).then(({ violations }) => violations)`,
  )) as { id: string; nodes: { html: string }[] }[];
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}

/** What sticks out of the page to the right, a selector each; what scrolls by itself does not count. */
const STICKING_OUT = `(() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll('body *')]
    .filter((one) => one.getBoundingClientRect().right > width + 1 && !one.closest('.scroll, pre, .hidden'))
    .map((one) => one.tagName.toLowerCase() + '.' + one.className + '#' + one.id)
    .concat('the page')
    .slice(0, 5);
})()`;

const OWN_WORDS = `(() => {
  const copy = document.body.cloneNode(true);
  for (const one of copy.querySelectorAll(${JSON.stringify(FOREIGN)})) one.remove();
  document.body.append(copy);
  const text = copy.innerText;
  copy.remove();
  return text;
})()`;

async function show(t: Test, state: PageState, options: { locale: string; width: number }) {
  const browser = await openBrowser();
  const control = controlIn(state);
  const url = await control.listen();
  const { locale, width } = options;
  const context = await browser.newContext({ viewport: { width, height: 800 }, locale });
  t.teardown(async () => {
    await context.close();
    await control.close();
  });
  context.setDefaultTimeout(60_000);
  const complaints = complaintsOf(context, (asked) => asked.startsWith(url));
  const page = await context.newPage();
  await page.goto(url + (state.path ?? '/'));
  await page.locator(state.sign).first().waitFor();
  await state.act?.(page, control);
  return { page, control, complaints: () => complaints.filter((text) => !NO_ANSWER.test(text)) };
}

/** Each pair of colours is looked at in one of the languages. */
for (const locale of ['en-US', 'zh-CN'])
  t.test(`every state, on a narrow phone, ${locale}`, async (t) => {
    for (const state of PAGE_STATES)
      await t.test(state.name, async (t) => {
        const { page, complaints } = await show(t, state, { locale, width: 320 });
        t.strictSame(await page.evaluate(STICKING_OUT), [], 'nothing is wider than the phone');
        await page.emulateMedia({ colorScheme: locale === 'zh-CN' ? 'dark' : 'light' });
        t.strictSame(await violations(page), []);
        if (locale === 'zh-CN') t.strictSame(untranslated(String(await page.evaluate(OWN_WORDS))), []);
        t.strictSame(complaints(), []);
      });
  });

const stateOf = (name: string) => PAGE_STATES.find((state) => state.name === name) as PageState;

t.test('a dialog gives the keyboard back to the button that opened it', async (t) => {
  for (const [name, button] of [
    ['edit', 'header.run .buttons button'],
    ['stop', 'header.run .buttons .danger'],
    ['notes', '.notes button'],
  ] as const) {
    for (const end of ['Escape', 'button:not(.danger, .primary)']) {
      const { page } = await show(t, { ...stateOf(name), act: async () => {} }, { locale: 'en-US', width: 1280 });
      const opener = page.locator(button).first();
      await opener.focus();
      await page.keyboard.press('Enter');
      await page.locator('dialog').waitFor();
      t.ok(await page.evaluate("document.querySelector('dialog').contains(document.activeElement)"), `${name}: within`);
      if (end === 'Escape') await page.keyboard.press('Escape');
      else await page.locator(`dialog ${end}`).click();
      await page.locator('dialog').waitFor({ state: 'detached' });
      t.ok(await opener.evaluate((one) => one === one.ownerDocument.activeElement), `${name}: back`);
    }
  }
});

t.test('what nobody can do is not offered, and what nobody judges is said', async (t) => {
  const phone = { locale: 'en-US', width: 360 };
  const { page: login } = await show(t, stateOf('login'), phone);
  t.strictSame(await login.locator('.bar a, .bar button').allInnerTexts(), ['bench', '中文', 'Light / dark']);
  const { page } = await show(t, stateOf('no criteria'), phone);
  t.match(await page.locator('.verdict').innerText(), /No criteria/);
  const { page: invalid } = await show(t, stateOf('invalid'), phone);
  t.match(await invalid.locator('.verdict').innerText(), /Invalid/);
  const sentences = await invalid.locator('#conclusion li').allInnerTexts();
  t.equal(new Set(sentences).size, sentences.length, 'no sentence is said twice');
});

t.test('STOP leaves the keyboard at the controls of the run, though its button goes', async (t) => {
  const { page, control } = await show(
    t,
    { ...stateOf('stop'), act: async () => {} },
    { locale: 'en-US', width: 1280 },
  );
  await page.locator('header.run .buttons .danger').focus();
  await page.keyboard.press('Enter');
  await page.locator('dialog .danger').focus();
  await page.keyboard.press('Enter');
  await page.locator('dialog').waitFor({ state: 'detached' });
  control.go('draining');
  await page.getByRole('button', { name: 'CUT OFF' }).waitFor();
  t.ok(await until(page, "document.querySelector('header.run .buttons').contains(document.activeElement)"));
});

/** What has the keyboard: where it is, and whether that can be seen. */
const FOCUSED = `(() => {
  const one = document.activeElement;
  if (one === null || one === document.body) return null;
  const { outlineStyle, outlineWidth } = getComputedStyle(one);
  const { top, bottom, width, height } = one.getBoundingClientRect();
  globalThis.seen ??= new Map();
  if (!seen.has(one)) seen.set(one, seen.size);
  return {
    place: seen.get(one),
    what: one.outerHTML.slice(0, 80),
    isMarked: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1,
    isInSight: bottom > 0 && top < innerHeight && width > 0 && height > 0,
  };
})()`;

t.test('the keyboard alone reaches everything, in order, and what it is at can be seen', async (t) => {
  for (const name of ['agent lost', 'start', 'no history', 'no agents', 'log', 'compare of three']) {
    const { page } = await show(t, stateOf(name), { locale: 'en-US', width: 1280 });
    await page.evaluate('document.activeElement.blur(), scrollTo(0, 0)');
    let stops = 0;
    for (;;) {
      await page.keyboard.press('Tab');
      const focused = (await page.evaluate(FOCUSED)) as {
        place: number;
        what: string;
        isMarked: boolean;
        isInSight: boolean;
      } | null;
      if (focused === null || focused.place < stops) break;
      stops++;
      if (!focused.isMarked) t.fail(`${name}: no mark at ${focused.what}`);
      if (!focused.isInSight) t.fail(`${name}: out of sight: ${focused.what}`);
      if (stops > 500) break;
    }
    t.ok(stops > 8 && stops < 500, `${name}: ${stops} stops`);
  }
});
