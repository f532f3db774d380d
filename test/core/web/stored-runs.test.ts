/** What is stored of runs, changed and deleted over HTTP, beside a control on a fake clock. */
import t from 'tap';
import { BuiltinReportProvider } from '../../../core/cli/web/report-provider.ts';
import { RunStore, StoreError } from '../../../core/control/store/run-store.ts';
import { packResult } from '../../../proto/stored-run.ts';
import { longPlan } from '../control/scene/stage.ts';
import { type Served, served, valid } from './web-stage.ts';

const OWN = { 'content-type': 'application/json', 'x-bench': '1' };

function changing({ ask }: Served) {
  return {
    patch: (runId: string, body: object) =>
      ask('PATCH', `/api/v1/runs/${runId}`, { headers: OWN, body: JSON.stringify(body) }),
    remove: (runId: string, query = '') => ask('DELETE', `/api/v1/runs/${runId}${query}`, { headers: OWN }),
  };
}

async function endedRun({ scene }: Served): Promise<string> {
  const agent = await scene.agent({ name: 'a' });
  const runId = await scene.running([agent]);
  for (let at = 0; at < 3; at++) await scene.second(runId, at, [agent]);
  agent.sendDone(runId);
  await scene.ended(runId);
  return runId;
}

t.test('a run has a note and tags: from its start, while it goes on and when it has ended', async (t) => {
  const stage = await served(t);
  const { get, post, scene } = stage;
  const { patch } = changing(stage);
  const started = await post('/runs', { text: 'x', note: 'the new cache', tags: ['nightly', 'build:42'] });
  const { runId } = valid('startRun', started);
  t.match(valid('run', await get(`/runs/${runId}`)), { note: 'the new cache', tags: { length: 2 } });
  const told: unknown[] = [];
  t.teardown(scene.control.watchRuns({ changed: ({ note, tags }) => told.push({ note, tags }), deleted: () => {} }));
  t.match(valid('changeRun', await patch(runId, { tags: ['weekly', 'weekly'] })), { note: 'the new cache' });
  t.same(told, [{ note: 'the new cache', tags: ['weekly'] }], 'pages that are open are told');
  await scene.stop(runId, 'enough');
  await scene.ended(runId);
  const changed = valid('changeRun', await patch(runId, { note: 'slow:\r\nthe index is missing' }));
  t.match(changed, { note: 'slow:\nthe index is missing', state: 'failed' });
  t.same(changed.tags, ['weekly'], 'what is left out stays');
  await Promise.all([patch(runId, { note: 'both at once: index' }), patch(runId, { tags: ['weekly', 'slow'] })]);
  const both = valid('run', await get(`/runs/${runId}`));
  t.match(both, { note: 'both at once: index', tags: ['weekly', 'slow'] }, 'neither is lost');
  t.match(told.at(-1), { note: 'both at once: index', tags: ['weekly', 'slow'] });
  const other = valid('startRun', await post('/runs', { text: 'x' })).runId;
  const idsOf = async (query: string) =>
    valid('runs', await get(`/runs?${query}`)).runs.map((run: { runId: string }) => run.runId);
  t.same(await idsOf('tag=weekly'), [runId]);
  t.same(await idsOf('tag=week'), []);
  t.same(await idsOf('q=INDEX'), [runId], 'a note is searched, too');
  t.same(await idsOf('q=WEEK'), [runId], 'and part of a tag');
  t.same(await idsOf('q=test'), [other, runId]);
  const words = ['ทดสอบ', 'परीक्षण', '夜间'];
  t.same(valid('changeRun', await patch(other, { tags: words })).tags, words, 'in any writing');
});

