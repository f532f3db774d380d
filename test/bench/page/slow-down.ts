import type { Page } from 'playwright-core';

/** Slows the page's CPU, as on a weaker machine. */
export async function slowDown(page: Page, factor: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: factor });
}
