import type { Browser } from 'playwright-core';
import { BenchmarkError } from '../benchmark-error.ts';
import type { CaseOptions } from '../cases/case.ts';
import { fleetPlan, runFleet } from '../simulated-fleet.ts';
import { slowDown } from './slow-down.ts';

const AGENTS = 20;
const OPERATIONS = 20;
const SECONDS = 25;
/** Of the run, when the page has loaded: what is seen before tells of the start. */
const FROM_MS = 5000;
const LOOK_MS = 50;

/** Until which second the counts on the screen go is one sentence of the page. The run's start is control's own time: it is on this host. */
const LOOK = `(() => {
  const [, minutes, seconds] = /counts until (\\d+):(\\d+)/.exec(document.querySelector('#results')?.textContent ?? '') ?? [];
  const startedAt = document.querySelector('header time')?.dateTime;
  const elapsedMs = startedAt ? Date.now() - Date.parse(startedAt) : 0;
  return { elapsedMs, ageMs: seconds && elapsedMs - 1e3 * (60 * minutes + Number(seconds)) };
})()`;

/**
 * How old the newest second is that the page of a real run shows, looked at over and over; milliseconds. The CPU of the page is slowed.
 * @throws {BenchmarkError} when the run has no result, or the page showed nothing of it in time
 */
export async function agesShown(browser: Browser, factor: number, options: CaseOptions): Promise<readonly number[]> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en' });
  const agesMs: number[] = [];
  const look = async (url: string) => {
    const page = await context.newPage();
    await slowDown(page, factor);
    await page.goto(url);
    await page.locator('#results tbody tr').first().waitFor();
    await page.evaluate('document.querySelector("#results").scrollIntoView()');
    for (let elapsedMs = 0; elapsedMs < SECONDS * 1e3; ) {
      const seen = (await page.evaluate(LOOK)) as { elapsedMs: number; ageMs: number | undefined };
      elapsedMs = seen.elapsedMs;
      if (elapsedMs > FROM_MS && seen.ageMs !== undefined) agesMs.push(seen.ageMs);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  };
  try {
    await runFleet(AGENTS, { plan: fleetPlan(AGENTS, OPERATIONS, SECONDS), seconds: SECONDS, look }, options);
  } finally {
    await context.close();
  }
  if (agesMs.length === 0)
    throw new BenchmarkError('the page did not load before the run was over: this host is too busy');
  return agesMs;
}
