/** Comparisons of runs over HTTP, beside a control on a fake clock. */
import t from 'tap';
import { RunStore } from '../../../core/control/store/run-store.ts';
import type { PlanInput } from '../../../core/plan/schema.ts';
import { Comparisons } from '../../../core/web/handlers/comparison.ts';
import { fakePlan, longPlan } from '../control/scene/stage.ts';
import { directly, storeFile } from '../control/scene/stored-runs.ts';
import { type Served, served, valid } from './web-stage.ts';

const ofUsers = (vus: number) =>
  ({ ...fakePlan, scenarios: { devices: { ...fakePlan.scenarios.devices, vus } } }) as PlanInput;

async function endedRun({ scene }: Served, plan = longPlan(3)): Promise<string> {
  const agent = await scene.agent({ name: `agent ${(await scene.list()).length}` });
  const runId = await scene.running([agent], { plan });
  for (let at = 0; at < 3; at++) await scene.second(runId, at, [agent]);
  agent.sendDone(runId);
  await scene.ended(runId);
  agent.cut();
  while ((await scene.agents()).length > 0) await scene.clock.advance(1000);
  return runId;
}

t.test('two runs of a plan are compared, also as a document', async (t) => {
  const stage = await served(t);
  const { get } = stage;
  const [before, after] = [await endedRun(stage), await endedRun(stage)];
  const answer = await get(`/compare?runs=${before},${after}&tolerance=0.05&force=true`);
  const comparison = valid('comparison', answer);
  t.same(comparison, answer.json, 'the schema says all of it');
  t.match(comparison, { before: [before], after: [after], tolerance: 0.05, rows: [{ figures: [{ figure: 'rps' }] }] });
  t.equal(comparison.rows.length, 3, 'all operations together, and each of the two');
  const spoken = (await get(`/compare?runs=${before},${after}&lang=zh-CN&force=true`)).json;
  t.match(spoken.rows[0].figures[0].reason.text, /\p{Script=Han}/u);
  const shown = await get(`/compare/view?runs=${before},${after}&lang=zh-CN&force=true`);
  t.same(valid('comparisonView', shown), shown.json, 'and so does that of what reports show');
  t.equal(shown.json.table.rows[0].length, shown.json.table.columns.length);
  t.match(shown.json.outcomeLabel, /\p{Script=Han}/u);
  const report = await get(`/compare/markdown?runs=${before},${after}&force=true`);
  t.match(report.text, /^# test run: /);
  t.match(report.headers, { 'content-disposition': 'attachment; filename="comparison.md"' });
  t.match((await get(`/compare/pdf?runs=${before},${after}`)).json, { status: 404, detail: /json, markdown/ });
});

t.test('several runs have several before them, by id or by the name of a baseline', async (t) => {
  const stage = await served(t);
  const { get, scene } = stage;
  const ids = [];
  for (let i = 0; i < 4; i++) ids.push(await endedRun(stage));
  const [a, b, c, d] = ids as [string, string, string, string];
  const byIds = await get(`/compare?runs=${c},${d}&baseline=${a},${b}&force=true`);
  t.match(valid('comparison', byIds), { before: [a, b], after: [c, d], method: 'runs' });
  await scene.control.runs.setBaseline({ name: 'main', runIds: [a, b] } as never, {} as never);
  const byName = await get(`/compare?runs=${c},${d}&baseline=main&force=true`);
  t.same(byName.json, byIds.json);
});

t.test('a baseline whose row is damaged is told', async (t) => {
  const file = storeFile(t);
  await (await RunStore.open(file)).close();
  const database = directly(file);
  await database.execute(
    `INSERT INTO baselines (name, run_ids, set_at) VALUES ('torn', '["a', '2026-01-03T00:00:00Z')`,
  );
  database.close();
  const { get } = await served(t, {}, { store: file });
  t.match((await get('/compare?runs=a&baseline=torn')).json, {
    status: 409,
    detail: /^the baseline torn is damaged: /,
  });
});

t.test('what cannot be compared is said', async (t) => {
  const stage = await served(t);
  const { get, scene } = stage;
  const [a, b] = [await endedRun(stage), await endedRun(stage, ofUsers(3))];
  t.match((await get('/compare')).json, { status: 400, detail: /runs/ });
  t.match((await get(`/compare?runs=${a}`)).json, { status: 400, detail: /two runs/ });
  for (const [query, detail] of [
    ['tolerance=5%', /tolerance: must be a share from 0 to 1, such as 0\.05, not "5%"/],
    ['tolerance=5', /tolerance: must be a share from 0 to 1, such as 0\.05, not 5/],
    ['tolerence=0.05', /unknown key "tolerence"; did you mean "tolerance"\?/],
    ['force=yes', /force: must be one of true, false, not "yes"/],
  ] as const) {
    t.match((await get(`/compare?runs=${a},${b}&${query}`)).json, { status: 400, detail }, query);
  }
  t.match((await get(`/compare?runs=${a},${a}`)).json, { status: 400, detail: /given twice/ });
  t.match((await get(`/compare?runs=${a}&baseline=${[...'bcdefghijk'].join(',')}`)).json, {
    status: 400,
    detail: /11 runs are too many/,
  });
  t.match((await get(`/compare?runs=${a},none`)).json, {
    status: 404,
    detail: /there is no run none: .*GET \/api\/v1\/runs$/,
  });
  t.match((await get(`/compare?runs=${a}&baseline=none`)).json, {
    status: 404,
    detail: /no baseline and no run none$/,
  });
  t.match((await get(`/compare?runs=${a},${b}`)).json, {
    status: 409,
    detail: /not offer the same load.*force=true$/,
  });
  t.match((await get(`/compare?runs=${a},${b}&force=true`)).json, { before: [a], after: [b] });
  const going = await scene.start(longPlan(3));
  t.match((await get(`/compare?runs=${a},${going}`)).json, { status: 409, detail: /has no result/ });
});

t.test('comparisons are made one at a time, for callers that are there still, and few of a session wait', async (t) => {
  const read: string[] = [];
  const held = Promise.withResolvers<void>();
  const needed = async (runId: string) => {
    read.push(runId);
    await held.promise;
    throw new Error(`of ${runId}`);
  };
  const comparisons = new Comparisons({ ended: { needed } } as never);
  const compare = (runs: string, session: string | undefined, { signal } = new AbortController()) => {
    const asked = { query: { runs }, params: {}, caller: { session }, signal, address: '' };
    const answer = comparisons.show(asked as never);
    answer.catch(() => {});
    return answer;
  };
  const settled = () => new Promise(setImmediate);
  const first = compare('a,z', 'one');
  await settled();
  t.same(read, ['a']);
  const gone = new AbortController();
  const second = compare('b,z', 'one');
  const leaves = compare('c,z', 'one', gone);
  await settled();
  await t.rejects(compare('d,z', 'one'), {
    status: 429,
    headers: { 'retry-after': '5' },
    message: /wait for their turn/,
  });
  const other = compare('e,z', 'another');
  gone.abort();
  const third = compare('f,z', 'one');
  await settled();
  t.same(read, ['a'], 'the others wait');
  held.resolve();
  await t.rejects(first, { message: 'of a' });
  await t.rejects(second, { message: 'of b' });
  await t.rejects(leaves, { name: 'AbortError' });
  await t.rejects(other, { message: 'of e' });
  await t.rejects(third, { message: 'of f' });
  t.same(read, ['a', 'b', 'e', 'f'], 'nothing is read for whoever has gone');
  await t.rejects(compare('g,z', 'one'), { message: 'of g' });
});
