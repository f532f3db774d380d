import type { Locator, Page } from 'playwright-core';
import type { Test } from 'tap';

/** A busy host is slow: only what never comes takes as long. */
const PATIENCE_MS = 60_000;

/** Waits until the page, in English, shows this second: with it, everything that the stream brought before. */
export async function untilSecond(page: Page, second: number): Promise<void> {
  const [minutes, seconds] = [Math.floor((second + 1) / 60), (second + 1) % 60];
  const until = `counts until ${minutes}:${String(seconds).padStart(2, '0')}.`;
  await page.locator('.note', { hasText: until }).waitFor();
}

/** Waits until this is true in the page, which forbids scripts to make scripts, as `waitForFunction` would. @returns what it is */
export async function until(page: Page, condition: string): Promise<unknown> {
  const untilMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const found: unknown = await page.evaluate(condition);
    if (found) return found;
    if (performance.now() > untilMs) throw new Error(`never true: ${condition}`);
    await page.evaluate('new Promise(requestAnimationFrame)');
  }
}

/** A page draws when it is its turn: waits until it says what is wanted, and compares what it says at last. */
export async function says(
  t: Test,
  shown: Locator,
  wanted: RegExp | string,
  message = 'what the page says',
): Promise<void> {
  const isWanted = (text: string) => (typeof wanted === 'string' ? text === wanted : wanted.test(text));
  const untilMs = performance.now() + PATIENCE_MS;
  let text = await shown.innerText();
  while (!isWanted(text) && performance.now() < untilMs) {
    await shown.page().evaluate('new Promise(requestAnimationFrame)');
    text = await shown.innerText();
  }
  if (typeof wanted === 'string') t.equal(text, wanted, message);
  else t.match(text, wanted, message);
}
