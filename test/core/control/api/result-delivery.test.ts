import t from 'tap';
import { ResultDeliveries } from '../../../../core/control/api/result-delivery.ts';
import type { FakeClock } from '../../../kit/fake-clock.ts';
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
