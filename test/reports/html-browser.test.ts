import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import t from 'tap';
import { Histogram } from '../../core/stats/histogram.ts';
import { compareRuns } from '../../core/verdict/compare/compare-runs.ts';
import { comparisonHtml } from '../../reports/compare/html.ts';
import html from '../../reports/html.ts';
import { complaintsOf, openBrowser } from '../kit/programs/chromium.ts';
import { DOCUMENT_002, resultOf } from '../kit/results/documents.ts';
import { HOSTILE_NAMES, hostileResult } from '../kit/results/hostile.ts';
import { randomRun } from '../kit/results/random-runs.ts';

interface Opened {
  readonly page: Page;
  readonly complaints: readonly string[];
}

async function open(browser: Browser, file: string, options: BrowserContextOptions): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const complaints = complaintsOf(context, (url) => url.startsWith('file:'));
  const page = await context.newPage();
  await page.goto(pathToFileURL(file).href);
  return { page, complaints };
}

const legend = (page: Page, chart: string) =>
  page
    .locator(`figure[data-chart=${chart}] .u-legend`)
    .innerText()
    .then((text) => text.replaceAll('\n', ''));

t.test('the HTML report in Chromium', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-html-'));
  const browser = await openBrowser();
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'report.html');
  writeFileSync(file, html.render(resultOf(DOCUMENT_002), { lang: 'en' })[0]?.content ?? '');

  await t.test('charts answer to hover, zoom and keys; tables sort', async (t) => {
    const { page, complaints } = await open(browser, file, {});
    const plot = page.locator('figure[data-chart=throughput] .u-over');
    await plot.scrollIntoViewIfNeeded();
    const box = await plot.boundingBox();
    if (box === null) throw new Error('the chart is not there');
    await page.mouse.move(box.x + box.width / 2, box.y + 50);
    t.match(await legend(page, 'throughput'), /0:49Requests\/s1,50/);
    t.match(await legend(page, 'responseTime'), /0:49Median62/, 'the other charts point at the same time');

    const atLeftEdge = async () => {
      await page.mouse.move(box.x + 1, box.y + 50);
      return (await legend(page, 'users')).match(/\d+:\d\d/)?.[0];
    };
    t.equal(await atLeftEdge(), '0:00');
    await page.mouse.move(box.x + box.width * 0.25, box.y + 50);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 60, { steps: 4 });
    await page.mouse.up();
    t.equal(await atLeftEdge(), '0:25', 'what was dragged over fills the chart, and all others');
    await page.locator('figure[data-chart=throughput] .plot').press('Escape');
    t.equal(await atLeftEdge(), '0:00');
    await page.mouse.move(0, 0);
    const users = page.locator('figure[data-chart=users] .plot');
    await users.press('ArrowRight');
    await users.press('ArrowRight');
    t.match(await legend(page, 'users'), /0:01Users10/, 'a key moves the cursor');

    await page.locator('#results thead button').nth(2).click();
    t.strictSame(await page.locator('#results tbody td:nth-child(3)').allInnerTexts(), ['9069', '27,211', '90,711']);
    t.equal(await page.locator('#results tfoot td:nth-child(2)').innerText(), 'Aggregated');
    t.equal(await page.locator('#operations .uplot').count(), 0, 'what nobody has asked for is not drawn');
    await page.locator('#operations summary', { hasText: 'hybrid_search' }).click();
    await page.locator('#operations .uplot').first().waitFor();
    t.equal(await page.locator('#operations .uplot').count(), 3, 'an operation has its own charts');
    t.match(await page.locator('figure[data-chart=heatmap] .heat-legend').innerText(), /^few requests 0%.*% many/s);
    await page.locator('#theme').click();
    t.strictSame(complaints, []);
  });

  await t.test('it fits a phone, light and dark', async (t) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page, complaints } = await open(browser, file, { viewport: { width: 390, height: 844 }, colorScheme });
      const overflow = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      t.equal(overflow, 0, colorScheme);
      t.equal(await page.locator('#more-charts .uplot').count(), 0, 'a phone begins with what matters');
      await page.goto(`${page.url()}#more-charts`);
      await page.locator('#more-charts .uplot').first().waitFor();
      t.strictSame(complaints, []);
    }
  });

  await t.test('response times of any range are drawn', async (t) => {
    const result = resultOf(DOCUMENT_002);
    const ranges = [
      [98, 452_900],
      [0, 0],
      [1, 2],
      [7, 3_600_000_000],
      [200_000, 200_001],
    ];
    for (const range of ranges) {
      const histogram = new Histogram();
      for (const us of range) histogram.record(us);
      const responseTimes = result.timeline.responseTimes.map(() => histogram.encode());
      const drawn = { ...result, timeline: { ...result.timeline, responseTimes } };
      const ranged = join(folder, 'ranged.html');
      writeFileSync(ranged, html.render(drawn, { lang: 'en' })[0]?.content ?? '');
      const { complaints } = await open(browser, ranged, {});
      t.strictSame(complaints, [], range.join(' to '));
    }
  });

  await t.test('the page of a comparison draws both sides, on a screen and on a phone', async (t) => {
    const shape = { seconds: 30, meanUs: 10_000, secondSpread: 0.03, persistence: 0.5, runSpread: 0 };
    const sides = { before: [randomRun(shape, 1)], after: [randomRun({ ...shape, meanUs: 15_000 }, 2)] };
    const compared = join(folder, 'comparison.html');
    const comparison = compareRuns(sides.before, sides.after, { tolerance: 0, trustsAll: false });
    writeFileSync(compared, await comparisonHtml(comparison, 'en', sides));
    for (const viewport of [
      { width: 1400, height: 900 },
      { width: 400, height: 800 },
    ]) {
      const { page, complaints } = await open(browser, compared, { viewport, colorScheme: 'dark' });
      const plot = page.locator('figure[data-chart=p95] .u-over');
      await plot.scrollIntoViewIfNeeded();
      const box = await plot.boundingBox();
      if (box === null) throw new Error('the chart is not there');
      await page.mouse.move(box.x + box.width / 2, box.y + 50);
      t.match(await legend(page, 'p95'), /After2\d.*Before1\d/, `both values at ${viewport.width} px`);
      const overflow = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      t.equal(overflow, 0, 'nothing is wider than the page');
      t.strictSame(complaints, []);
    }
  });

  await t.test('hostile names are shown, not run', async (t) => {
    const hostile = join(folder, 'hostile.html');
    writeFileSync(hostile, html.render(hostileResult(HOSTILE_NAMES), { lang: 'zh-CN' })[0]?.content ?? '');
    const { page, complaints } = await open(browser, hostile, {});
    t.strictSame(complaints, []);
    t.match(await page.locator('#results').innerText(), '<script>alert("1")</script>');
  });
});
