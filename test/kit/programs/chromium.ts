import type { Browser, BrowserContext } from 'playwright-core';
import root, { type Test } from 'tap';
import { programByApt } from './apt.ts';
import { findHeadlessChromium, launchChromium } from './launch-chromium.ts';

/**
 * The path of Chromium; as root on Debian, installs it with apt where it is missing.
 * @throws an Error that says what to do
 */
async function chromiumPath(): Promise<string> {
  return programByApt(
    'chromium-headless-shell',
    findHeadlessChromium,
    'This test needs Chromium: install it, or run the tests as root on Debian (apt then installs it).',
  );
}

/** A browser for one test, closed with it. */
export async function privateBrowser(t: Pick<Test, 'teardown'>): Promise<Browser> {
  const browser = await launchChromium(await chromiumPath());
  t.teardown(() => browser.close());
  return browser;
}

let shared: Promise<Browser> | undefined;

/** The browser of this process, closed when it ends. Each test opens a context of its own, which has no past. */
export function openBrowser(): Promise<Browser> {
  shared ??= privateBrowser(root);
  return shared;
}

/**
 * What the pages of a context will have to complain of: what the console says (violations of the policy too), errors, and
 * requests to anybody else.
 * @param isOwn whether a page may ask for this address
 */
export function complaintsOf(context: BrowserContext, isOwn: (url: string) => boolean): readonly string[] {
  const complaints: string[] = [];
  context.on('console', (message) => complaints.push(message.text()));
  context.on('weberror', (error) => complaints.push(error.error().message));
  context.on('request', (request) => {
    if (!isOwn(request.url())) complaints.push(request.url());
  });
  return complaints;
}
