/** The routes of runs, over HTTP, beside a control on a fake clock. Each good answer is what its schema says. */
import t from 'tap';
import { BuiltinReportProvider } from '../../../core/cli/web/report-provider.ts';
import { outcomeOf } from '../../../core/verdict/conclusion/run-outcome.ts';
import { runEvents } from '../../../core/web/api/run-events.ts';
import { readResult } from '../../../reports/read-result.ts';
import { matchEach } from '../../kit/match-each.ts';
import { longPlan } from '../control/scene/stage.ts';
import { served, valid } from './web-stage.ts';

t.test('a run is started, watched, changed and stopped', async (t) => {
  const { scene, clock, get, post } = await served(t);
  const agent = await scene.agent({ name: 'a' });
  t.match(valid('info', await get('/info')), { role: 'operator', canStart: true, agents: { here: 1, idle: 1 } });
  const started = await post('/runs', { text: 'anything', agents: { expect: 1 } });
  const { runId, url } = valid('startRun', started);
  t.equal(started.headers.location, url);
  await clock.until(agent.prepare());
  await clock.until(agent.next('start'));
  await clock.advance(1e6);
  for (let at = 0; at < 2; at++) await scene.second(runId, at, [agent]);
  t.match(valid('run', await get(`/runs/${runId}`)), { runId, state: 'running', isLive: true, reports: {} });
  t.match(valid('runs', await get('/runs')), { runs: [{ runId }], after: null });
  t.match(valid('agents', await get('/agents')), { agents: [{ name: 'a', runId }] });
  t.match(valid('runAgents', await get(`/runs/${runId}/agents`)), {
    agents: [{ name: 'a', state: 'running', vus: 1 }],
  });
  t.match(valid('runPlan', await get(`/runs/${runId}/plan`)), { plan: { name: 'test run' } });
  const timeline = valid('runTimeline', await get(`/runs/${runId}/timeline?operations=0,7`));
  t.same(timeline.all.requests, [1, 1], 'the seconds that are settled');
  matchEach(t, timeline.operations, [{ index: 0, name: 'upload', columns: { requests: [1, 1] } }]);
  t.equal(timeline.operations.length, 1, 'there is no row 7');
  t.equal(timeline.heat.length, 2);
  t.same(valid('runFailures', await get(`/runs/${runId}/failures`)).failures, []);
  t.match((await get(`/runs/${runId}/result`)).json, { status: 409, detail: /no result/ });
  t.match((await get(`/runs/${runId}/reports/csv`)).json, { status: 409 });
  t.match((await get(`/runs/${runId}/view`)).json, { status: 409 });
  t.ok(valid('changeLoad', await post(`/runs/${runId}/load`, { vus: 1 })).atUs > 1e6);
  t.match((await post(`/runs/${runId}/load`, { rate: 5 })).json, {
    status: 409,
    detail: /constant-vus: give `vus`, not `rate`/,
  });
  t.match((await post(`/runs/${runId}/load`, { spawnRate: 5, pause: true })).json, {
    status: 400,
    detail: /spawnRate.*goes with a level/,
  });
  t.match((await post(`/runs/${runId}/load`, { vus: 1, pause: true })).json, { status: 400, detail: /one thing/ });
  valid('stopRun', await post(`/runs/${runId}/stop`, { reason: 'enough' }));
  matchEach(t, (await scene.control.runs.listRuns({} as never, {} as never)).runs, [{ reason: 'enough' }]);
});

t.test('a run that is stopped without a reason says which way it was stopped', async (t) => {
  const { get, post } = await served(t);
  const { runId } = valid('startRun', await post('/runs', { text: 'x' }));
  valid('stopRun', await post(`/runs/${runId}/stop`, {}));
  t.match(valid('run', await get(`/runs/${runId}`)), { reason: /an operator stopped it over the HTTP API/ });
});