t.test('a note or tags that are not right change nothing', async (t) => {
  const stage = await served(t);
  const { get, post } = stage;
  const { patch } = changing(stage);
  const { runId } = valid('startRun', await post('/runs', { text: 'x', note: 'as it was' }));
  for (const [body, detail] of [
    [{ note: 'x'.repeat(2001) }, /note/],
    [{ note: 'a \u001b[31mred one' }, /do not print/],
    [{ tags: ['good', ' bad'] }, /tag 2 must have/],
    [{ tags: Array.from({ length: 21 }, (_, i) => `t${i}`) }, /at most 20/],
    [{ tags: 'one' }, /tags/],
    [{ tag: ['one'] }, /unknown key "tag"; did you mean "tags"\?/],
    [{ note: 'new', verdict: 'pass' }, /unknown key "verdict"/],
    [{}, /changes nothing: give `note`, `tags` or both/],
  ] as const) {
    t.match((await patch(runId, body)).json, { status: 400, detail });
  }
  t.equal((await patch('none', { note: '' })).status, 404);
  t.match((await post('/runs', { text: 'x', tags: [''] })).json, { status: 400, detail: /tag 1/ });
  t.match(valid('run', await get(`/runs/${runId}`)), { note: 'as it was', tags: { length: 0 } });
});

t.test('a run that has ended is deleted with its result, unless it is part of a baseline', async (t) => {
  const stage = await served(t);
  const { get, scene } = stage;
  const { remove } = changing(stage);
  const runId = await endedRun(stage);
  t.equal((await get(`/runs/${runId}/result`)).status, 200);
  await scene.control.runs.setBaseline({ name: 'main', runIds: [runId] } as never, {} as never);
  t.match((await remove(runId)).json, { status: 409, detail: /part of the baseline main/ });
  await scene.control.runs.removeBaseline({ name: 'main' } as never, {} as never);
  const page = new AbortController();
  const events = await fetch(`${stage.url}api/v1/events`, { signal: page.signal });
  t.equal((await remove(runId)).status, 204);
  await scene.clock.advance(1e6);
  const decoder = new TextDecoder();
  let told = '';
  for await (const bytes of events.body ?? []) {
    told += decoder.decode(bytes);
    if (told.includes('deleted')) break;
  }
  t.match(told, `event: deleted\ndata: {"runId":"${runId}"}\n`, 'pages that are open are told');
  page.abort();
  for (const path of ['', '/result', '/reports', '/timeline', '/events']) {
    t.equal((await get(`/runs/${runId}${path}`)).status, 404, path);
  }
  t.same(valid('runs', await get('/runs')).runs, []);
  t.equal((await remove(runId)).status, 404);
});

t.test('a run whose drivers could not clean up is not deleted before they have', async (t) => {
  let isBusy = true;
  const cleanup = async () => {
    if (isBusy) throw new Error('the table is locked');
  };
  const stage = await served(t, {}, { driver: { cleanup } });
  const { remove } = changing(stage);
  const runId = await endedRun(stage);
  t.match((await remove(runId)).json, { status: 409, detail: new RegExp(`POST /api/v1/runs/${runId}/cleanup`) });
  isBusy = false;
  t.match(valid('cleanUp', await stage.post(`/runs/${runId}/cleanup`, {})), { problems: { length: 0 } });
  t.equal((await remove(runId)).status, 204);
});

t.test('a run that can never be cleaned up is deleted on demand, and none that is under way', async (t) => {
  const cleanup = () => Promise.reject(new Error('the database is gone'));
  const stage = await served(t, {}, { driver: { cleanup } });
  const { remove } = changing(stage);
  const runId = await endedRun(stage);
  t.match((await remove(runId)).json, { status: 409, detail: /\?force=true/ });
  t.match((await remove(runId, '?force=maybe')).json, { status: 400, detail: /^the query is not right: force: / });
  t.equal((await remove(runId, '?force=true')).status, 204);
  const next = await stage.scene.start(longPlan(3));
  t.match((await remove(next, '?force=true')).json, { status: 409, detail: /under way/ });
});

t.test('a run that was deleted elsewhere is not read any more', async (t) => {
  const stage = await served(t);
  const { get, scene } = stage;
  const runId = await endedRun(stage);
  for (const path of ['result', 'view']) t.equal((await get(`/runs/${runId}/${path}`)).status, 200);
  await scene.control.runs.deleteRun({ runId } as never, {} as never);
  for (const path of ['result', 'view', 'reports', 'timeline', 'plan', 'agents', 'failures']) {
    t.equal((await get(`/runs/${runId}/${path}`)).status, 404, path);
  }
  t.equal((await get(`/compare?runs=${runId},${runId}x`)).status, 404);
});

