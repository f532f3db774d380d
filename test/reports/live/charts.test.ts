import type { Page } from 'playwright-core';
import t from 'tap';
import { openLive } from '../../kit/live/live-page.ts';
import { openBrowser } from '../../kit/programs/chromium.ts';

t.setTimeout(180_000);

/** Keeps every uPlot that the page makes, and counts how often each one is drawn. */
const WATCH_PLOTS = `
  globalThis.plots = [];
  let real;
  Object.defineProperty(globalThis, 'uPlot', {
    configurable: true,
    set(made) { real = made; },
    get: () => real && class extends real {
      constructor(...given) {
        super(...given);
        this.draws = 0;
        this.hooks.draw.push(() => this.draws++);
        plots.push(this);
      }
    },
  });`;

interface Plot {
  readonly chart: string;
  readonly draws: number;
  readonly min: number;
  readonly max: number;
}

/** The charts that are in the document. */
function plotsOf(page: Page): Promise<Plot[]> {
  return page.evaluate(`plots.filter(({ root }) => root.isConnected).map(({ root, draws, scales: { x } }) => ({
    chart: root.closest('figure').dataset.chart, draws, min: x.min, max: x.max,
  }))`);
}

t.test('charts over time in Chromium', async (t) => {
  const browser = await openBrowser();

  await t.test('a second draws each chart in sight once, and the others not at all', async (t) => {
    const { control, page, url } = await openLive(t, browser, (control) => control.jump(60), { path: '/runs' });
    await page.addInitScript(WATCH_PLOTS);
    await page.goto(url);
    await page.locator('figure[data-chart=generator]').scrollIntoViewIfNeeded();
    await page.locator('figure[data-chart=generator] .uplot').waitFor();
    await page.evaluate('scrollTo(0, 0)');
    const pass = async () => {
      control.advance(control.newest + 1);
      await page.locator('.note', { hasText: `counts until 1:0${control.newest - 59}` }).waitFor();
      await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
      return plotsOf(page);
    };
    const before = await pass();
    const after = await pass();
    const drawn = Object.fromEntries(after.map(({ chart, draws }, i) => [chart, draws - (before[i]?.draws ?? 0)]));
    t.match(drawn, { throughput: 1, responseTime: 1, users: 0, generator: 0 });
  });

  await t.test('what somebody zooms in to stays while seconds come, until the page is left', async (t) => {
    const { control, page, url } = await openLive(t, browser, (control) => control.jump(60), { path: '/runs' });
    await page.addInitScript(WATCH_PLOTS);
    await page.goto(url);
    await page.locator('figure[data-chart=responseTime] .uplot').waitFor();
    // Limits come a moment after the first seconds, and charts are then made anew.
    await page.locator('.note', { hasText: 'counts until 1:01' }).waitFor();
    await page.locator('figure[data-chart=throughput] .plot').press('+');
    control.advance(62);
    await page.locator('.note', { hasText: 'counts until 1:03' }).waitFor();
    // Charts come in the order in which they came into sight.
    const range = async (name: string) => (await plotsOf(page)).find(({ chart }) => chart === name);
    t.match(await range('throughput'), { min: 15, max: 45 });
    t.match(await range('responseTime'), { min: 15, max: 45 });
    await page.locator('figure[data-chart=generator]').scrollIntoViewIfNeeded();
    await page.locator('figure[data-chart=generator] .uplot').waitFor();
    t.match(await range('generator'), { min: 15, max: 45 }, 'one that is drawn later shows the same');

    await page.getByRole('link', { name: 'History' }).click();
    await page.locator('#content tbody a', { hasText: 'upload' }).click();
    await page.locator('figure[data-chart=throughput] .uplot').waitFor();
    control.advance(63);
    await page.locator('.note', { hasText: 'counts until 1:04' }).waitFor();
    t.match(await range('throughput'), { min: 0, max: 63 });
  });
});
