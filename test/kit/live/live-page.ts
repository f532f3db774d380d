import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { Test } from 'tap';
import { complaintsOf } from '../programs/chromium.ts';
import { FakeControl } from './fake-control.ts';
import { watchPlots } from './plots.ts';
import { DEFAULT_SHAPE, SimulatedRun, type SimulatedShape } from './simulated-run.ts';

export interface Opened {
  readonly control: FakeControl;
  readonly url: string;
  readonly context: BrowserContext;
  readonly page: Page;
  readonly complaints: readonly string[];
}

/**
 * A control with a simulated run, and the page in a browser's window.
 * @param setUp brings the run to where it is when the page opens
 */
export async function openLive(
  t: Test,
  browser: Browser,
  setUp: (control: FakeControl) => void,
  {
    path = '/',
    shape = {},
    ...options
  }: BrowserContextOptions & { path?: string; shape?: Partial<SimulatedShape> } = {},
): Promise<Opened> {
  const control = new FakeControl(new SimulatedRun({ ...DEFAULT_SHAPE, ...shape }));
  const url = await control.listen();
  setUp(control);
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-US', ...options });
  t.teardown(async () => {
    await context.close();
    await control.close();
  });
  // A busy host is slow, and no test asks how fast the page is.
  context.setDefaultTimeout(120_000);
  const complaints = complaintsOf(context, (asked) => asked.startsWith(url));
  await watchPlots(context);
  const page = await context.newPage();
  await page.goto(url + path);
  return { control, url, context, page, complaints };
}

/** The figure of a tile of the header. */
export function tile(page: Page, label: string): Locator {
  return page.locator('.tiles dl > div', { hasText: label }).first().locator('dd').first();
}
