import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import t from 'tap';
import { openBrowser, openLive } from '../../kit/live/live-page.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** What the accessibility checker finds, a line each. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found = (await page.evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(RULES)} }).then(({ violations }) => violations)`,
  )) as { id: string; nodes: { html: string }[] }[];
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}

const overflow = (page: Page) =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');

t.test('habits of readers', async (t) => {
  const browser = await openBrowser(t);
  for (const locale of ['en-US', 'zh-CN']) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await t.test(`${locale}, ${colorScheme}: accessible, and nothing is wider than a phone`, async (t) => {
        const { page, url, complaints } = await openLive(t, browser, (control) => control.jump(60), {
          locale,
          colorScheme,
          viewport: { width: 320, height: 800 },
          shape: { trouble: 40, loss: 50 },
        });
        await page.locator('#results tbody tr').first().waitFor();
        t.strictSame(await violations(page), []);
        t.equal(await overflow(page), 0);
        await page.goto(`${url}/start`);
        await page.locator('.outcome').waitFor();
        t.strictSame(await violations(page), []);
        t.equal(await overflow(page), 0);
        t.strictSame(complaints, []);
      });
    }
  }

  await t.test('Chinese has no English left, and the language can be changed', async (t) => {
    const { page } = await openLive(t, browser, (control) => control.jump(60), { locale: 'zh-CN' });
    await page.locator('#results tbody tr').first().waitFor();
    const text = await page.locator('body').innerText();
    const english =
      text.match(
        /\b(?!bench|English|CPU|RPS|POST|GET|SQL|Max|MiB|ms|http|insert|row|target|agent|load|example|upload|error|onerror|img|src|alert|Internal|Server|Error|queue|rate|share|depth|cpu)[A-Za-z]{4,}\b/g,
      ) ?? [];
    t.strictSame(
      english.filter((word) => !/^k3x9/.test(word)),
      [],
    );
    await page.getByRole('button', { name: 'English' }).click();
    await page.locator('h2', { hasText: 'Statistics' }).waitFor();
    await page.reload();
    await page.locator('h2', { hasText: 'Statistics' }).waitFor();
    t.equal(await page.evaluate('document.documentElement.lang'), 'en', 'the choice stays');
  });

  await t.test('500 operations and 1,000 agents keep the document small', async (t) => {
    const { control, page } = await openLive(t, browser, (control) => control.jump(20), {
      shape: { operations: 500, agents: 1000 },
    });
    await page.locator('#results tbody tr').first().waitFor();
    await page.locator('#agents tbody tr').first().waitFor();
    t.ok((await page.locator('#results tbody tr').count()) < 100);
    t.ok((await page.locator('#agents tbody tr').count()) < 100);
    t.match(await page.locator('#agents h2').innerText(), /1000/);
    await page.locator('#results .tall').evaluate('(frame) => frame.scrollTo(0, 16500)');
    await page.locator('#results tbody tr', { hasText: '/api/resource/499/items' }).waitFor();
    control.advance(22);
    await page.locator('#results tfoot').waitFor();
  });
});
