import type { Request } from 'playwright-core';
import t from 'tap';
import { formatRate } from '../../../core/verdict/quantity.ts';
import { runEvents } from '../../../core/web/api/run-events.ts';
import { ApiError } from '../../../core/web/api-error.ts';
import type { FakeControl } from '../../kit/live/fake-control.ts';
import { openLive, tile } from '../../kit/live/live-page.ts';
import { untilPlot } from '../../kit/live/plots.ts';
import { HOSTILE_MESSAGE } from '../../kit/live/simulated-run.ts';
import { says, until, untilSecond } from '../../kit/live/until.ts';
import { openBrowser } from '../../kit/programs/chromium.ts';

t.setTimeout(400_000);

t.test('the page of a run in Chromium', async (t) => {
  const browser = await openBrowser();

  await t.test('shows a run from its first second on, and after a reload from there too', async (t) => {
    const { control, page, complaints } = await openLive(t, browser, () => {});
    await page.locator('.state', { hasText: 'WAITING' }).waitFor();
    t.equal(await page.locator('#agents').count(), 0, 'nothing is known of agents yet but how many are here');
    control.go('running');
    control.advance(30);
    await untilSecond(page, 30);
    await says(t, tile(page, 'Users'), String(control.run.vus(30)));
    const lastTen = Array.from({ length: 10 }, (_, i) => control.run.all(21 + i).rps);
    await says(t, tile(page, 'Requests/s'), formatRate(lastTen.reduce((a, b) => a + b) / 10));
    t.match(await page.locator('#results tfoot').innerText(), /Aggregated/);
    control.advance(40);
    await page.reload();
    await untilSecond(page, 40);
    await untilPlot(page, 'throughput', { first: 0, points: 41 });
    await page.locator('figure[data-chart=throughput] .plot').press('ArrowRight');
    const legend = page.locator('figure[data-chart=throughput] .u-legend');
    await says(t, legend, /0:00/, 'the chart begins with the run');
    t.strictSame(complaints, []);
  });

  await t.test('tables sort, filter, and open an operation; hostile text is shown, not run', async (t) => {
    const { page, complaints } = await openLive(t, browser, (control) => control.jump(60));
    const rows = page.locator('#results tbody tr');
    await rows.nth(2).waitFor();
    await page.locator('#results thead button', { hasText: 'Requests' }).click();
    await says(t, rows.first(), /测试数据上传接口/, 'the most first');
    await page.locator('#results input[type=search]').fill('insert');
    await page.locator('#results tbody tr:only-child').waitFor();
    await page.locator('#results .pick').click();
    await page.locator('figure[data-chart=operation-response] .uplot').waitFor();
    await page.locator('#errors td', { hasText: HOSTILE_MESSAGE }).first().waitFor();
    t.strictSame(complaints, []);
  });

  await t.test('nothing stands over an open choice of columns, nor a name over its neighbour', async (t) => {
    const { page } = await openLive(t, browser, (control) => control.jump(60));
    await page.locator('#results .picker summary').click();
    const hidden = await page.locator('#results .picker label').evaluateAll((labels) =>
      labels.filter((label) => {
        label.scrollIntoView({ block: 'center' });
        const { left, top, width, height } = label.getBoundingClientRect();
        return document.elementFromPoint(left + width / 2, top + height / 2)?.closest('label') !== label;
      }),
    );
    t.equal(hidden.length, 0);

    const shape = { operations: 80, names: ['W'.repeat(16), '宽'.repeat(8), '@'.repeat(30)] };
    const many = await openLive(t, browser, (control) => control.jump(60), { shape });
    await many.page.locator('#results .tall tbody tr').nth(2).waitFor();
    const cells = await many.page
      .locator('#results .tall tbody td:nth-child(2)')
      .evaluateAll((names) =>
        names
          .slice(0, 3)
          .map((name) => [name.scrollWidth > name.clientWidth, getComputedStyle(name).overflowX] as const),
      );
    t.strictSame(cells, [
      [false, 'visible'],
      [false, 'visible'],
      [true, 'hidden'],
    ]);
  });

  await t.test('figures stay those of their rows while rows and columns are chosen and sorted', async (t) => {
    const { control, page } = await openLive(t, browser, (control) => control.jump(60));
    const columns = page.locator('#results .picker');
    const sort = page.locator('#results thead button', { hasText: 'Requests' });
    await columns.locator('summary').click();
    await sort.click();
    for (const choose of [
      async () => sort.click(),
      async () => columns.getByLabel('Median').uncheck(),
      async () => page.locator('#results .pick').first().click(),
      async () => columns.getByLabel('Median').check(),
      async () => sort.click(),
    ]) {
      await choose();
      control.advance(control.newest + 10);
      await untilSecond(page, control.newest);
      const { ops } = runEvents.second.parse(control.run.second(control.newest));
      const shown = await page.locator('#results .scroll tbody tr').evaluateAll((rows) =>
        rows.map((row) => {
          const cells = [...(row as HTMLTableRowElement).cells].map(({ innerText }) => innerText);
          return [row.ariaRowIndex, cells[1], cells[2]?.replaceAll(',', '')];
        }),
      );
      const isRising = (await page.locator('#results [aria-sort]').getAttribute('aria-sort')) === 'ascending';
      const wanted = control.run.operations().map(({ name }, i) => [name, String(ops.requests[i])]);
      if (isRising) wanted.reverse();
      t.strictSame(
        shown,
        wanted.map((cells, i) => [String(i + 2), ...cells]),
        String(choose),
      );
    }
  });

  await t.test('thresholds are shown as the report shows them', async (t) => {
    const { page } = await openLive(t, browser, (control) => control.jump(60), { shape: { trouble: 50 } });
    const rows = page.locator('#thresholds tbody tr');
    await says(t, rows.nth(0), /^✗ failed\s+p95 < 200ms\s+[\d.]+ ms\s+200 ms\s+–/);
    await says(t, rows.nth(1), /^✗ failed\s+error_rate < 1%\s+11(\.\d+)?%\s+1%\s+–/);
    const good = await openLive(t, browser, (control) => control.jump(60));
    await says(t, good.page.locator('#thresholds tbody tr').nth(1), /^✓ passed\s+error_rate < 1%\s+0\.04%\s+1%\s+96%/);
  });

  await t.test('what drivers count is shown while the run goes on, and not where it says nothing', async (t) => {
    const { page, control } = await openLive(t, browser, (control) => control.jump(60), {
      shape: { ratios: ['search.recall', 'search.precision'] },
    });
    await says(t, tile(page, 'search.recall'), '95%');
    await says(t, tile(page, 'search.precision'), '–');
    const rows = page.locator('#ratios tbody tr');
    await says(t, rows.nth(0), /^search\.recall\s+5700\s+6000\s+95%\s*$/);
    await says(t, rows.nth(1), /^search\.precision\s+5700\s+6000\s+–\s+rows were written while it was measured$/);
    control.advance(70);
    await says(t, rows.nth(0), /^search\.recall\s+6650\s+7000\s+95%\s*$/);
  });

  await t.test('eight tabs take one stream, and go on when the one that has it closes', async (t) => {
    const { control, url, context, page, complaints } = await openLive(t, browser, (control) => control.jump(20));
    await untilSecond(page, 20);
    const others = await Promise.all(Array.from({ length: 7 }, () => context.newPage()));
    await Promise.all(others.map((other) => other.goto(url)));
    await Promise.all(others.map((other) => untilSecond(other, 20)));
    t.equal(control.streams, 1);
    await page.close();
    control.advance(21);
    await control.untilStreams(2);
    control.advance(23);
    await Promise.all(others.map((other) => untilSecond(other, 23)));
    t.strictSame(complaints, []);
  });

  await t.test('a control that goes and comes back leaves no gap, and the page says when it is gone', async (t) => {
    const { control, page, url } = await openLive(t, browser, (control) => control.jump(20));
    await untilSecond(page, 20);
    await control.close();
    await page.locator('.banner.bad', { hasText: 'Control does not answer.' }).waitFor();
    control.advance(25);
    await control.listen(Number(new URL(url).port));
    await page.locator('.banner.bad').waitFor({ state: 'detached' });
    control.advance(26);
    await untilPlot(page, 'throughput', { first: 0, last: 26, points: 27 });
    for (let i = 0; i < 3; i++) await page.locator('figure[data-chart=throughput] .plot').press('ArrowLeft');
    await says(t, page.locator('figure[data-chart=throughput] .u-legend'), /0:24/);
  });

  await t.test('a control that does not answer at first is told, and waited for', async (t) => {
    const { page, url } = await openLive(t, browser, (control) => control.jump(20), { path: '/runs' });
    await page.route(/runs\/[^/]+\/events$/, (route) => route.abort());
    await page.goto(url);
    await page.locator('.banner.bad', { hasText: 'Control does not answer.' }).waitFor();
    await page.unrouteAll();
    await untilSecond(page, 20);
    t.equal(await page.locator('.banner', { hasText: 'Control does not answer.' }).count(), 0);
  });

  await t.test(
    'what control no longer keeps is asked for again, and the page knows that control answers',
    async (t) => {
      const { control, page } = await openLive(t, browser, (control) => control.jump(20));
      await untilSecond(page, 20);
      control.emit('reload', {});
      control.emit('hello', control.run.hello('running', 20));
      control.advance(21);
      await untilSecond(page, 21);
      await untilPlot(page, 'throughput', { first: 0, points: 22 });
      t.equal(await page.getByText('Control does not answer.').count(), 0);
    },
  );

  await t.test('seconds that could not be had are asked for until they are there', async (t) => {
    const setUp = (control: FakeControl) => {
      control.jump(20);
      control.refusals = (_, path) => (path.endsWith('/timeline') ? new ApiError(503, 'not now') : undefined);
    };
    const { control, page, url } = await openLive(t, browser, setUp, { path: '/runs' });
    const isAsking = (request: Request) => request.url().includes('/timeline');
    let asking = 0;
    const answered: string[] = [];
    page.on('request', (request) => isAsking(request) && asking++);
    page.on('requestfinished', (request) => isAsking(request) && asking--);
    page.on('response', (response) => {
      if (isAsking(response.request()) && response.ok()) answered.push(response.url());
    });
    await page.goto(url);
    await untilSecond(page, 20);
    control.advance(21);
    control.newest = 29;
    control.advance(30);
    await untilSecond(page, 30);
    while (asking > 0) await page.waitForEvent('requestfinished', isAsking);
    control.refusals = () => undefined;
    // The page may hear of the last refusal after a second more: then the next one asks.
    const pass = async () => {
      control.advance(control.newest + 1);
      await untilSecond(page, control.newest);
    };
    while (answered.length === 0) await pass();
    await untilPlot(page, 'throughput', { first: 0, points: control.newest + 1 });
    await pass();
    await pass();
    t.match(answered, { length: 1, 0: /from=0&to=29&step=1$/ }, 'all of them at once, and only once');
  });

  await t.test('a tab that hears late of a long run asks for as much as it can draw', async (t) => {
    const { control, page } = await openLive(t, browser, () => {});
    await page.locator('.state', { hasText: 'WAITING' }).waitFor();
    const asking = page.waitForRequest(/timeline/);
    control.jump(7200);
    control.emit('second', control.run.second(7200));
    t.match((await asking).url(), /from=0&to=7199&step=4$/);
  });

  await t.test('RESET VIEW counts from now on, in this page only', async (t) => {
    const { control, page } = await openLive(t, browser, (control) => control.jump(30));
    const size = page.locator('#results tfoot td').nth(-3);
    await says(t, size, /^\d/);
    await page.getByLabel('Service time').check();
    await page.locator('button', { hasText: 'RESET VIEW' }).click();
    const banner = page.locator('.banner', { hasText: 'in this page only' });
    await banner.waitFor();
    control.advance(31);
    const { rps } = control.run.all(31);
    await page
      .locator('#results tfoot td', { hasText: new RegExp(`^${rps}$`) })
      .first()
      .waitFor();
    t.strictSame(control.changes, [], 'control hears nothing of it');
    t.equal(await size.innerText(), '–', 'the size of a part of the run is not known');
    t.equal(await page.getByLabel('Service time').count(), 0, 'nor are its service times');
    await page.locator('button', { hasText: 'SHOW ALL' }).click();
    await banner.waitFor({ state: 'detached' });
    t.ok(await page.getByLabel('Service time').isChecked());
  });

  await t.test('of a long run, the page asks for fewer points when it has too many', async (t) => {
    const { control, page } = await openLive(t, browser, (control) => control.jump(0), { shape: { plannedS: 9000 } });
    await page.locator('#results tbody tr').first().waitFor();
    const asked = page.waitForRequest(/timeline\?from=0&to=36\d\d&step=3$/);
    for (let second = 300; second <= 3700; second += 200) {
      control.advance(second);
      await until(page, `document.querySelector('progress')?.value >= ${(second + 1) * 1e6}`);
    }
    await asked;
  });
});