t.test('a field that is not known is refused, because without it another load would be started', async (t) => {
  const { get, post } = await served(t);
  const wrong: [path: string, body: object, detail: RegExp][] = [
    ['/runs', { text: 'x', overrides: { vu: 100 } }, /overrides: unknown key "vu"; did you mean "vus"\?/],
    ['/runs', { text: 'x', override: { vus: 100 } }, /unknown key "override"; did you mean "overrides"\?/],
    ['/runs', { text: 'x', agents: { expected: 2 } }, /agents: unknown key "expected"; did you mean "expect"\?/],
    ['/runs', { text: 'x', overrides: { vus: 0 } }, /overrides\.vus: must be at least 1, not 0/],
    ['/runs', { text: 'x', overrides: { runTime: '' } }, /overrides\.runTime: must not be empty/],
    ['/plans/check', { text: 'x', vus: 20, duration: '12s' }, /unknown key "vus"; .*unknown key "duration"; /],
    ['/session', { token: 'x', role: 'operator' }, /unknown key "role"; known here: token/],
  ];
  for (const [path, body, detail] of wrong) t.match((await post(path, body)).json, { status: 400, detail }, path);
  t.same((await get('/runs')).json.runs, []);
  const { runId } = valid('startRun', await post('/runs', { text: 'x' }));
  t.match((await post(`/runs/${runId}/stop`, { abrot: true })).json, { status: 400, detail: /did you mean "abort"/ });
  t.match((await post(`/runs/${runId}/load`, { vu: 1 })).json, { status: 400, detail: /did you mean "vus"/ });
  const paused = await post(`/runs/${runId}/load`, { scenario: 'devices', pause: true });
  t.match(paused.json, { status: 400, detail: /together: leave out `scenario`/ });
  t.match((await post(`/runs/${runId}/cleanup`, { force: true })).json, { status: 400, detail: /known here: none/ });
  t.match(valid('run', await get(`/runs/${runId}`)), { state: /waiting|queued/ });
});

t.test('a run waits for its agents as long as one from the command line: 60 s', async (t) => {
  const { clock, get, post } = await served(t);
  const { runId } = valid('startRun', await post('/runs', { text: 'anything', agents: { expect: 1 } }));
  await clock.advance(59e6);
  t.match(valid('run', await get(`/runs/${runId}`)), { state: 'waiting' });
  await clock.advance(2e6);
  t.match(valid('run', await get(`/runs/${runId}`)), { state: 'failed' });
});

t.test('what is known of a run stays when it has ended', async (t) => {
  const { scene, clock, get, ask } = await served(t);
  const agent = await scene.agent({ name: 'a' });
  const runId = await scene.running([agent], {
    plan: { ...longPlan(60), thresholds: ['p95 < 1us', 'error_rate < 1%'] },
  });
  for (let at = 0; at < 3; at++) await scene.second(runId, at, [agent]);
  agent.sendDone(runId);
  await scene.ended(runId);
  t.match(valid('run', await get(`/runs/${runId}`)), { state: 'finished', isLive: false, reports: { csv: /csv$/ } });
  const timeline = valid('runTimeline', await get(`/runs/${runId}/timeline?operations=all&step=2`));
  t.same(timeline.all.requests, [1, 1], 'on average per second, also in the last step, which is shorter');
  t.equal(timeline.operations.length, 2);
  t.match(JSON.parse((await get(`/runs/${runId}/result`)).text), { runId, version: 1 });
  t.same(valid('runReports', await get(`/runs/${runId}/reports`)).reports[1], {
    format: 'csv',
    files: ['a.csv', 'b.csv'],
  });
  const view = valid('runView', await get(`/runs/${runId}/view?lang=zh-CN`));
  t.match(view, { runId, lang: 'zh-CN', verdict: { label: /./ } });
  t.ok(
    view.sections.some(({ id }: { id: string }) => id === 'results'),
    'what every report shows, in the language asked for',
  );
  const report = await get(`/runs/${runId}/reports/csv?file=b.csv`);
  t.equal(report.text, `b of ${runId}`);
  t.match(report.headers, { 'content-type': /^text\/csv/, 'content-disposition': /^attachment; filename="b.csv"$/ });
  t.match((await get(`/runs/${runId}/reports/csv?file=c.csv`)).json, { status: 404, detail: /a\.csv, b\.csv/ });
  t.match((await get(`/runs/${runId}/reports/pdf`)).json, { status: 404, detail: /json, csv/ });
  const stream = await ask('GET', `/api/v1/runs/${runId}/events`);
  const names = [...stream.text.matchAll(/^event: (.*)$/gm)].map(([, name]) => name);
  t.same(names, ['hello', 'state', 'result', 'end']);
  const hello = runEvents.hello.parse(JSON.parse(/^data: (.*)$/m.exec(stream.text)?.[1] ?? ''));
  t.match(hello.thresholds[0], { criterion: 'p95 < 1us', limit: 1, chart: 'responseTime' }, 'a line in the chart');
  t.match(hello.thresholds[1], { limit: 0.01, chart: null });
  t.match(
    await ask('POST', `/api/v1/runs/${runId}/stop`, {
      headers: { 'content-type': 'application/json', 'x-bench': '1' },
      body: '{}',
    }),
    {
      status: 409,
    },
  );
  await clock.advance(1e6);
});

