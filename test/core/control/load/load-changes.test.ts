import t from 'tap';
import { canPause, requestedChange } from '../../../../core/control/load/load-change-request.ts';
import { parsePlan } from '../../../../core/plan/parse.ts';
import { type ChangeLoadRequest, OnAgentLoss, RunState } from '../../../../proto/gen/bench/v1/run_pb.ts';
import { matchEach } from '../../../kit/match-each.ts';
import { memoryTransport } from '../scene/scripted-agent.ts';
import { fakePlan, longPlan, stage } from '../scene/stage.ts';

const texts = (result: { events: readonly { text: string }[] }) => result.events.map(({ text }) => text);

t.test('the share of an agent that is lost goes to the others; the result names what is missing', async (t) => {
  const scene = await stage(t);
  const [a, b, c] = [
    await scene.agent({ name: 'a' }),
    await scene.agent({ name: 'b' }),
    await scene.agent({ name: 'c' }),
  ];
  const runId = await scene.running([a, b, c], { plan: longPlan(20) });
  for (let at = 0; at < 5; at++) await scene.second(runId, at, [a, b, c]);
  c.freeze();
  for (let at = 5; at < 20; at++) await scene.second(runId, at, [a, b]);
  for (const agent of [a, b]) agent.sendDone(runId);
  const moved = [await scene.clock.until(a.next('loadChange')), await scene.clock.until(b.next('loadChange'))];
  t.same(
    moved.map(({ change }) => change.case === 'share' && change.value.slots.length / change.value.of),
    [0.5, 0.5],
  );
  t.equal(moved[0]?.atUs, moved[1]?.atUs, 'in one instant');
  await scene.ended(runId);
  const result = await scene.result(runId);
  const missing = result.agents[2]?.missing ?? [];
  t.equal(missing.length, 1);
  t.match(missing[0], { fromSecond: 5, share: 1 / 3 });
  const until = missing[0]?.toSecond ?? 0;
  t.ok(until > 8 && until < 10, `until the others had it: ${until}`);
  t.same(result.agents[0]?.missing, []);
  t.ok(texts(result).includes('the share of agent c, 33.3 % of the load, goes to 2 others'));
  const check = result.validity.find(({ name }) => name === 'agents-complete');
  t.equal(check?.ok, false, 'more is missing than the 1 % that is tolerated');
  t.match(check?.finding, /1 of 3 \(c\).* of the load is missing \(limit 1%\)/);
});

t.test('what is missing may be tolerated', async (t) => {
  const scene = await stage(t);
  const [a, b] = await scene.twoAgents();
  const runId = await scene.running([a, b], { plan: longPlan(20), policy: { lossTolerance: 0.3 } });
  await scene.second(runId, 0, [a, b]);
  b.freeze();
  for (let at = 1; at < 20; at++) await scene.second(runId, at, [a]);
  a.sendDone(runId);
  await scene.ended(runId);
  const result = await scene.result(runId);
  t.match(
    result.validity.find(({ name }) => name === 'agents-complete'),
    { ok: true, finding: /1 of 2 \(b\).*within the limit of 30%/ },
  );
});

t.test('an agent that was told to end hands its share over, and its totals agree', async (t) => {
  const scene = await stage(t);
  const [a, b] = await scene.twoAgents();
  const runId = await scene.running([a, b], { plan: longPlan(10), policy: { lossTolerance: 0.1 } });
  await scene.second(runId, 0, [a, b]);
  b.send({ case: 'leaving', value: { reason: 'Ctrl-C' } });
  b.sendDone(runId);
  for (let at = 1; at < 10; at++) await scene.second(runId, at, [a]);
  a.sendDone(runId);
  await scene.ended(runId);
  const result = await scene.result(runId);
  t.same(result.ending, { kind: 'completed' });
  t.same(
    result.agents.map(({ closingTotals }) => closingTotals),
    ['agree', 'agree'],
  );
  t.ok((result.agents[1]?.missing[0]?.toSecond ?? 9) < 4);
});

