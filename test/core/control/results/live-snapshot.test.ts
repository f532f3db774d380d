import t from 'tap';
import type { Snapshot } from '../../../../proto/gen/bench/v1/run_pb.ts';
import { matchEach } from '../../../kit/match-each.ts';
import { longPlan, stage } from '../scene/stage.ts';

t.test('users and rates are those of now: when nothing has come for some seconds, there are none', async (t) => {
  const scene = await stage(t);
  const agent = await scene.agent({ name: 'a' });
  const runId = await scene.running([agent], { plan: longPlan(60), forUs: 1.5e6 });
  const shown: Snapshot[] = [];
  const leave = new AbortController();
  const watching = (async () => {
    for await (const { event } of scene.watch(runId, leave.signal)) {
      if (event.case === 'snapshot') shown.push(event.value);
    }
  })();
  for (let at = 0; at < 6; at++) await scene.second(runId, at, [agent]);
  const figures = () => {
    const { vus, rows } = shown.at(-1) ?? {};
    const { requests, requestsPerSecond } = rows?.at(-1) ?? {};
    return { vus, requestsPerSecond, requests, ofUpload: rows?.[0]?.requestsPerSecond };
  };
  agent.freeze();
  await scene.clock.advance(2e6);
  t.match(figures(), { vus: 1, requestsPerSecond: 1, ofUpload: 1 }, 'it may be cut off for a moment');
  await scene.clock.advance(2e6);
  t.same(figures(), { vus: 0, requestsPerSecond: 0, requests: 6, ofUpload: 0 });
  leave.abort();
  await watching;
});

t.test('a watcher sees that the load is paused, and how each threshold stands so far', async (t) => {
  const scene = await stage(t);
  const agent = await scene.agent({ name: 'a' });
  const plan = { ...longPlan(60), thresholds: ['fails == 0', 'p95 < 1us', 'lost == 0'] };
  const runId = await scene.running([agent], { plan, forUs: 1.5e6 });
  const shown: Snapshot[] = [];
  const leave = new AbortController();
  const watching = (async () => {
    for await (const { event } of scene.watch(runId, leave.signal)) {
      if (event.case === 'snapshot') shown.push(event.value);
    }
  })();
  for (let at = 0; at < 3; at++) await scene.second(runId, at, [agent]);
  t.equal(shown.at(-1)?.paused, false);
  matchEach(
    t,
    shown.at(-1)?.thresholds.map(({ criterion, holds, actual }) => [criterion, holds, actual || 'none']),
    [
      ['fails == 0', true, '0'],
      ['p95 < 1us', false, / ms$/],
      ['lost == 0', undefined, 'none'],
    ],
  );
  await scene.change(runId, { change: { case: 'pause', value: {} } });
  for (let at = 3; at < 6; at++) await scene.second(runId, at, [agent]);
  t.equal(shown.at(-1)?.paused, true);
  await scene.change(runId, { change: { case: 'resume', value: {} } });
  for (let at = 6; at < 9; at++) await scene.second(runId, at, [agent]);
  t.equal(shown.at(-1)?.paused, false);
  leave.abort();
  await watching;
});

t.test('all who show a second get one draft of the result and one list of rows, and later ones others', async (t) => {
  const scene = await stage(t);
  const agent = await scene.agent({ name: 'a' });
  const runId = await scene.running([agent], { plan: longPlan(60), forUs: 1.5e6 });
  const draft = () => scene.control.observed(runId)?.parts?.draft();
  const seen: unknown[] = [];
  const rows: unknown[] = [];
  for (let watcher = 0; watcher < 2; watcher++) {
    const ticked = () => {
      seen.push(draft());
      rows.push(scene.control.observed(runId)?.parts?.rows());
    };
    scene.control.observed(runId)?.run.events.observe({ changed() {}, recorded() {}, notified() {}, ticked });
  }
  for (let at = 0; at < 2; at++) await scene.second(runId, at, [agent]);
  t.equal(seen[0], seen[1]);
  t.not(seen[1], seen[2]);
  t.equal(rows[0], rows[1]);
  t.not(rows[1], rows[2]);
  t.not(draft(), seen.at(-1), 'what changes between two seconds is in it');
});