t.test('the reports are those of the command', async (t) => {
  const { scene, get } = await served(t, { reports: new BuiltinReportProvider() });
  const agent = await scene.agent({ name: 'a' });
  const runId = await scene.running([agent]);
  for (let at = 0; at < 3; at++) await scene.second(runId, at, [agent]);
  agent.sendDone(runId);
  await scene.ended(runId);
  const { reports } = valid('runReports', await get(`/runs/${runId}/reports`));
  t.match(reports[0], { format: 'markdown', files: ['report.md'] });
  t.match((await get(`/runs/${runId}/reports/html`)).text, /^<!doctype html>/i);
});

t.test('reports of a run that goes on say so, and are given only to those who know it', async (t) => {
  const { scene, clock, get } = await served(t, { reports: new BuiltinReportProvider() });
  const agent = await scene.agent({ name: 'a' });
  const runId = await scene.running([agent]);
  t.match((await get(`/runs/${runId}/reports?partial=true`)).json, { status: 409, detail: /measured nothing yet/ });
  for (let at = 0; at < 2; at++) await scene.second(runId, at, [agent]);
  const json = async () => {
    const answer = await get(`/runs/${runId}/reports/json?partial=true`);
    t.match(answer.headers['content-disposition'], /^attachment; filename="result\.partial\.json"$/);
    return readResult(answer.text);
  };
  const result = await json();
  t.match(result, { ending: { kind: 'running' }, measuredUs: 2e6, timeline: { all: { requests: { length: 2 } } } });
  t.equal(outcomeOf(result), 'aborted', 'nothing has passed');
  const formats = valid('runReports', await get(`/runs/${runId}/reports?partial=true`)).reports;
  t.ok(formats.length > 5);
  for (const [format, text] of [
    ['html', 'so far: the run goes on'],
    ['markdown', 'The run goes on: these figures cover the first 2s'],
    ['junit', 'The run goes on'],
  ]) {
    t.match((await get(`/runs/${runId}/reports/${format}?partial=true`)).text, text as string, format as string);
  }
  t.match((await get(`/runs/${runId}/reports/markdown?partial=true&lang=zh-CN`)).text, /测试仍在进行/);
  await scene.second(runId, 2, [agent]);
  t.equal((await json()).timeline.all.requests.length, 2, 'made once for all who ask within a while');
  await clock.advance(10e6);
  t.equal((await json()).timeline.all.requests.length, 3);
  t.match((await get(`/runs/${runId}/reports/json`)).json, { status: 409, detail: /has not ended/ });
  agent.sendDone(runId);
  await scene.ended(runId);
  const whole = await get(`/runs/${runId}/reports/json?partial=true`);
  t.match(JSON.parse(whole.text), { ending: { kind: 'completed' } }, 'the whole one as soon as there is one');
  t.notMatch(whole.headers['content-disposition'], /partial/);
});

t.test('a start that is asked for again with the same key starts nothing more', async (t) => {
  const { get, post } = await served(t);
  const key = { 'idempotency-key': 'k1' };
  const [first, again] = await Promise.all([post('/runs', { text: 'x' }, key), post('/runs', { text: 'x' }, key)]);
  t.equal(first.json.runId, again.json.runId);
  t.equal((await post('/runs', { text: 'y' }, key)).status, 422, 'the key is that of another request');
  const other = await post('/runs', { text: 'x' }, { 'idempotency-key': 'k2' });
  t.not(other.json.runId, first.json.runId);
  t.equal((await get('/runs')).json.runs.length, 2);
});

