import t from 'tap';
import { ApiError } from '../../../core/web/api-error.ts';
import { makeView } from '../../../reports/view.ts';
import type { FakeControl, Refusals } from '../../kit/live/fake-control.ts';
import { openLive } from '../../kit/live/live-page.ts';
import { says, until, untilSecond } from '../../kit/live/until.ts';
import { openBrowser } from '../../kit/programs/chromium.ts';
import { manyFailures } from '../../kit/results/many-failures.ts';

t.setTimeout(400_000);

const COME_BACK = new ApiError(503, 'come back later');

/** What the tiles were called when there first were any. */
const WATCH_TILES = `
  new MutationObserver(() => {
    const tiles = [...document.querySelectorAll('.tiles dt')].map(({ textContent }) => textContent);
    if (tiles.length > 0) globalThis.firstTiles ??= tiles;
  }).observe(document, { childList: true, subtree: true });`;

const FAILURE = {
  ...{ journey: null, phase: 'measure', kind: 'http_500', count: 3, message: 'no', firstSecond: 1, lastSecond: 2 },
  samples: [{ atUs: 1e6, durationUs: 5, agent: 'a', message: 'the first', sent: 'GET /', received: '' }],
};

t.test('the pages beside that of a run, and what is left behind on the way, in Chromium', async (t) => {
  const browser = await openBrowser();

  await t.test('the log shows each line once, however often its stream begins anew', async (t) => {
    const { page, context, url } = await openLive(t, browser, (control) => control.jump(20), { path: '/runs' });
    let opened = 0;
    const line = (text: string) =>
      `event: line\ndata: ${JSON.stringify({ at: '2026-11-30T05:00:00.000Z', level: 'info', text, runId: null })}\n\n`;
    await context.route(/\/api\/v1\/log$/, async (route) => {
      opened++;
      const body = `retry: 100\n\n${line('one')}${line('two')}${opened > 2 ? line('three') : ''}`;
      await route.fulfill({ contentType: 'text/event-stream', body });
    });
    await page.goto(`${url}/log`);
    await page.locator('.log li', { hasText: 'three' }).waitFor();
    const other = await context.newPage();
    await other.goto(`${url}/log`);
    await other.locator('.log li', { hasText: 'three' }).waitFor();
    // The stream ends at once and begins anew each time, and until its first line has come there is none.
    const shown = `[...document.querySelectorAll('.log li')].map(({ innerText }) => innerText.split(' ').at(-1)).join()`;
    for (const one of [page, other]) {
      t.equal(await until(one, `${shown}.includes('three') && ${shown}`), 'one,two,three');
    }
  });

  await t.test(
    'what the page begins with is asked for once, before its scripts have come, and drawn at once',
    async (t) => {
      const { context, control, url } = await openLive(t, browser, (control) => control.jump(20), { path: '/runs' });
      const page = await context.newPage();
      await page.addInitScript(WATCH_TILES);
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url().slice(url.length)));
      await context.route(/\/assets\/page\.js$/, async (route) => {
        await until(page, 'globalThis.early');
        await page.evaluate('early.isKnown');
        await route.continue();
      });
      await page.goto(url);
      await untilSecond(page, 20);
      const first = ['/assets/words.en.json', '/api/v1/session', '/api/v1/info', '/api/v1/runs?limit=20'];
      t.strictSame(
        first.map((path) => asked.filter((one) => one === path).length),
        [1, 1, 1, 1],
      );
      t.equal(control.streams, 1);
      t.match(await page.evaluate('firstTiles'), ['Users', 'Requests/s']);
    },
  );

  await t.test('failures by the thousands, with texts of somebody who means harm', async (t) => {
    const setUp = (control: FakeControl) => {
      control.jump(20);
      control.state = 'finished';
    };
    const { page, context, url, complaints } = await openLive(t, browser, setUp, { path: '/runs' });
    await context.addInitScript("localStorage.setItem('bench-columns-view-errors', '{\"a\":')");
    const view = JSON.stringify(makeView(manyFailures(200, 50), 'en'));
    await context.route(/\/view\?/, (route) => route.fulfill({ contentType: 'application/json', body: view }));
    await page.goto(`${url}/runs/k3x9q0a1b2c4`);
    const rows = page.locator('#errors tbody tr');
    await rows.nth(20).waitFor();
    t.ok((await rows.count()) < 200, 'only those in sight are in the document');
    t.equal(await page.locator('#errors table').getAttribute('aria-rowcount'), '10001');
    await page.locator('#errors input[type=search]').fill('137.49 ');
    await page.locator('#errors tbody tr:only-child').waitFor();
    t.match(await rows.innerText(), /137\.49 \ufffd/, 'nothing turns the writing around');
    t.notMatch(await page.locator('#errors').innerText(), /\p{Bidi_Control}/u);
    t.strictSame(complaints, []);
  });

  await t.test('an address whose end is no text leads to no run, and breaks nothing', async (t) => {
    const { page, complaints } = await openLive(t, browser, (control) => control.jump(20), { path: '/runs/%E0%A4%A' });
    await page.locator('.lead', { hasText: '%E0%A4%A' }).waitFor();
    t.ok(
      complaints.every((complaint) => /40\d/.test(complaint)),
      complaints.join(),
    );
  });

  await t.test('a refresh that succeeds takes back the complaint of the one before', async (t) => {
    const { control, page, url } = await openLive(t, browser, (control) => control.jump(20));
    await page.locator('h1', { hasText: 'upload' }).waitFor();
    await until(page, 'document.title.includes("upload")');
    await control.untilPage();
    const refusals: Refusals = (method, path) =>
      method === 'GET' && (path === '/runs' || path === '/agents') ? COME_BACK : undefined;
    for (const [path, change] of [
      ['/runs', () => control.go('running')],
      ['/agents', () => control.emitPage('agents', { here: 1, idle: 1 })],
    ] as const) {
      control.refusals = refusals;
      await page.locator(`.bar nav a[href="${path}"]`).click();
      await page.getByText('come back later').waitFor();
      t.equal(await page.title(), 'bench', 'and the title is no longer that of the run');
      control.refusals = () => undefined;
      change();
      await page.getByText('come back later').waitFor({ state: 'detached' });
    }
    t.match(page.url(), url);
  });

  await t.test('samples of a failure are shown under no other one', async (t) => {
    const { page } = await openLive(t, browser, (control) => {
      const failures = [0, 1].map((operation) => ({ ...FAILURE, operation, count: 3 - operation, samples: [] }));
      const percentiles = { ...control.run.percentiles(20), failures };
      control.run.percentiles = () => percentiles;
      control.jump(20);
    });
    let isAnswering = true;
    await page.route(/\/failures$/, async (route) => {
      if (isAnswering) await route.fulfill({ json: { failures: [{ ...FAILURE, operation: 0 }] } });
    });
    await page.locator('#errors .pick').nth(1).waitFor();
    await page.locator('#errors .pick').nth(0).click();
    await page.locator('.samples details').waitFor();
    isAnswering = false;
    await page.locator('#errors .pick').nth(1).click();
    await page.locator('.samples h3', { hasText: '服务健康检查' }).waitFor();
    t.equal(await page.locator('.samples details').count(), 0);
  });

  await t.test('where no runs can be started, nothing leads there', async (t) => {
    const { control, page } = await openLive(t, browser, (control) => {
      control.jump(20);
      control.canStart = false;
    });
    await page.getByRole('button', { name: 'STOP' }).waitFor();
    t.strictSame(await page.locator('.bar nav a').allInnerTexts(), ['Run', 'History', 'Agents', 'Log']);
    control.go('finished');
    control.emit('result', control.result());
    control.emit('end', {});
    await page.locator('#downloads a').first().waitFor();
    await page.getByRole('button', { name: 'STOP' }).waitFor({ state: 'detached' });
    t.equal(await page.getByRole('link', { name: 'NEW TEST' }).count(), 0);
  });

  await t.test('an address that leads nowhere says so, and where to go', async (t) => {
    const { url, page } = await openLive(t, browser, (control) => control.jump(20));
    for (const [path, told] of [
      ['/runs/nope', 'There is no run nope.'],
      ['/nope', 'There is no such page.'],
    ]) {
      await page.goto(`${url}${path}`);
      await page.getByText(told as string).waitFor();
      t.equal(await page.locator('main a').getAttribute('href'), '/runs');
      t.equal(await page.getByRole('button', { name: /START|STOP/ }).count(), 0);
    }
  });

  await t.test('START pressed again asks for the same run, and with other fields for another', async (t) => {
    const { control, page } = await openLive(t, browser, (control) => {
      control.state = 'none';
    });
    control.refusals = (method, path) => (method === 'POST' && path === '/runs' ? COME_BACK : undefined);
    const start = page.getByRole('button', { name: 'START', exact: true });
    await page.locator('.outcome.pass').waitFor();
    const keyOf = async () => {
      const [response] = await Promise.all([page.waitForResponse(/\/runs$/), start.click()]);
      return response.request().headers()['idempotency-key'];
    };
    const first = await keyOf();
    t.match(first, /^[0-9a-f]{32}$/);
    t.equal(await keyOf(), first);
    await page.getByLabel('Number of users').fill('7');
    t.not(await keyOf(), first);
  });

  await t.test('an agent is behind when it is silent, and busy when its core is', async (t) => {
    const { control, page } = await openLive(t, browser, (control) => control.jump(60));
    await untilSecond(page, 60);
    await page.locator('#agents tbody tr').nth(3).waitFor();
    const [one, two] = control.run.agents(60).rows;
    control.emit('agents', {
      total: 4,
      rows: [
        { ...one, second: 10, cpuCores: 0.97 },
        { ...two, second: 10, state: 'lost' },
      ],
    });
    const lost = page.locator('#agents tbody tr', { hasText: 'lost' });
    await lost.waitFor();
    await says(t, lost.locator('td').last(), '50');
    const busy = page.locator('#agents tbody tr', { hasText: 'agent-001' });
    await says(t, busy.locator('td').last(), '0');
    await says(t, busy.locator('td.bad'), '0.97');
  });
});