t.test('a list of runs goes on behind a run that was deleted after it was told', async (t) => {
  const stage = await served(t);
  const { get, post, scene } = stage;
  const runIds: string[] = [];
  for (let i = 0; i < 3; i++) {
    const { runId } = valid('startRun', await post('/runs', { text: 'x' }));
    await scene.stop(runId, 'enough');
    await scene.ended(runId);
    await scene.clock.advance(1e6);
    runIds.unshift(runId);
  }
  const first = valid('runs', await get('/runs?limit=2'));
  t.equal((await changing(stage).remove(first.runs[1].runId)).status, 204);
  const rest = valid('runs', await get(`/runs?after=${first.after}`));
  t.same(
    [...first.runs, ...rest.runs].map(({ runId }) => runId),
    runIds,
  );
  t.equal((await get('/runs?after=nothing_there')).status, 400);
});

t.test('a run that is under way is not deleted', async (t) => {
  const stage = await served(t);
  const runId = await stage.scene.start(longPlan(3));
  t.match((await changing(stage).remove(runId)).json, { status: 409, detail: /under way: stop it first/ });
  t.equal((await stage.get(`/runs/${runId}`)).status, 200);
});

t.test('no answer holds what would steer the terminal of whoever asks with curl, and it reads as it was', async (t) => {
  const stage = await served(t);
  const { get } = stage;
  const reason = 'enough\u009b31m \u202egnihton';
  t.intercept(RunStore.prototype, 'list', {
    value: async () => [
      { runId: 'r1', name: reason, createdAt: '', state: 'failed', verdict: '', reason, note: '', tags: [] },
    ],
  });
  const { text, json } = await get('/runs');
  t.notMatch(text, /[\u0080-\u009f\u202e]/);
  t.match(text, /enough\\u009b31m \\u202egnihton/);
  t.equal(json.runs.length, 1);
});

t.test('a result that is damaged in the store, or of another version, is told and no fault of control', async (t) => {
  const faults: string[] = [];
  const log = (line: string) => faults.push(line);
  const stage = await served(t, { reports: new BuiltinReportProvider(), log });
  const { get } = stage;
  const runId = await endedRun(stage);
  const whole = (await get(`/runs/${runId}/result`)).text;
  const texts = ['{}', 'null', whole.slice(0, -9), whole.replace('"version":1', '"version":2'), '{"version":1}'];
  const cut = (await packResult([whole])).subarray(0, 200);
  for (const kept of [...(await Promise.all(texts.map((text) => packResult([text])))), cut, Buffer.from(whole)]) {
    t.intercept(RunStore.prototype, 'result', {
      value: async function* () {
        yield kept;
      },
    });
    const other = await endedRun(stage);
    for (const path of [
      'result',
      'view?lang=en',
      'timeline',
      'failures',
      'agents',
      'plan',
      'reports',
      'reports/html',
    ]) {
      const { status, json: told } = await get(`/runs/${other}/${path}`);
      t.match(
        [status, told.detail],
        [409, /^the result of run \w+ cannot be read: .*`bench report \w+` says more$/],
        path,
      );
    }
    t.equal((await get(`/runs/${other}/events`)).status, 409);
    t.match((await get(`/compare?runs=${runId},${other}`)).json, { status: 409, detail: /cannot be read/ });
  }
  t.strictSame(faults, []);
});

t.test(
  'a store that is away is neither a damaged result nor a fault of control, and only the log says where it is',
  async (t) => {
    const lines: string[] = [];
    const stage = await served(t, { reports: new BuiltinReportProvider(), log: (line) => lines.push(line) });
    const runId = await endedRun(stage);
    const value = () => {
      throw new StoreError('the store mysql://10.0.0.1/bench cannot be read: the database gave no answer within 15 s');
    };
    t.intercept(RunStore.prototype, 'result', { value });
    t.intercept(RunStore.prototype, 'list', { value });
    for (const path of [`/runs/${runId}/result`, `/runs/${runId}/events`, '/runs']) {
      const { status, headers, json } = await stage.get(path);
      t.match([status, headers['retry-after'], json.detail], [503, '5', /^control cannot use its store/], path);
    }
    t.match(lines, [/10\.0\.0\.1/, /10\.0\.0\.1/, /10\.0\.0\.1/]);
  },
);
