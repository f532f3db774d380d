import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import t from 'tap';
import type { FakeControl } from '../../kit/live/fake-control.ts';
import { openLive } from '../../kit/live/live-page.ts';
import { openBrowser } from '../../kit/programs/chromium.ts';

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

t.setTimeout(180_000);

t.test('accessible in both languages, light and dark, and nothing is wider than a phone', async (t) => {
  const browser = await openBrowser();
  for (const locale of ['en-US', 'zh-CN']) {
    await t.test(locale, async (t) => {
      const setUp = (control: FakeControl) => {
        control.jump(60);
        control.notes = { note: 'with the new cache', tags: ['nightly'] };
        control.ended = ['one', 'two', 'three'];
      };
      const { page, url, complaints } = await openLive(t, browser, setUp, {
        locale,
        viewport: { width: 320, height: 800 },
        shape: { trouble: 40, loss: 50 },
      });
      for (const [path, sign] of [
        ['/', '#errors tbody tr'],
        ['/start', '.outcome'],
        ['/runs', 'tbody .tags'],
        ['/compare?runs=one,two', '.outcome'],
        ['/compare?runs=one,two,three', '.outcome'],
      ] as const) {
        await page.goto(url + path);
        await page.locator(sign).first().waitFor();
        t.equal(await overflow(page), 0, path);
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          t.strictSame(await violations(page), [], `${path}, ${colorScheme}`);
        }
      }
      t.strictSame(complaints, []);
    });
  }
});
