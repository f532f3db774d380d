import type { CDPSession, Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { openLive } from '../../kit/live/live-page.ts';
import { untilPlot } from '../../kit/live/plots.ts';
import { until, untilSecond } from '../../kit/live/until.ts';
import { privateBrowser } from '../../kit/programs/chromium.ts';

t.setTimeout(600_000);

/** What a page holds once the browser has collected its garbage. */
interface Held {
  readonly heapMB: number;
  readonly nodes: number;
  readonly listeners: number;
}

const TRIES = 20;

/** Holds a page to what it held before, and at most this more. What a timer or an answer on its way still holds is let go soon; a leak is not. */
async function holdsNoMore(t: Test, page: Page, session: CDPSession, before: Held, more: Held): Promise<void> {
  const isMore = (held: Held) =>
    held.heapMB > before.heapMB + more.heapMB ||
    held.nodes > before.nodes + more.nodes ||
    held.listeners > before.listeners + more.listeners;
  let after = await heldBy(session);
  for (let i = 1; i < TRIES && isMore(after); i++) {
    await page.evaluate('new Promise((passed) => setTimeout(passed, 500))');
    after = await heldBy(session);
  }
  t.notOk(isMore(after), `before ${told(before)}; after ${told(after)}`);
}

async function heldBy(session: CDPSession): Promise<Held> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  const { nodes, jsEventListeners } = await session.send('Memory.getDOMCounters');
  return { heapMB: usedSize / 1e6, nodes, listeners: jsEventListeners };
}

function told({ heapMB, nodes, listeners }: Held): string {
  return `${heapMB.toFixed(1)} MB, ${nodes} nodes, ${listeners} listeners`;
}

/** The page draws at most each 50 ms: so many seconds are drawn together. */
const BATCH_S = 60;
const MINUTE_S = 60;

t.test('a page that stays open', async (t) => {
  const browser = await privateBrowser(t);
  const shape = { operations: 30, agents: 60, plannedS: 3 * 3600, ratios: ['search.recall'] };

  await t.test('keeps nothing of the seconds that it no longer shows', async (t) => {
    const { control, page } = await openLive(t, browser, (control) => control.jump(0), { shape });
    const session = await page.context().newCDPSession(page);
    const untilMinute = async (minute: number) => {
      for (let second = control.newest; second < minute * MINUTE_S; ) {
        second = Math.min(minute * MINUTE_S, second + BATCH_S);
        control.advance(second);
        await until(page, `document.querySelector('progress')?.value >= ${(second + 1) * 1e6}`);
      }
      return heldBy(session);
    };
    await page.locator('#results tbody tr').first().waitFor();
    // By then everything is drawn that there is, and what is kept once is kept.
    const before = await untilMinute(20);
    await untilMinute(70);
    // A point of each chart is kept for each second, until they are too many: a few bytes.
    await holdsNoMore(t, page, session, before, { heapMB: 2.5, nodes: 200, listeners: 20 });
  });

  await t.test('keeps nothing of a page that was left', async (t) => {
    const { page } = await openLive(t, browser, (control) => control.jump(60), { shape });
    const session = await page.context().newCDPSession(page);
    const away = async (page: Page) => {
      await untilSecond(page, 60);
      await untilPlot(page, 'throughput', { points: 61 });
      await page.locator('.bar nav a[href="/runs"]').click();
      await page.locator('#content tbody a', { hasText: 'upload' }).waitFor();
    };
    const back = (page: Page) => page.locator('.bar nav a[href="/"]').click();
    for (let i = 0; i < 3; i++) {
      await away(page);
      await back(page);
    }
    await untilSecond(page, 60);
    const one = await heldBy(session);
    await away(page);
    const before = await heldBy(session);
    for (let i = 0; i < 10; i++) {
      await back(page);
      await away(page);
    }
    // The last page that was left may still be held, ten of them not.
    await holdsNoMore(t, page, session, before, { heapMB: 3, nodes: 2 * one.nodes, listeners: 2 * one.listeners });
  });
});
