import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { EXIT } from '../../../core/cli/exit-codes.ts';
import { freePort } from '../../../core/cli/processes/free-port.ts';
import { complaintsOf, openBrowser } from '../../kit/programs/chromium.ts';
import { RUNTIMES } from '../../runtime/suite.ts';
import { workbench } from '../bench-process.ts';
import { nullPlan } from '../plans.ts';

t.setTimeout(600_000);

const chart = 'figure[data-chart=throughput] .uplot';

/** A page that fails the test with whatever the browser complains of. */
async function openedPage(t: Test, url: string): Promise<{ page: Page; complaints: readonly string[] }> {
  const browser = await openBrowser();
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true });
  t.teardown(() => context.close());
  context.setDefaultTimeout(60_000);
  const complaints = complaintsOf(context, (asked) => asked.startsWith(url));
  const page = await context.newPage();
  await page.goto(url);
  return { page, complaints };
}

async function stopInOrder(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'STOP' }).click();
  await page.getByRole('button', { name: 'Stop in order' }).click();
}

for (const runtime of ['node', 'bun'] as const) {
  t.test(`control on ${runtime}: a run is started, edited, paused and stopped from the page`, async (t) => {
    const { folder, start, run } = workbench(t, { 'plan.yaml': nullPlan(120) });
    const control = start(['control', '--port', '0', '--store', 'runs.db', '--web', '127.0.0.1:0', '--plans', '.'], {
      runtime: RUNTIMES[runtime],
    });
    const [, url = ''] = await control.said(/(http:\/\/127\.0\.0\.1:\d+)/);
    const [, address = ''] = await control.said(/^Control on (\S+),/m);
    const agent = start(['agent', '--control', address]);
    await agent.said(/joined control/);
    const { page, complaints } = await openedPage(t, url);

    await page.locator('.outcome.pass').waitFor();
    await page.getByLabel('Number of users').fill('8');
    await page.getByLabel('Run time').fill('60');
    await page.locator('.outcome', { hasText: 'up to 8 users' }).waitFor();
    await page.getByRole('button', { name: 'START', exact: true }).click();
    await page.locator(chart).waitFor();
    await page.locator('.tiles dl > div', { hasText: 'Users' }).locator('dd', { hasText: /^8$/ }).waitFor();

    await page.getByRole('button', { name: 'EDIT' }).click();
    await page.getByRole('dialog').getByLabel('Number of users').fill('12');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.locator('.tiles dl > div', { hasText: 'Users' }).locator('dd', { hasText: /^12$/ }).waitFor();
    await page.getByRole('button', { name: 'PAUSE' }).click();
    await page.locator('.state', { hasText: 'PAUSED' }).waitFor();
    await page.getByRole('button', { name: 'RESUME' }).click();
    await page.locator('.state', { hasText: 'RUNNING' }).waitFor();
    await page.reload();
    await page.locator(chart).waitFor();
    // What was before the reload is still known.
    await page.locator('#events td', { hasText: /12 virtual users/ }).waitFor();

    await stopInOrder(page);
    const link = page.locator('#downloads a', { hasText: 'report.html' });
    await link.waitFor();
    // Until then, the page shows what the stream has told.
    await page.locator('#conclusion').waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    const runId = page.url().split('/').at(-1) ?? '';
    const reported = await run(['report', runId, '--store', 'runs.db', '--report', 'html', '--out', 'out']);
    t.equal(reported.code, 0, reported.stderr);
    t.equal(readFileSync(await download.path(), 'utf8'), readFileSync(`${folder}/out/report.html`, 'utf8'));
    t.equal(
      await page.locator('#results tfoot td:nth-child(3)').innerText(),
      /<tfoot>.*?<td[^>]*>.*?<\/td><td[^>]*>.*?<\/td><td[^>]*>(.*?)<\/td>/.exec(
        readFileSync(`${folder}/out/report.html`, 'utf8'),
      )?.[1],
      'the page and the report count the same',
    );
    t.strictSame(complaints, []);
  });
}

t.test('control is killed while a run goes on, and comes back: the page goes on with it', async (t) => {
  const { start } = workbench(t, { 'plan.yaml': nullPlan(120) });
  const [port, webPort] = [await freePort(), await freePort()];
  const places = ['--port', `${port}`, '--web', `127.0.0.1:${webPort}`];
  const startControl = () => start(['control', ...places, '--store', 'runs.db', '--plans', '.']);
  const control = startControl();
  const [, url = ''] = await control.said(/(http:\/\/127\.0\.0\.1:\d+)/);
  const [, address = ''] = await control.said(/^Control on (\S+),/m);
  const agent = start(['agent', '--control', address]);
  await agent.said(/joined control/);
  const { page } = await openedPage(t, url);
  await page.locator('.outcome.pass').waitFor();
  await page.getByRole('button', { name: 'START', exact: true }).click();
  await page.locator(chart).waitFor();
  control.kill('SIGKILL');
  await control.ended;
  await page.locator('.banner.bad').waitFor();
  const again = startControl();
  await again.said(/^Control on/m);
  await page.locator('.banner.bad').waitFor({ state: 'detached' });
  await page.locator('.state', { hasText: 'RUNNING' }).waitFor();
  await stopInOrder(page);
  await page.locator('#downloads a').first().waitFor();
  await page.locator('.state', { hasText: 'ENDED' }).waitFor();
});

t.test('a run of its own keeps its page with --web-open until Ctrl-C, and ends as the run did', async (t) => {
  const { start } = workbench(t, { 'plan.yaml': nullPlan(2) });
  const run = start(['run', 'plan.yaml', '--web', '--web-open']);
  const [, url = ''] = await run.said(/page stays at (http:\/\/127\.0\.0\.1:\d+\/) until Ctrl-C/);
  const { runs } = (await (await fetch(`${url}api/v1/runs`)).json()) as { runs: { state: string }[] };
  t.match(runs, [{ state: 'finished' }]);
  run.kill('SIGINT');
  t.not((await run.ended).code, EXIT.aborted);
  const without = start(['run', 'plan.yaml', '--web-open']);
  t.match(await without.ended, {
    code: EXIT.invalidInput,
    stderr: /--web-open keeps the page of --web open: add --web/,
  });
});