t.test('runs are listed in pages, by name, state and verdict', async (t) => {
  const { post, get } = await served(t);
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) ids.push((await post('/runs', { text: 'x' })).json.runId);
  const first = valid('runs', await get('/runs?limit=2'));
  t.equal(first.runs.length, 2);
  const second = valid('runs', await get(`/runs?limit=2&after=${first.after}`));
  t.same([...first.runs, ...second.runs].map(({ runId }: { runId: string }) => runId).toSorted(), ids.toSorted());
  t.equal(second.after, null);
  t.match((await get('/runs?after=none')).json, { status: 400, detail: /nothing here is called none/ });
  const rest = valid('runs', await get(`/runs?q=${second.runs[0].runId}&after=${first.after}`));
  t.equal(rest.runs.length, 1, 'also after a run that is not among those asked for');
  t.equal(valid('runs', await get('/runs?q=TEST')).runs.length, 3);
  t.equal(valid('runs', await get(`/runs?q=${ids[0]}`)).runs.length, 1);
  t.equal(valid('runs', await get('/runs?state=finished')).runs.length, 0);
  for (const [query, detail] of [
    ['limit=0', /limit: must be a whole number from 1 to 500, not 0/],
    ['limit=abc', /limit: must be a whole number from 1 to 500, not "abc"/],
    ['limit=', /limit: must be a whole number from 1 to 500, not ""/],
    ['state=foo', /state: must be one of queued, waiting, .*, prepared, not "foo"/],
    ['verdict=x', /verdict: must be one of pass, fail, invalid, aborted, no-criteria, not "x"/],
    ['stat=failed', /unknown key "stat"; did you mean "state"\?/],
    ['tag=a&tag=b', /the query has "tag" twice: give it once/],
  ] as const) {
    t.match((await get(`/runs?${query}`)).json, { status: 400, detail }, query);
  }
  t.match((await get(`/runs/${ids[0]}?foo=1`)).json, { status: 400, detail: /unknown key "foo"; known here: none/ });
});

t.test('agents are listed in pages by name, and those that have left break no page off', async (t) => {
  const { scene, clock, get } = await served(t);
  const agents = [];
  for (const name of ['c', 'a', 'b']) agents.push(await scene.agent({ name }));
  const first = valid('agents', await get('/agents?limit=2'));
  t.match(first, { agents: [{ name: 'a' }, { name: 'b' }], after: 'b' });
  agents[2]?.cut();
  while ((await scene.agents()).length > 2) await clock.advance(1000);
  t.match(valid('info', await get('/info')), { agents: { here: 2, idle: 2 } });
  t.match(valid('agents', await get('/agents?limit=2&after=b')), { agents: [{ name: 'c' }], after: null });
});

t.test('what is not there is said, and where it might be', async (t) => {
  const { get, post } = await served(t);
  for (const path of [
    '/runs/none',
    '/runs/none/plan',
    '/runs/none/timeline',
    '/runs/none/events',
    '/runs/none/failures',
  ]) {
    const { status, headers, json } = await get(path);
    t.equal(status, 404, path);
    t.match(headers['content-type'], /^application\/problem\+json/);
    t.match(json, { title: 'Not Found', status: 404, detail: /there is no run none/ });
  }
  t.equal((await post('/runs/none/stop', {})).status, 404);
  t.match((await get('/else')).json, { status: 404, detail: /openapi\.json/ });
  t.equal((await get('/runs/%zz')).status, 400);
});

t.test('a control of one run starts no others', async (t) => {
  const { get, post } = await served(t, { plans: undefined });
  t.match((await get('/info')).json, { canStart: false, hasPlans: false });
  t.match((await post('/runs', { text: 'x' })).json, { status: 409, detail: /belongs to one run/ });
  t.equal((await post('/plans/check', { text: 'x' })).status, 409);
});

t.test('a run that waits, or has no figures yet, has empty ones', async (t) => {
  const { scene, get } = await served(t);
  const runId = await scene.start(longPlan(5));
  t.match(valid('run', await get(`/runs/${runId}`)), { state: /waiting|queued/ });
  t.match(valid('runTimeline', await get(`/runs/${runId}/timeline`)), { from: 0, to: -1, all: { requests: [] } });
  t.same(valid('runAgents', await get(`/runs/${runId}/agents`)).agents, []);
});
