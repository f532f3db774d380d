import t from 'tap';
import { openLive } from '../../kit/live/live-page.ts';
import { untilSecond } from '../../kit/live/until.ts';
import { openBrowser } from '../../kit/programs/chromium.ts';

t.setTimeout(400_000);

t.test('what people say of a run, in Chromium', async (t) => {
  const browser = await openBrowser();

  await t.test('an operator writes it on the page of the run, and finds the run by it', async (t) => {
    const { control, page, url, complaints } = await openLive(t, browser, (control) => control.jump(20));
    await page.getByRole('button', { name: /^(Add|Edit).*: Tags and note/ }).click();
    await page.getByRole('textbox', { name: 'Tags' }).fill('nightly, build:42');
    await page.getByRole('textbox', { name: 'Note' }).fill('with the new cache\n<b>and</b> more');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('.notes', { hasText: '<b>and</b> more' }).waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    t.strictSame(control.changes, [
      {
        method: 'PATCH',
        path: '/runs/k3x9q0a1b2c4',
        body: { note: 'with the new cache\n<b>and</b> more', tags: ['nightly', 'build:42'] },
      },
    ]);
    const [asked] = await Promise.all([
      page.waitForRequest((request) => request.url().includes('/runs?')),
      page.locator('.notes a', { hasText: 'nightly' }).click(),
    ]);
    t.match(asked.url(), /[?&]tag=nightly\b/);
    await page.waitForURL(`${url}/runs?tag=nightly`);
    await page.locator('tbody tr', { hasText: 'with the new cache' }).waitFor();
    const [all] = await Promise.all([
      page.waitForRequest((request) => request.url().includes('/runs?')),
      page.getByRole('link', { name: 'Show all runs' }).click(),
    ]);
    t.notMatch(all.url(), /tag=/);
    await page.getByRole('button', { name: /^Edit: Tags and note, upload/ }).click();
    t.equal(await page.getByRole('textbox', { name: 'Tags' }).inputValue(), 'nightly build:42');
    await page.getByRole('textbox', { name: 'Tags' }).fill('');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('tbody .tags').waitFor({ state: 'detached' });
    t.strictSame(complaints, []);
  });

  await t.test('what control refuses stands in the window where it was asked for', async (t) => {
    const { page } = await openLive(t, browser, (control) => control.jump(20), { path: '/runs' });
    await page.route(/\/runs\/k3x9q0a1b2c4$/, (route) =>
      route.fulfill({ status: 400, json: { title: 'Bad Request', detail: 'tag 1 must have 1 to 50 letters' } }),
    );
    await page.getByRole('button', { name: /^(Add|Edit).*: Tags and note/ }).click();
    await page.getByRole('textbox', { name: 'Tags' }).fill('-');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').getByText('tag 1 must have').waitFor();
  });

  await t.test('a viewer reads it', async (t) => {
    const { page } = await openLive(
      t,
      browser,
      (control) => {
        control.jump(20);
        control.notes = { note: 'as it was', tags: ['weekly'] };
      },
      { shape: { role: 'viewer' } },
    );
    await page.locator('.notes', { hasText: 'as it was' }).waitFor();
    await untilSecond(page, 20);
    t.equal(await page.getByRole('button', { name: /^(Add|Edit)\b.*Tags and note/ }).count(), 0);
    await page.locator('.bar nav a[href="/runs"]').click();
    await page.locator('tbody tr', { hasText: 'weekly' }).waitFor();
    t.equal(await page.getByRole('button', { name: /^(Add|Edit)\b.*Tags and note/ }).count(), 0);
  });
});
