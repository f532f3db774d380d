/** Makes the pictures of the documentation anew: `node test/kit/live/pictures.ts`. Look at them before you commit them. */
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import html from '../../../reports/html.ts';
import { findChromium, launchChromium } from '../programs/launch-chromium.ts';
import { DOCUMENT_002, resultOf } from '../results/documents.ts';
import { FakeControl } from './fake-control.ts';
import { DEFAULT_SHAPE, SimulatedRun, type SimulatedShape } from './simulated-run.ts';
import { until } from './until.ts';

const DOCS = new URL('../../../docs/', import.meta.url);
/** Of the run that is shown: the page has then drawn its charts from second to second, too. */
const OPENED_S = 230;
const SHOWN_S = 235;

const place = (name: string) => fileURLToPath(new URL(name, DOCS));

async function pictureOfRun(page: Page, name: string, shape: Partial<SimulatedShape> = {}): Promise<void> {
  const control = new FakeControl(new SimulatedRun({ ...DEFAULT_SHAPE, ...shape }));
  const url = await control.listen();
  try {
    control.jump(OPENED_S);
    await page.goto(url);
    await page.locator('figure[data-chart=throughput] .uplot').waitFor();
    control.advance(SHOWN_S);
    await until(page, `document.querySelector('progress').value >= ${(SHOWN_S + 1) * 1e6}`);
    await page.screenshot({ path: place(name) });
  } finally {
    await control.close();
  }
}

async function pictureOfReport(page: Page): Promise<void> {
  const [file] = await html.render(resultOf(DOCUMENT_002), { lang: 'en' });
  await page.setContent(String(file?.content));
  await page.locator('.uplot').first().waitFor();
  await page.screenshot({ path: place('html-report.png') });
}

const path = findChromium();
if (path === undefined) throw new Error('Chromium is not here: install it');
const browser: Browser = await launchChromium(path);
const pageOf = (width: number, height: number, colorScheme: 'light' | 'dark' = 'light') =>
  browser.newPage({ viewport: { width, height }, colorScheme, locale: 'en-US', timezoneId: 'UTC' });
await pictureOfRun(await pageOf(1280, 1212), 'live-page.png');
await pictureOfRun(await pageOf(390, 844, 'dark'), 'live-page-phone.png', { trouble: 200 });
await pictureOfReport(await pageOf(1280, 1250));
await browser.close();
