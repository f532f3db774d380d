import t from 'tap';
import { Deliveries } from '../../../../core/control/api/result-delivery.ts';
import type { FakeClock } from '../../../kit/fake-clock.ts';
import { sceneClock } from '../scene/scene-clock.ts';

async function elapsedUs(time: FakeClock, settled: Promise<void>): Promise<number> {
  const sinceUs = time.nowUs();
  await time.until(settled);
  return time.nowUs() - sinceUs;
}

t.test('a control that ends waits until its watchers have the result', async (t) => {
  const time = sceneClock();
  const deliveries = new Deliveries(time);
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
  await time.advance(1e6);
  t.notOk(isSettled, 'one of two has it');
  deliveries.fetched('run');
  await settled;
});

t.test('it does not wait for runs without a result, or for results that were asked for before', async (t) => {
  const time = sceneClock();
  const deliveries = new Deliveries(time);
  deliveries.watchBegins();
  deliveries.watchEnds('before', true);
  deliveries.watchBegins();
  deliveries.close();
  deliveries.watchEnds('failed', false);
  deliveries.fetched('another');
  t.ok((await elapsedUs(time, deliveries.settled(2e6))) < 1e5);
});

t.test('a watcher that has gone holds it up for a while only', async (t) => {
  const time = sceneClock();
  const deliveries = new Deliveries(time);
  deliveries.watchBegins();
  deliveries.close();
  deliveries.watchEnds('run', true);
  const waitedUs = await elapsedUs(time, deliveries.settled(2e6));
  t.ok(waitedUs >= 2e6 && waitedUs < 3e6, `${waitedUs}`);
});
