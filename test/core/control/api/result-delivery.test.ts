import t from 'tap';
import { ResultDeliveries } from '../../../../core/control/api/result-delivery.ts';
import { type RunServiceContext, runHandlers } from '../../../../core/control/api/run-service.ts';
import type { FakeClock } from '../../../../testing/fake-clock.ts';
import { sceneClock } from '../scene/scene-clock.ts';

async function elapsedUs(clock: FakeClock, settled: Promise<void>): Promise<number> {
  const sinceUs = clock.nowUs();
  await clock.until(settled);
  return clock.nowUs() - sinceUs;
}

t.test('a control that ends waits until its watchers have the result', async (t) => {
  const clock = sceneClock();
  const deliveries = new ResultDeliveries(clock);
  deliveries.watchBegins();
  deliveries.watchBegins();
  deliveries.close();
  let isSettled = false;
  const settled = deliveries.settled(2e6).then(() => {
    isSettled = true;
  });
  deliveries.watchEnds('run', true);
  deliveries.watchEnds('run', true);
  deliveries.fetched('run');
  await clock.advance(1e6);
  t.notOk(isSettled, 'one of two has it');
  deliveries.fetched('run');
  await settled;
});

t.test('it does not wait for runs without a result, or for results that were asked for before', async (t) => {
  const clock = sceneClock();
  const deliveries = new ResultDeliveries(clock);
  deliveries.watchBegins();
  deliveries.watchEnds('before', true);
  deliveries.watchBegins();
  deliveries.close();
  deliveries.watchEnds('failed', false);
  deliveries.fetched('another');
  t.ok((await elapsedUs(clock, deliveries.settled(2e6))) < 1e5);
});

t.test('a watcher that has gone holds it up for a while only', async (t) => {
  const clock = sceneClock();
  const deliveries = new ResultDeliveries(clock);
  deliveries.watchBegins();
  deliveries.close();
  deliveries.watchEnds('run', true);
  const waitedUs = await elapsedUs(clock, deliveries.settled(2e6));
  t.ok(waitedUs >= 2e6 && waitedUs < 3e6, `${waitedUs}`);
});

t.test('a watcher whose download breaks off still has to fetch the result', async (t) => {
  const clock = sceneClock();
  const deliveries = new ResultDeliveries(clock);
  deliveries.watchBegins();
  deliveries.close();
  deliveries.watchEnds('run', true);
  const summary = {
    runId: 'run',
    name: 'run',
    state: 'finished',
    createdAt: '',
    verdict: 'pass',
    reason: '',
    note: '',
    tags: [],
  };
  const { getRun } = runHandlers({
    runs: { find: async () => ({ summary, live: undefined }) },
    store: { result: () => [new Uint8Array(1)] },
    files: {},
    deliveries,
    clock,
    begun: Promise.resolve(),
  } as unknown as RunServiceContext);
  const download = async (breaksOff: boolean) => {
    const call = new AbortController();
    const context = { signal: call.signal, cutOff: () => call.abort(), certificate: 'watcher', peer: '' };
    const answer = getRun({ runId: 'run' } as never, context as never);
    for await (const _ of answer as AsyncIterable<unknown>) if (breaksOff) call.abort();
  };
  let isSettled = false;
  const settled = deliveries.settled(2e6).then(() => {
    isSettled = true;
  });
  await download(true);
  await clock.advance(1e6);
  t.notOk(isSettled, 'it has not come');
  await download(false);
  await settled;
  t.ok(isSettled);
});
