import t from 'tap';
import { ApiError } from '../../../core/web/api-error.ts';
import { openLive } from '../../kit/live/live-page.ts';
import { says, untilSecond } from '../../kit/live/until.ts';
import { openBrowser } from '../../kit/programs/chromium.ts';

t.setTimeout(400_000);

t.test('the controls of the page in Chromium', async (t) => {
  const browser = await openBrowser();

  await t.test('a run is started with the four fields, edited, paused, resumed and stopped', async (t) => {
    const { control, page, complaints } = await openLive(t, browser, (control) => {
      control.state = 'none';
    });
    await page.getByLabel('Number of users').fill('120');
    await page.getByLabel('Spawn rate').fill('10');
    await page.getByLabel('Host').fill('http://127.0.0.1:8080');
    await page.getByLabel('Run time').fill('90');
    await page.getByText('Tags and note').click();
    await page.getByRole('textbox', { name: 'Tags' }).fill('nightly, build:42');
    await page.getByRole('textbox', { name: 'Note' }).fill('with the new cache');
    await page.locator('.outcome.pass').waitFor();
    control.state = 'waiting';
    await page.getByRole('button', { name: 'START', exact: true }).click();
    await page.locator('.state', { hasText: 'WAITING' }).waitFor();
    t.match(page.url(), /\/runs\/k3x9q0a1b2c4$/);
    const started = control.changes.find(({ path }) => path === '/runs');
    t.strictSame(started?.body, {
      file: 'upload.yaml',
      overrides: { vus: 120, spawnRate: 10, host: 'http://127.0.0.1:8080', runTime: '90s' },
      agents: {},
      note: 'with the new cache',
      tags: ['nightly', 'build:42'],
    });

    control.go('running');
    control.advance(20);
    await untilSecond(page, 20);
    await page.getByRole('button', { name: 'EDIT' }).click();
    const level = page.getByRole('dialog').getByLabel('Number of users');
    t.ok(Number(await level.inputValue()) > 10, 'it begins with the present number, not with 0');
    await level.fill('200');
    await page.getByRole('dialog').getByLabel('Spawn rate').fill('25');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const press = (name: string) =>
      Promise.all([page.waitForResponse(/\/load$/), page.getByRole('button', { name }).click()]);
    await press('PAUSE');
    control.paused = true;
    control.advance(21);
    await page.locator('.state.paused', { hasText: 'PAUSED' }).waitFor();
    await press('RESUME');
    control.paused = false;
    control.advance(22);
    await page.getByRole('button', { name: 'STOP' }).click();
    const stop = page.getByRole('button', { name: 'Stop in order' });
    await stop.waitFor();
    // Before the start, the plan was checked as often as something was typed.
    const changes = () => control.changes.filter(({ path }) => path.startsWith('/runs/'));
    t.equal(changes().filter(({ path }) => path.endsWith('/stop')).length, 0, 'it asks first');
    await Promise.all([page.waitForResponse(/\/stop$/), stop.click()]);
    control.go('draining');
    await Promise.all([page.waitForResponse(/\/stop$/), page.getByRole('button', { name: 'CUT OFF' }).click()]);
    t.equal(changes().length, 5);
    t.match(
      changes().map(({ path, body }) => [path.split('/').at(-1), body]),
      [
        ['load', { scenario: 'devices', vus: 200, spawnRate: 25 }],
        ['load', { pause: true }],
        ['load', { resume: true }],
        ['stop', { reason: 'stopped from the web page' }],
        ['stop', { abort: true }],
      ],
    );
    t.strictSame(complaints, []);
  });

  await t.test('a plan with problems says where and what to do, and cannot be started', async (t) => {
    const { page } = await openLive(t, browser, (control) => {
      control.state = 'none';
    });
    await page.locator('.outcome.pass').waitFor();
    await page.locator('select').selectOption('broken.yaml');
    await says(t, page.locator('.outcome.fail'), /Line 7.*scenarios\.devices\.duraton.*Did you mean/s);
    t.ok(await page.getByRole('button', { name: 'START', exact: true }).isDisabled());
  });

  await t.test('what control refuses is said where it was asked', async (t) => {
    const { control, page } = await openLive(t, browser, (control) => control.jump(20));
    control.refusals = (_, path) => (path.endsWith('/load') ? new ApiError(409, 'The run is ending.') : undefined);
    await page.getByRole('button', { name: 'PAUSE' }).click();
    // An alert of its own tells after some seconds that no newer ones have come.
    await says(t, page.locator('header.run [role=alert]'), 'The run is ending.');
  });

  await t.test('an answer that comes late closes no question that was opened after its own', async (t) => {
    const { control, page } = await openLive(t, browser, (control) => control.jump(20));
    await untilSecond(page, 20);
    const pass = async () => {
      control.advance(control.newest + 1);
      await untilSecond(page, control.newest);
    };
    let late = Promise.resolve(200);
    await page.route(/\/load$/, async (route) => {
      const status = await late;
      await route.fulfill({ status, json: status === 200 ? { atUs: 21e6 } : { detail: 'The run is ending.' } });
    });
    for (const asked of ['PAUSE', 'RESUME', 'EDIT']) {
      control.paused = asked === 'RESUME';
      await pass();
      for (const [next, title] of [
        ['STOP', 'Stop the run?'],
        ['EDIT', 'Edit the running load'],
      ] as const) {
        for (const status of [200, 409]) {
          let answer = () => {};
          late = new Promise((resolve) => {
            answer = () => resolve(status);
          });
          const asking = page.waitForRequest(/\/load$/);
          await page.getByRole('button', { name: asked }).click();
          if (asked === 'EDIT') {
            await page.getByRole('button', { name: 'Apply' }).click();
            await page.getByRole('button', { name: 'Cancel' }).click();
            await page.getByRole('dialog').waitFor({ state: 'detached' });
          }
          await asking;
          await page.getByRole('button', { name: next }).click();
          const question = page.getByRole('dialog', { name: title });
          await question.waitFor();
          const answered = page.waitForResponse(/\/load$/);
          answer();
          await (await answered).finished();
          await pass();
          const complaint = page.getByText('The run is ending.');
          if (status === 409) await complaint.waitFor();
          const pair = `${asked}, then ${next}, then ${status}`;
          t.ok(await question.isVisible(), pair);
          t.equal(await question.getByRole('alert').count(), 0, 'what went wrong elsewhere is not said in it');
          t.equal(await complaint.count(), status === 409 ? 1 : 0, 'but it is said');
          await question.getByRole('button', { name: 'Cancel' }).click();
          await question.waitFor({ state: 'detached' });
        }
      }
    }
  });

  await t.test('a viewer has no controls', async (t) => {
    const { page } = await openLive(t, browser, (control) => control.jump(20), { shape: { role: 'viewer' } });
    await untilSecond(page, 20);
    t.strictSame(await page.locator('header.run button').allInnerTexts(), ['RESET VIEW']);
    t.strictSame(await page.locator('.bar nav a').allInnerTexts(), ['Run', 'History', 'Agents']);
  });

  await t.test('reports of a run that goes on are made for whoever asks', async (t) => {
    const { control, page } = await openLive(t, browser, (control) => control.jump(20));
    const downloads = page.locator('#downloads');
    const asked: string[] = [];
    page.on('request', (request) => request.url().includes('/reports') && asked.push(request.url()));
    await downloads.getByText('what was measured so far').waitFor();
    t.strictSame(asked, []);
    await downloads.getByRole('button', { name: 'Reports of now' }).click();
    const link = downloads.getByRole('link', { name: 'stats.csv' });
    t.match(await link.getAttribute('href'), /\/reports\/csv\?lang=en&file=stats\.csv&partial=true$/);
    t.match(asked.join(), /\/reports\?partial=true$/);
    control.go('finished');
    control.emit('result', control.result());
    control.emit('end', {});
    await downloads.getByText('what was measured so far').waitFor({ state: 'detached' });
    t.match(await link.getAttribute('href'), /\/reports\/csv\?lang=en&file=stats\.csv$/);
  });
});
