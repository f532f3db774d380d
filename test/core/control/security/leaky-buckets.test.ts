import t from 'tap';
import { LeakyBuckets } from '../../../../core/control/security/leaky-buckets.ts';

t.test('an address has room ten times, then once in six seconds; who empties it forgives, and time does', async (t) => {
  let nowUs = 0;
  const limit = new LeakyBuckets({ nowUs: () => nowUs }, { max: 10, intervalUs: 6e6 });
  for (let i = 0; i < 10; i++) {
    t.equal(limit.waitUs('a'), 0);
    limit.fill('a');
  }
  t.equal(limit.waitUs('a'), 6e6);
  t.equal(limit.waitUs('b'), 0, 'another address is not made to wait');
  nowUs = 6e6;
  t.equal(limit.waitUs('a'), 0);
  limit.fill('a');
  t.equal(limit.waitUs('a'), 6e6);
  nowUs += 18e6;
  limit.fill('a');
  t.equal(limit.waitUs('a'), 0, 'three have leaked in three intervals');
  for (let i = 0; i < 10; i++) limit.fill('a');
  limit.empty('a');
  t.equal(limit.waitUs('a'), 0);
});

t.test('the addresses that were quiet for longest are forgotten', async (t) => {
  const limit = new LeakyBuckets({ nowUs: () => 0 }, { max: 1, intervalUs: 6e6 });
  for (const address of ['first', 'second', 'first']) limit.fill(address);
  for (let i = 0; i < 9_999; i++) limit.fill(`192.0.2.9 ${i}`);
  t.equal(limit.waitUs('second'), 0);
  t.equal(limit.waitUs('first'), 6e6);
});
