/** Results take much memory and time: however many runs callers look at in turn, control holds few of them, and makes few. */
import { setImmediate } from 'node:timers/promises';
import t from 'tap';
import type { ObservedRun } from '../../../core/control/orchestrator/run-lifecycle.ts';
import type { RunResult } from '../../../core/stats/result.ts';
import { EndedRuns } from '../../../core/web/handlers/ended-runs.ts';
import { InterimRuns } from '../../../core/web/handlers/interim-runs.ts';
import { packResult } from '../../../proto/stored-run.ts';
import { sceneClock } from '../control/scene/scene-clock.ts';
import { stage } from '../control/scene/stage.ts';

t.test('results of runs that have ended are read one after the other', async (t) => {
  const value = await packResult(['{}']);
  let reading = 0;
  let most = 0;
  const getRun = async function* ({ runId }: { runId: string }) {
    most = Math.max(most, ++reading);
    await setImmediate();
    yield { part: { case: 'summary', value: {} } };
    if (runId === 'b') reading--;
    if (runId === 'b') throw new Error('the store is away');
    yield { part: { case: 'resultGzip', value } };
    reading--;
  };
  const runs = { getRun } as unknown as ConstructorParameters<typeof EndedRuns>[0];
  const ended = new EndedRuns(runs, { readResult: (json) => JSON.parse(json) as RunResult });
  const call = { signal: new AbortController().signal, peer: 'here', certificate: '', cutOff: () => {} };
  const read = await Promise.allSettled(['a', 'b', 'c', 'd', 'a'].map((runId) => ended.result(runId, call)));
  t.same(
    read.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
    'one that fails keeps none of the others',
  );
  t.equal(most, 1);
});

t.test('of several runs that go on, each has one result for ten seconds', async (t) => {
  const clock = sceneClock();
  const interim = new InterimRuns(clock);
  const observed: (() => ObservedRun)[] = [];
  for (const _ of [1, 2]) {
    const scene = await stage(t, { clock });
    const agent = await scene.agent();
    const runId = await scene.running([agent]);
    await scene.second(runId, 0, [agent]);
    observed.push(() => scene.control.observed(runId) as ObservedRun);
  }
  const results = () => observed.map((run) => interim.result(run()));
  const first = results();
  const again = results();
  t.ok(first.every((result, i) => result === again[i]));
  await clock.advance(10e6);
  t.ok(results().every((result) => !first.includes(result)));
});
