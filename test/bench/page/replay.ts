import type { Browser, CDPSession, Page } from 'playwright-core';
import { FakeControl } from '../../kit/live/fake-control.ts';
import { DEFAULT_SHAPE, SimulatedRun } from '../../kit/live/simulated-run.ts';

/** What a browser bears that watches one run for long. */
export interface PageReplay {
  /** CPU time of the page's main thread for each second that came in: reading, drawing, layout; milliseconds. The page is at its top. */
  readonly updatesMs: readonly number[];
  /** The same, with the table of the operations in sight. */
  readonly tableUpdatesMs: readonly number[];
  /** Of the page, after each simulated hour, without garbage. */
  readonly heapBytes: readonly number[];
}

export interface ReplayShape {
  readonly operations: number;
  readonly agents: number;
  readonly hours: number;
  /** How many updates are measured in either place, one after the other. */
  readonly updates: number;
}

const HOUR_S = 3600;
/** So many seconds fit into what a stream may be behind by. */
const BATCH_S = 20;
/** A page draws at most each 50 ms: longer than this, an update is over. */
const UPDATE_MS = 250;

/** Replays a run of hours in a browser, in minutes; then measures single updates at their usual pace. */
export async function replayInPage(
  browser: Browser,
  shape: ReplayShape,
  progress: (line: string) => void,
): Promise<PageReplay> {
  const { operations, agents, hours, updates } = shape;
  const plannedS = (hours + 1) * HOUR_S;
  const control = new FakeControl(new SimulatedRun({ ...DEFAULT_SHAPE, operations, agents, plannedS }));
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  try {
    const url = await control.listen();
    control.jump(0);
    page.setDefaultTimeout(120_000);
    await page.goto(url);
    await page.locator('#results tbody tr').first().waitFor();
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    const heapBytes: number[] = [];
    for (let hour = 1; hour <= hours; hour++) {
      for (let second = control.newest; second < hour * HOUR_S; ) {
        second = Math.min(hour * HOUR_S, second + BATCH_S);
        control.advance(second);
        await shown(page, second);
      }
      heapBytes.push(await heapOf(session));
      progress(`hour ${hour}: heap ${Math.round((heapBytes.at(-1) ?? 0) / 1e5) / 10} MB`);
    }
    const updatesMs = await updatesOf(session, control, updates);
    await page.evaluate('document.querySelector("#results").scrollIntoView()');
    const tableUpdatesMs = await updatesOf(session, control, updates);
    return { updatesMs, tableUpdatesMs, heapBytes };
  } finally {
    await page.close();
    await control.close();
  }
}

async function updatesOf(session: CDPSession, control: FakeControl, updates: number): Promise<number[]> {
  const updatesMs: number[] = [];
  for (let i = 0; i < updates; i++) {
    const before = await threadMs(session);
    control.advance(control.newest + 1);
    await new Promise((resolve) => setTimeout(resolve, UPDATE_MS));
    updatesMs.push((await threadMs(session)) - before);
  }
  return updatesMs;
}

/** Waits until the page has this second: the stream is then empty. */
async function shown(page: Page, second: number): Promise<void> {
  while (Number(await page.evaluate('document.querySelector("progress")?.value')) < (second + 1) * 1e6) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function heapOf(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize;
}

/** A thread's own time does not count what else a busy host does. */
async function threadMs(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return 1e3 * (metrics.find(({ name }) => name === 'ThreadTime')?.value ?? 0);
}
