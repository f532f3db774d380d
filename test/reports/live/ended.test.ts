import t from 'tap';
import { makeView } from '../../../reports/view.ts';
import { openLive } from '../../kit/live/live-page.ts';
import { untilPlot } from '../../kit/live/plots.ts';
import { says, until } from '../../kit/live/until.ts';
import { openBrowser } from '../../kit/programs/chromium.ts';
import { DOCUMENT_002, resultOf } from '../../kit/results/documents.ts';

t.setTimeout(400_000);

t.test('a run that has ended, in Chromium', async (t) => {
  const browser = await openBrowser();

  await t.test('shows the rows of the reports, its charts and its files', async (t) => {
    const { page, complaints } = await openLive(
      t,
      browser,
      (control) => {
        control.jump(60);
        control.state = 'finished';
      },
      { path: '/runs/k3x9q0a1b2c4' },
    );
    const view = makeView(resultOf(DOCUMENT_002), 'en');
    const results = view.sections.find(({ id }) => id === 'results');
    // Until its view has come, the page shows what it knows itself; and charts come with the seconds.
    await page.locator('#conclusion').waitFor();
    await untilPlot(page, 'throughput', { points: 61 });
    const heights =
      "[...plots].filter(({ root }) => root.closest('figure')?.dataset.chart === 'responseTime').map(({ scales }) => scales.y.max)";
    await until(page, `${heights}.some((highest) => highest >= 200)`);
    t.strictSame(
      await page.locator('#results tfoot td').allInnerTexts(),
      results?.table?.rows.at(-1)?.map(({ text }) => text),
    );
    const sections = await page.locator('details.section').evaluateAll((all) => all.map(({ id }) => id));
    t.strictSame(
      sections.toSorted(),
      [...view.sections.map(({ id }) => id), 'main-charts', 'conclusion', 'more-charts', 'downloads'].toSorted(),
      'every section, and its own beside',
    );
    t.strictSame(
      await page.locator('.contents a').evaluateAll((all) => all.map((link) => link.getAttribute('href'))),
      sections.map((id) => `#${id}`),
      'the contents are what there is, in its order',
    );
    await page.locator('#monitors figure').first().scrollIntoViewIfNeeded();
    await page.locator('#monitors .uplot').first().waitFor();
    t.match(await page.locator('#conclusion').innerText(), view.conclusion[0] ?? '?');
    await page.locator('#downloads a').nth(2).waitFor();
    t.strictSame(await page.locator('#downloads a').allInnerTexts(), ['report.html', 'stats.csv', 'history.csv']);
    t.strictSame(await page.locator('header.run .title button').allInnerTexts(), [], 'nothing is left to control');
    t.strictSame(complaints, []);
  });

  await t.test('stays where it was watched to its end', async (t) => {
    const { control, page } = await openLive(t, browser, (control) => control.jump(20));
    await page.locator('.state', { hasText: 'RUNNING' }).waitFor();
    control.go('finished');
    control.emit('result', control.result());
    control.emit('end', {});
    await page.locator('.verdict', { hasText: 'Passed' }).waitFor();
    await page.getByRole('link', { name: 'NEW TEST' }).waitFor();
    t.equal(await page.locator('.banner').count(), 0, 'and no alarm is raised by the end of the stream');
  });

  await t.test('runs are found in the history and laid side by side', async (t) => {
    const { page, url, complaints } = await openLive(
      t,
      browser,
      (control) => {
        control.jump(60);
        control.state = 'finished';
        control.ended = ['one', 'two'];
      },
      { path: '/runs' },
    );
    await page.locator('#content tbody a', { hasText: 'upload' }).waitFor();
    await page.goto(`${url}/compare?runs=k3x9q0a1b2c4,one,two`);
    await page.locator('figure[data-chart=compared-p95] .uplot').waitFor();
    await says(t, page.locator('#compared-p95 tbody'), /\(=\)/, 'runs with the same figures do not differ');
    t.strictSame(complaints, []);
  });
});
