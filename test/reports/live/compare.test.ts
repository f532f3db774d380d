import t from 'tap';
import { openLive } from '../../kit/live/live-page.ts';
import { openBrowser } from '../../kit/programs/chromium.ts';

t.setTimeout(400_000);

t.test('runs side by side, in Chromium', async (t) => {
  const browser = await openBrowser();
  const opened = (runs: readonly string[], locale = 'en-US') =>
    openLive(
      t,
      browser,
      (control) => {
        control.jump(20);
        control.ended = runs;
      },
      { path: `/compare?runs=${runs.join(',')}`, locale },
    );

  await t.test('two are told in the words of `bench compare`, with intervals', async (t) => {
    const { page, complaints } = await opened(['one', 'two']);
    const words = page.locator('#compared-B');
    await words.locator('.outcome.fail', { hasText: 'Worse' }).waitFor();
    t.strictSame(await words.locator('thead th').allInnerTexts(), [
      ...['Name', 'Figure', 'Before', 'After', 'Change', '95% interval', 'Result'],
    ]);
    const median = words.locator('tbody tr', { hasText: 'Median' }).first();
    t.match(await median.innerText(), /\+\d+(\.\d+)?%\s+\+\d+(\.\d+)?% … \+\d+(\.\d+)?%\s+worse/);
    await words.getByText('What else differs').waitFor();
    await words.getByText('How the figures were compared').waitFor();
    t.equal(
      await words.getByRole('link', { name: 'markdown' }).getAttribute('href'),
      '/api/v1/compare/markdown?runs=one%2Ctwo&lang=en',
    );
    t.strictSame(complaints, []);
  });

  await t.test('of more, each can be chosen', async (t) => {
    const { page } = await opened(['one', 'two', 'three']);
    await page.locator('#compared-C .outcome').waitFor();
    const [asked] = await Promise.all([
      page.waitForRequest(/compare\/view/),
      page.getByLabel('In words, against run A:').selectOption('B'),
    ]);
    t.match(asked.url(), /runs=one%2Ctwo/);
    await page.locator('#compared-B .outcome').waitFor();
    await page.locator('#compared-median tbody tr').first().waitFor();
  });

  await t.test('the older comes first, in whatever order they were ticked', async (t) => {
    const { page } = await openLive(t, browser, (control) => control.jump(20), { path: '/start' });
    const run = { name: 'upload', state: 'finished', verdict: 'pass', reason: '', note: '', tags: [] };
    const runs = ['newer', 'older'].map((runId, i) => ({
      ...run,
      runId,
      createdAt: `2026-11-${30 - i}T05:00:00.000Z`,
    }));
    await page.route(/\/api\/v1\/runs\?/, (route) => route.fulfill({ json: { runs, after: null } }));
    await page.locator('.bar nav a[href="/runs"]').click();
    await page.getByLabel('Compare upload newer').check();
    await page.getByRole('button', { name: 'Compare', exact: true, disabled: true }).waitFor();
    await page.getByLabel('Compare upload older').check();
    await page.getByRole('button', { name: 'Compare 2 runs' }).click();
    await page.waitForURL('**/compare?runs=older,newer');
  });

  await t.test('runs of other loads say so first, in Chinese as well', async (t) => {
    const { page } = await opened(['one', 'other'], 'zh-CN');
    const [asked] = await Promise.all([
      page.waitForRequest(/compare\/view\?.*force=true/),
      page.getByRole('button', { name: '仍然对比' }).click(),
    ]);
    t.match(asked.url(), /lang=zh-CN/);
    await page.locator('#compared-B .outcome').waitFor();
    t.notMatch(await page.locator('#compared-B').innerText(), /[a-z]{4,} [a-z]{3,} [a-z]{2,}/);
  });
});
