import t from 'tap';
import { openLive } from '../../kit/live/live-page.ts';
import { until, untilSecond } from '../../kit/live/until.ts';
import { openBrowser } from '../../kit/programs/chromium.ts';

t.setTimeout(400_000);

t.test('languages and sizes', async (t) => {
  const browser = await openBrowser();

  await t.test('Chinese has no English left, and the language can be changed', async (t) => {
    const { page } = await openLive(t, browser, (control) => control.jump(60), { locale: 'zh-CN' });
    for (const sign of [
      'figure[data-chart=throughput] .uplot',
      '#errors tbody tr',
      '#agents tbody tr',
      '#downloads button',
    ])
      await page.locator(sign).first().waitFor();
    const text = await page.locator('body').innerText();
    // Names of the simulated run, what its target answers, and what bears the same name in Chinese.
    const known =
      'bench|English|upload|insert|target|shop|example|load|agent|http|POST|Internal|Server|Error|onerror|alert';
    t.strictSame(text.match(new RegExp(`\\b(?!(?:${known})\\b)[A-Za-z]{4,}\\b`, 'g')) ?? [], []);
    await page.getByRole('button', { name: 'English' }).click();
    await page.locator('h2', { hasText: 'Statistics' }).waitFor();
    await page.reload();
    await page.locator('h2', { hasText: 'Statistics' }).waitFor();
    t.equal(await page.evaluate('document.documentElement.lang'), 'en', 'the choice stays');
  });

  await t.test('what stands above the charts does not move while its figures change', async (t) => {
    const places = `JSON.stringify([...document.querySelectorAll('.tiles dl > div, .progress span, main')]
      .map((one) => one.getBoundingClientRect()).map(({ x, y }) => [x, y]))`;
    for (const [locale, width] of [
      ['en-US', 1280],
      ['zh-CN', 1280],
      ['en-US', 1920],
    ] as const) {
      const { control, page } = await openLive(t, browser, (control) => control.jump(55), {
        locale,
        viewport: { width, height: 900 },
      });
      await page.locator('figure[data-chart=throughput] .uplot').waitFor();
      const seen = new Set([await page.evaluate(places)]);
      for (let second = 56; second <= 72; second++) {
        control.advance(second);
        await until(page, `document.querySelector('progress').value >= ${second * 1e6}`);
        seen.add(await page.evaluate(places));
      }
      t.equal(seen.size, 1, `${locale}, ${width} px`);
    }
  });

  await t.test('500 operations and 1,000 agents keep the document small', async (t) => {
    const { control, page } = await openLive(t, browser, (control) => control.jump(20), {
      shape: { operations: 500, agents: 1000 },
    });
    await page.locator('#results tbody tr').first().waitFor();
    await page.locator('#agents tbody tr').first().waitFor();
    t.ok((await page.locator('#results tbody tr').count()) < 100);
    t.ok((await page.locator('#agents tbody tr').count()) < 100);
    t.match(await page.locator('#agents h2').innerText(), /1000/);
    await page.evaluate("document.querySelector('#results .tall').scrollTo(0, 16500)");
    await page.locator('#results tbody tr', { hasText: '/api/resource/499/items' }).waitFor();
    control.advance(22);
    await untilSecond(page, 22);
    await page.locator('#results tbody tr', { hasText: '/api/resource/499/items' }).waitFor();
  });
});