t.test('an agent that comes back gets its part again; all that it was told comes again', async (t) => {
  const scene = await stage(t);
  const [a, b] = await scene.twoAgents();
  const runId = await scene.running([a, b], { plan: longPlan(20) });
  a.cut();
  for (let at = 0; at < 20; at++) {
    a.window(at + 1, at, [{ responseUs: [1000] }]);
    await scene.second(runId, at, [b]);
    if (at !== 8) continue;
    void a.join(memoryTransport(scene.control));
    await scene.clock.until(a.next('welcome'));
    const first = await scene.clock.until(a.next('loadChange'));
    t.equal(a.received.filter((message) => message.case === 'loadChange').length, 1, 'its load may have ended');
    a.sendWindow(runId, 1);
    const changes = [first, await scene.clock.until(a.next('loadChange'))];
    matchEach(t, changes, [{ number: 1 }, { number: 2 }]);
    t.same(
      changes.map(({ change }) => change.case === 'share' && change.value.slots.length > 0),
      [false, true],
    );
  }
  for (let seq = 1; seq <= 20; seq++) a.sendWindow(runId, seq);
  for (const agent of [a, b]) agent.sendDone(runId);
  await scene.ended(runId);
  const result = await scene.result(runId);
  t.same(
    result.agents.map(({ missing }) => missing),
    [[], []],
    'it went on meanwhile',
  );
});

t.test(
  'a person changes the load: every agent hears of it, the result tells it, and what cannot be is said',
  async (t) => {
    const scene = await stage(t);
    const [a, b] = await scene.twoAgents();
    const runId = await scene.running([a, b], { plan: longPlan(8) });
    const change = (value: object) => scene.change(runId, { change: value } as Partial<ChangeLoadRequest>);
    const vus = (count: number, scenario = '') => ({
      case: 'level',
      value: { scenario, level: { case: 'vus', value: count } },
    });
    await scene.second(runId, 0, [a, b]);
    const { atUs } = await change(vus(7));
    t.ok(atUs > 2e6 && atUs < 3e6);
    for (const agent of [a, b]) {
      t.match(await scene.clock.until(agent.next('loadChange')), {
        atUs,
        change: { case: 'level', value: { scenario: 0, level: 7 } },
      });
    }
    const slowly = { ...vus(1), value: { ...vus(1).value, spawnRate: 4 } };
    await change(slowly);
    t.match(await scene.clock.until(a.next('loadChange')), {
      change: { case: 'level', value: { scenario: 0, level: 1, rampUs: 1.5e6 } },
    });
    await t.rejects(change({ ...slowly, value: { ...slowly.value, spawnRate: -1 } }), {
      message: /spawn rate must be/,
    });
    for (const spawnRate of [1e-9, 1e-310]) {
      await t.rejects(change({ ...slowly, value: { ...vus(9).value, spawnRate } }), {
        message: /the change would take longer than any run: give a greater one/,
      });
    }
    await change({ case: 'pause', value: {} });
    await t.rejects(change({ case: 'pause', value: {} }), { message: /cannot be changed: its load is paused already/ });
    await scene.clock.advance(1e6);
    await change({ case: 'resume', value: {} });
    const rate = { case: 'level', value: { scenario: '', level: { case: 'rate', value: 5 } } };
    await t.rejects(change(rate), { message: /scenario devices is constant-vus: give `vus`, not `rate`/ });
    await t.rejects(change(vus(3, 'nobody')), { message: /no scenario "nobody": there are devices/ });
    await scene.stop(runId, 'enough');
    await t.rejects(change(vus(3)), { message: /it is draining, and only a running load can be changed/ });
    for (const agent of [a, b]) agent.sendDone(runId);
    await scene.ended(runId);
    const result = await scene.result(runId);
    matchEach(t, result.loadChanges, [
      { kind: 'level', scenario: 0, level: 7, atUs },
      { kind: 'level', scenario: 0, level: 1, rampUs: 1.5e6 },
      { kind: 'pause' },
      { kind: 'resume' },
    ]);
    t.matchOnly(texts(result), [
      'the load of scenario devices goes to 7 virtual users',
      'the load of scenario devices goes to 1 virtual users within 1.5s',
      'the load is paused',
      /stops/,
      /^the load is resumed after 1s/,
    ]);
    t.equal(result.events[0]?.atUs, atUs, 'marked where it takes effect');
  },
);

