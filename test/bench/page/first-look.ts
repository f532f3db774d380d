import type { Browser } from 'playwright-core';
import { FakeControl } from '../../kit/live/fake-control.ts';
import { DEFAULT_SHAPE, SimulatedRun } from '../../kit/live/simulated-run.ts';
import { slowDown } from './slow-down.ts';

/** Since somebody went to the address; milliseconds. */
export interface FirstLook {
  readonly paintMs: number;
  /** Until figures of the run are on the screen. */
  readonly figuresMs: number;
}

/** Before the first second has come, there is one tile, of agents. */
const FIGURES = '.tiles dl > div:nth-child(2) dd';
/** Looks at each frame whether there are figures. */
const WATCH_FIGURES = `
  const look = () => {
    if (document.querySelector('${FIGURES}')?.textContent) globalThis.figuresMs = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);`;

/** Opens the page of a run that has gone on for a minute, with nothing in the browser's cache. @param factor by which the CPU is slowed */
export async function lookFirst(browser: Browser, factor: number): Promise<FirstLook> {
  const control = new FakeControl(new SimulatedRun(DEFAULT_SHAPE));
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  try {
    const url = await control.listen();
    control.jump(60);
    const page = await context.newPage();
    await page.addInitScript(WATCH_FIGURES);
    await slowDown(page, factor);
    await page.goto(url);
    await page.locator(FIGURES).first().waitFor();
    // What a frame has drawn, the next one sees.
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
    const paintMs = Number(await page.evaluate('performance.getEntriesByName("first-contentful-paint")[0].startTime'));
    return { paintMs, figuresMs: Number(await page.evaluate('globalThis.figuresMs')) };
  } finally {
    await context.close();
    await control.close();
  }
}
