import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** The same engine without menus and windows of its own: it shows the same page for half of the processor time. */
const HEADLESS_SHELL = '/usr/bin/chromium-headless-shell';

/** For a browser that shows only pages that the tests have made. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** The path of the browser that people use, where it is installed. */
export function findChromium(): string | undefined {
  return PLACES.find((path) => existsSync(path));
}

/** The path of what shows a page for the least processor time, where one is installed. */
export function findHeadlessChromium(): string | undefined {
  return existsSync(HEADLESS_SHELL) ? HEADLESS_SHELL : findChromium();
}

/** A browser for pages that we have made; the caller closes it. */
export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ARGUMENTS });
}