t.test('runs that name agents by label take those, and two that can share none run at once', async (t) => {
  const scene = await stage(t);
  const eu = await scene.agent({ name: 'eu-1', labels: { region: 'eu' } });
  const us = await scene.agent({ name: 'us-1', labels: { region: 'us' } });
  const first = await scene.start(fakePlan, 1, 30e6, { agentLabels: { region: 'us' } });
  const second = await scene.start(fakePlan, 1, 30e6, { agentLabels: { region: 'eu' } });
  const third = await scene.start(fakePlan, 1, 30e6);
  t.equal((await scene.clock.until(us.prepare())).runId, first);
  t.equal((await scene.clock.until(eu.prepare())).runId, second);
  t.match(await scene.summary(third), { state: RunState.QUEUED });
  matchEach(t, await scene.agents(), [{ labels: { region: 'eu' } }, { labels: { region: 'us' } }]);
  for (const [agent, runId] of [
    [us, first],
    [eu, second],
  ] as const) {
    await scene.clock.until(agent.next('start'));
    await scene.clock.advance(3e6);
    agent.sendDone(runId);
    t.equal((await scene.ended(runId)).state, RunState.FINISHED);
  }
  t.equal((await scene.clock.until(eu.prepare())).runId, third, 'its turn, with all agents');
  await scene.stop(third, 'enough');
});

t.test('a search for the greatest load is not paused: its levels are judged while it goes on', async (t) => {
  const search = {
    executor: 'find-max' as const,
    of: 'vus' as const,
    until: ['p95 < 1s'],
    operations: [{ driver: 'fake', operation: 'upload' }],
  };
  const plan = parsePlan({ name: 'search', target: 'http://h', scenarios: { devices: search } });
  t.throws(
    () => requestedChange({ kind: 'pause' }, plan, [], 0),
    /it searches the greatest load, and would take the pause/,
  );
  t.notOk(canPause(plan), 'and nobody is offered to');
});

t.test('a load is changed ten thousand times at most: agents keep all changes', async (t) => {
  const plan = longPlan(10);
  const before = Array.from({ length: 10_000 }, () => ({ kind: 'resume' as const, atUs: 0 }));
  const change = () => requestedChange({ kind: 'pause' }, parsePlan(plan), before, 0);
  t.throws(change, { message: 'its load has been changed 10000 times, and no run takes more changes' });
  before.pop();
  t.same(change(), { kind: 'pause', atUs: 0 });
});

t.test('where shares stay, nothing is handed over', async (t) => {
  const scene = await stage(t);
  const [a, b] = await scene.twoAgents();
  const runId = await scene.running([a, b], { plan: longPlan(10), policy: { onAgentLoss: OnAgentLoss.CONTINUE } });
  b.freeze();
  for (let at = 0; at < 10; at++) await scene.second(runId, at, [a]);
  a.sendDone(runId);
  await scene.ended(runId);
  const result = await scene.result(runId);
  t.ok(a.received.every((message) => message.case !== 'loadChange'));
  t.same(result.agents[1]?.missing, [{ fromSecond: 0, toSecond: 10, share: 0.5 }]);
});

t.test('while the load runs, only an agent that is lost is told of as such', async (t) => {
  const scene = await stage(t);
  const [a, b] = await scene.twoAgents();
  const runId = await scene.running([a, b], { plan: longPlan(30) });
  const leave = new AbortController();
  const warnings: string[][] = [];
  const watching = (async () => {
    for await (const { event } of scene.watch(runId, leave.signal)) {
      if (event.case === 'snapshot')
        warnings.push(event.value.warnings.filter((text) => text.startsWith('Agents lost')));
    }
  })().catch(() => {});
  for (let at = 0; at < 4; at++) await scene.second(runId, at, [a, b]);
  t.ok(warnings.length >= 3);
  t.same(warnings.flat(), []);
  b.freeze();
  for (let at = 4; at < 10; at++) await scene.second(runId, at, [a]);
  t.matchOnly(warnings.at(-1), [/1 of 2 \(b\)/]);
  leave.abort();
  await scene.stop(runId, 'enough');
  await watching;
});
