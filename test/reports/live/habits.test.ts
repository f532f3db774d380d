/** The habits of the page in every state that somebody may come upon: for all eyes, on a phone, by keyboard, in both languages. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { BrowserContextOptions, Page } from 'playwright-core';
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
const FOREIGN = '.log, #errors td, .samples, .notes, .said, code, pre';

t.setTimeout(1_200_000);

/** What the accessibility checker finds, a line each. It makes no selectors of what passes, which nobody reads. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const options = { runOnly: RULES, resultTypes: ['violations'] };
  const found = (await page.evaluate(
    `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) => violations)`,
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

interface Tab {
  readonly page: Page;
  readonly complaints: readonly string[];
  /** Of all controls that it has shown. */
  readonly urls: string[];
}

/** Shows one state after the other: each comes from an origin of its own, where nothing is kept of those before. */
async function openTab(t: Test, options: BrowserContextOptions & { width: number }): Promise<Tab> {
  const browser = await openBrowser();
  const { width, ...others } = options;
  const context = await browser.newContext({ viewport: { width, height: 800 }, ...others });
  t.teardown(() => context.close());
  context.setDefaultTimeout(60_000);
  const urls: string[] = [];
  const complaints = complaintsOf(context, (asked) => urls.some((url) => asked.startsWith(url)));
  return { page: await context.newPage(), complaints, urls };
}

async function show(t: Test, state: PageState, { page, complaints, urls }: Tab) {
  const control = controlIn(state);
  const url = await control.listen();
  const before = complaints.length;
  urls.push(url);
  t.teardown(async () => {
    // A page that is open asks a control that has gone again and again.
    await page.goto('about:blank');
    await control.close();
  });
  await page.goto(url + (state.path ?? '/'));
  await page.locator(state.sign).first().waitFor();
  await state.act?.(page, control);
  return { control, complaints: () => complaints.slice(before).filter((text) => !NO_ANSWER.test(text)) };
}

/** Each pair of colours is looked at in one of the languages. */
for (const locale of ['en-US', 'zh-CN'])
  t.test(`every state, on a narrow phone, ${locale}`, async (t) => {
    const colorScheme = locale === 'zh-CN' ? 'dark' : 'light';
    const tab = await openTab(t, { locale, width: 320, colorScheme });
    const { page } = tab;
    for (const state of PAGE_STATES)
      await t.test(state.name, async (t) => {
        const { complaints } = await show(t, state, tab);
        t.strictSame(await page.evaluate(STICKING_OUT), [], 'nothing is wider than the phone');
        t.strictSame(await violations(page), []);
        const words = String(await page.evaluate(OWN_WORDS));
        t.notMatch(words, /`/, 'code is shown as such');
        if (locale === 'zh-CN') t.strictSame(untranslated(words), []);
        t.strictSame(complaints(), []);
      });
  });

const stateOf = (name: string) => PAGE_STATES.find((state) => state.name === name) as PageState;

/** Tables that scroll sideways, by their headings. */
const WIDE_TABLES = `[...document.querySelectorAll('.scroll')]
  .filter((one) => one.scrollWidth > one.clientWidth)
  .map((one) => one.ariaLabel)`;

/** Names of agents that stand on more than one line. */
const BROKEN_NAMES = `[...document.querySelectorAll('#agents tbody td:first-child')]
  .filter((one) => one.scrollHeight > 40)
  .map((one) => one.textContent)`;

const HIDDEN_BUTTONS = `[...document.querySelectorAll('tbody td button.small')]
  .filter((one) => one.getBoundingClientRect().right > one.parentElement.getBoundingClientRect().right)
  .length`;

for (const locale of ['en-US', 'zh-CN'])
  t.test(`on a common screen tables fit, names stay whole, and all buttons are in sight, ${locale}`, async (t) => {
    const tab = await openTab(t, { locale, width: 1280 });
    const { page } = tab;
    for (const name of ['agent lost', 'invalid', '1,000 agents', 'compare of five']) {
      await show(t, stateOf(name), tab);
      t.strictSame(await page.evaluate(WIDE_TABLES), [], name);
      t.strictSame(await page.evaluate(BROKEN_NAMES), [], name);
    }
    await show(t, stateOf('history'), tab);
    t.ok(await page.locator('tbody td button.small').count());
    t.equal(await page.evaluate(HIDDEN_BUTTONS), 0);
  });

t.test('a dialog gives the keyboard back to the button that opened it', async (t) => {
  const tab = await openTab(t, { locale: 'en-US', width: 1280 });
  const { page } = tab;
  for (const [name, button] of [
    ['edit', 'header.run .buttons button'],
    ['stop', 'header.run .buttons .danger'],
    ['notes', '.notes button'],
  ] as const) {
    for (const end of ['Escape', 'button:not(.danger, .primary)']) {
      await show(t, { ...stateOf(name), act: async () => {} }, tab);
      const opener = page.locator(button).first();
      await opener.focus();
      await page.keyboard.press('Enter');
      await page.locator('dialog').waitFor();
      t.ok(await page.evaluate("document.querySelector('dialog').contains(document.activeElement)"), `${name}: within`);
      if (end === 'Escape') await page.keyboard.press('Escape');
      else await page.locator(`dialog ${end}`).click();
      await page.locator('dialog').waitFor({ state: 'detached' });
      // The browser gives it back a moment after the dialog has gone.
      t.ok(await until(page, `document.querySelector('${button}') === document.activeElement`), `${name}: back`);
    }
  }
});

t.test('what nobody can do is not offered, and what nobody judges is said', async (t) => {
  const tab = await openTab(t, { locale: 'en-US', width: 360 });
  const { page } = tab;
  await show(t, stateOf('login'), tab);
  t.strictSame(await page.locator('.bar a, .bar button').allInnerTexts(), ['bench', '中文', 'Light / dark']);
  await show(t, stateOf('no criteria'), tab);
  t.match(await page.locator('.verdict').innerText(), /No criteria/);
  await show(t, stateOf('invalid'), tab);
  t.match(await page.locator('.verdict').innerText(), /Invalid/);
  const sentences = await page.locator('#conclusion li').allInnerTexts();
  t.equal(new Set(sentences).size, sentences.length, 'no sentence is said twice');
});

t.test('STOP leaves the keyboard at the controls of the run, though its button goes', async (t) => {
  const tab = await openTab(t, { locale: 'en-US', width: 1280 });
  const { page } = tab;
  const { control } = await show(t, { ...stateOf('stop'), act: async () => {} }, tab);
  await page.locator('header.run .buttons .danger').focus();
  await page.keyboard.press('Enter');
  // A dialog takes the keyboard as it opens.
  await page.locator('dialog').waitFor();
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
  const tab = await openTab(t, { locale: 'en-US', width: 1280 });
  const { page } = tab;
  for (const name of ['agent lost', 'start', 'no history', 'no agents', 'log', 'compare of three']) {
    await show(t, stateOf(name), tab);
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
