import t from 'tap';
import { JoinLimit } from '../../../../core/control/security/join-limit.ts';

t.test('ten failures are free, then one in six seconds; success and time forgive', async (t) => {
  let nowUs = 0;
  const limit = new JoinLimit({ nowUs: () => nowUs });
  for (let i = 0; i < 10; i++) {
    t.equal(limit.waitUs('a'), 0);
    limit.failed('a');
  }
  t.equal(limit.waitUs('a'), 6e6);
  t.equal(limit.waitUs('b'), 0, 'another address is not made to wait');
  nowUs = 6e6;
  t.equal(limit.waitUs('a'), 0);
  limit.failed('a');
  t.equal(limit.waitUs('a'), 6e6);
  nowUs += 18e6;
  limit.failed('a');
  t.equal(limit.waitUs('a'), 0, 'three intervals have forgiven three failures');
  for (let i = 0; i < 10; i++) limit.failed('a');
  limit.succeeded('a');
  t.equal(limit.waitUs('a'), 0);
});
