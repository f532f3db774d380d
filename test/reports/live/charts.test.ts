import t from 'tap';
import { openLive } from '../../kit/live/live-page.ts';
import { plotsOf, untilPlot } from '../../kit/live/plots.ts';
import { untilSecond } from '../../kit/live/until.ts';
import { openBrowser } from '../../kit/programs/chromium.ts';

t.setTimeout(400_000);

t.test('charts over time in Chromium', async (t) => {
  const browser = await openBrowser();

  await t.test('a second draws each chart in sight once, and the others not at all', async (t) => {
    const { control, page } = await openLive(t, browser, (control) => control.jump(60));
    await page.locator('figure[data-chart=generator]').scrollIntoViewIfNeeded();
    await untilPlot(page, 'generator', { points: 61 });
    await page.evaluate('scrollTo(0, 0)');
    const pass = async () => {
      control.advance(control.newest + 1);
      await untilPlot(page, 'throughput', { points: control.newest + 1 });
      await untilPlot(page, 'responseTime', { points: control.newest + 1 });
      await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
      return plotsOf(page);
    };
    const before = await pass();
    const after = await pass();
    const drawn = Object.fromEntries(after.map(({ chart, draws }, i) => [chart, draws - (before[i]?.draws ?? 0)]));
    t.match(drawn, { throughput: 1, responseTime: 1, users: 0, generator: 0 });
  });

  await t.test('a chart that comes into sight shows the stretch of the others, and changes none of them', async (t) => {
    const viewport = { width: 1280, height: 700 };
    const { control, page } = await openLive(t, browser, (control) => control.jump(60), { viewport });
    await untilPlot(page, 'throughput', { points: 61, max: 60 });
    control.advance(61);
    await untilPlot(page, 'throughput', { points: 62, max: 61 });
    await page.locator('figure[data-chart=heatmap]').evaluate((chart) => chart.scrollIntoView());
    for (const chart of ['users', 'heatmap']) await untilPlot(page, chart, { min: 0, max: 61 });
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
    const others = (await plotsOf(page)).filter(({ chart }) => ['throughput', 'responseTime'].includes(chart));
    t.match(others, [
      { min: 0, max: 61 },
      { min: 0, max: 61 },
    ]);
  });

  await t.test('a chart that comes into sight moves nothing below it', async (t) => {
    const viewport = { width: 1280, height: 700 };
    const { page } = await openLive(t, browser, (control) => control.jump(60), { viewport });
    const endOf = (chart: string) =>
      page
        .locator(`figure[data-chart="${chart}"]`)
        .evaluate((figure) => figure.getBoundingClientRect().bottom + scrollY);
    const charts = ['users', 'heatmap', 'generator', 'monitor-target.queue_depth'];
    await untilPlot(page, 'throughput', { points: 61 });
    const before = await Promise.all(charts.map(endOf));
    for (const chart of charts) {
      await page.locator(`figure[data-chart="${chart}"]`).evaluate((figure) => figure.scrollIntoView());
      await untilPlot(page, chart, {});
    }
    t.strictSame(await Promise.all(charts.map(endOf)), before);
  });

  await t.test('of a long run, the heat map leaves the second of the percentiles to the table', async (t) => {
    const { control, page } = await openLive(t, browser, (control) => control.jump(2990));
    await page.locator('figure[data-chart=heatmap]').evaluate((chart) => chart.scrollIntoView());
    await untilPlot(page, 'heatmap', {});
    const heat = async () => (await plotsOf(page)).find(({ chart }) => chart === 'heatmap')?.last;
    for (const second of [3000, 3010]) {
      control.advance(second - 1);
      await untilSecond(page, second - 1);
      const before = await heat();
      control.advance(second);
      await untilSecond(page, second);
      await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
      t.equal(await heat(), before);
      // Its turn has come by then.
      control.advance(second + 5);
      await untilPlot(page, 'heatmap', { last: second + 1 });
    }
  });

  await t.test('of a long run, the heat map has its last requests when the run is over', async (t) => {
    const { control, page } = await openLive(t, browser, (control) => control.jump(2999), {
      shape: { plannedS: 3011 },
    });
    await page.locator('figure[data-chart=heatmap]').evaluate((chart) => chart.scrollIntoView());
    for (const second of [3000, 3009, 3010]) {
      control.advance(second);
      await untilSecond(page, second);
    }
    control.go('finished');
    await untilPlot(page, 'heatmap', { last: 3011 });
    t.pass();
  });

  await t.test('what somebody zooms in to stays while seconds come, until the page is left', async (t) => {
    const { control, page } = await openLive(t, browser, (control) => control.jump(60));
    // Limits come a moment after the first seconds, and charts are then made anew.
    await untilSecond(page, 60);
    for (const chart of ['throughput', 'responseTime']) await untilPlot(page, chart, { points: 61, max: 60 });
    await page.locator('figure[data-chart=throughput] .plot').press('+');
    control.advance(62);
    // Charts come in the order in which they came into sight.
    const range = async (name: string) => (await plotsOf(page)).find(({ chart }) => chart === name);
    for (const chart of ['throughput', 'responseTime']) {
      await untilPlot(page, chart, { last: 62 });
      t.match(await range(chart), { min: 15, max: 45 }, chart);
    }
    await page.locator('figure[data-chart=generator]').scrollIntoViewIfNeeded();
    await untilPlot(page, 'generator', { last: 62 });
    t.match(await range('generator'), { min: 15, max: 45 }, 'one that is drawn later shows the same');

    await page.getByRole('link', { name: 'History' }).click();
    await page.locator('#content tbody a', { hasText: 'upload' }).click();
    await untilPlot(page, 'throughput', { points: 63 });
    control.advance(63);
    await untilPlot(page, 'throughput', { last: 63 });
    t.match(await range('throughput'), { min: 0, max: 63 });
  });
});
