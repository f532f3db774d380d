/** The page of a real control in Chinese: what control says of a plan, of a request that it refuses and of a run, is Chinese too. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { ContentCache } from '../../../core/bundle/content-cache.ts';
import { FolderPlanProvider } from '../../../core/cli/web/plan-provider.ts';
import { LogFeed } from '../../../core/web/log-feed.ts';
import { serveWeb } from '../../../core/web/web-server.ts';
import { pageFiles } from '../../../reports/live/page-files.ts';
import { sceneClock } from '../../core/control/scene/scene-clock.ts';
import { stage } from '../../core/control/scene/stage.ts';
import { fakePlans, fakeReports } from '../../core/web/web-stage.ts';
import { openBrowser } from '../../kit/programs/chromium.ts';
import { latinIn, untranslated } from '../../kit/untranslated.ts';

t.setTimeout(400_000);

const PLAN = `name: shop
target: http://127.0.0.1:1
params: { users: { default: 5 } }
scenarios:
  users:
    executor: constant-vus
    vus: \${param.users}
    duration: 10s
    operations:
      - driver: 'null'
thresholds: ['error_rate < 1']
`;
/** What bears the same name in Chinese, and what is called so in the plans and runs of this test. */
const NAMES = [
  ...[
    'bench',
    'English',
    'Start',
    'YAML',
    'JSON',
    'HTTP',
    'host',
    'null',
    'noop',
    'constant',
    'error_rate',
    'users',
    'shop',
  ],
  ...[
    'yaml',
    'broken',
    'large',
    'test',
    'devices',
    'upload',
    'health',
    'scenarios',
    'duration',
    'driver',
    'thresholds',
    'name',
    'operations',
  ],
  ...['http', 'grpc', 'milvus', 'mysql', 'direct', 'value', 'params', 'POST'],
];

/** @param runId which may have any letters */
async function checkText(t: Test, page: Page, what: string, runId = ''): Promise<void> {
  const all = await page.locator('body').innerText();
  const names = await page.locator('code').allInnerTexts();
  const text = [runId, ...names].filter((name) => name !== '').reduce((rest, name) => rest.replaceAll(name, '|'), all);
  t.strictSame(untranslated(text), [], what);
  t.strictSame(
    latinIn(text).filter((word) => !NAMES.includes(word)),
    [],
    what,
  );
}

t.test('a Chinese page', async (t) => {
  const clock = sceneClock();
  const { control } = await stage(t, { clock });
  const folder = t.testdir({
    plans: {
      'a.yaml': PLAN,
      'bad.yaml': PLAN.replace("'null'", 'noop').replace('10s', 'soon').replace('error_rate < 1', 'p96x < 5ms'),
      'broken.yaml': 'scenarios: {}\nname: [1, 2]\nnmae: x\n',
    },
    cache: {},
  });
  const cache = new ContentCache(join(folder, 'cache'));
  const folderPlans = new FolderPlanProvider({ folder: join(folder, 'plans'), cache, variablePrefix: undefined });
  let runs = fakePlans.prepare;
  const plans = {
    ...fakePlans,
    list: () => folderPlans.list(),
    check: folderPlans.check.bind(folderPlans),
    prepare: (source: object) => runs(source),
  };
  const web = await serveWeb({
    ...{ control, plans, reports: fakeReports, clock, log: () => {} },
    ...{ listen: { host: '127.0.0.1', port: 0 }, page: await pageFiles(), logFeed: new LogFeed(clock) },
  });
  let isServed = true;
  const close = async () => {
    if (isServed) await web.close();
    isServed = false;
  };
  t.teardown(close);
  const browser = await openBrowser();
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'zh-CN' });
  t.teardown(() => context.close());
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  await page.goto(`${web.url}start`);
  const failed = page.locator('.outcome.fail').first();

  await page.locator('.outcome.pass').waitFor();
  t.match(await page.locator('.outcome.pass').innerText(), /允许 100% 的/, 'a doubt about the plan');
  await checkText(t, page, 'the form');
  for (const file of ['bad.yaml', 'broken.yaml']) {
    await page.locator('select').selectOption(file);
    await failed.waitFor();
    t.ok((await failed.locator('li').count()) >= 3);
    await checkText(t, page, file);
    await page.locator('select').selectOption('a.yaml');
    await page.locator('.outcome.pass').waitFor();
  }
  await page.getByLabel('运行时长').fill('soon');
  await failed.waitFor();
  await checkText(t, page, 'an override that is wrong');
  await page.getByLabel('运行时长').fill('20');
  await page.getByLabel('用户数', { exact: true }).fill('8');
  await page.locator('.outcome.pass', { hasText: '由于' }).waitFor();
  await checkText(t, page, 'what overrides make of the load');
  await page
    .getByLabel('上传文件')
    .or(page.getByLabel('或上传文件'))
    .setInputFiles({
      ...{ name: 'large.yaml', mimeType: 'text/yaml', buffer: Buffer.alloc(2 << 20, ' ') },
    });
  await page.locator('.complaint').waitFor();
  t.match(await page.locator('.complaint').innerText(), /超过 1 MiB/);

  await t.test('what is refused is said in Chinese where it was asked', async (t) => {
    const start = page.getByRole('button', { name: '启动', exact: true });
    await page.locator('details.fold summary').first().click();
    const labels = page.getByLabel('仅限带有这些标签的代理');
    await labels.fill(`${'x'.repeat(90)}=1`);
    await start.click();
    await page.locator('main > form > .complaint', { hasText: '标签' }).waitFor();
    await checkText(t, page, 'labels that no agent can have');
    await labels.fill('');
    runs = (source) => folderPlans.prepare({ ...source, overrides: { vus: 8, params: { x: '1' } } });
    await start.click();
    await page.locator('.complaint', { hasText: '计划有' }).waitFor();
    await failed.waitFor();
    await checkText(t, page, 'a plan that has changed meanwhile');
    runs = fakePlans.prepare;
    await start.click();
    await page.locator('header.run').waitFor();
    await page.locator('.before').waitFor();
    const runId = page.url().split('/').at(-1) ?? '';
    await checkText(t, page, 'a run that waits', runId);
    await page.getByRole('button', { name: /添加标签或备注/ }).click();
    await page.getByRole('dialog').getByLabel('标签').fill('!');
    await page.getByRole('dialog').getByRole('button', { name: '保存' }).click();
    await page.getByRole('dialog').locator('.complaint', { hasText: '第 1 个标签' }).waitFor();
    await page.getByRole('button', { name: '取消' }).click();
    await fetch(`${web.url}api/v1/runs/${runId}/stop`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json', 'x-bench': '1' }, body: '{}' },
    });
    await page.locator('.state', { hasText: '无结果' }).waitFor();
    await page.locator('header.run', { hasText: '操作员' }).waitFor();
    await checkText(t, page, 'a run without a result', runId);
    await page.locator('nav').getByText('历史').click();
    await page.locator('td', { hasText: '在负载开始之前停止：操作员通过' }).waitFor();
    await checkText(t, page, 'the history', runId);
  });

  await close();
  await page.getByRole('searchbox').fill('x');
  await page.locator('.complaint', { hasText: '控制端没有响应' }).waitFor();
});
