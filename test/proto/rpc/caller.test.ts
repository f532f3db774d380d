import t from 'tap';
import { addressOf } from '../../../proto/rpc/caller.ts';
import { CallerTurns } from '../../../proto/rpc/caller-turns.ts';

t.test('an IPv6 network counts as one address, and IPv4 as IPv4', async (t) => {
  for (const [peer, counted] of [
    ['192.0.2.1:1000', '192.0.2.1'],
    ['::ffff:192.0.2.1:1000', '192.0.2.1'],
    ['::FFFF:192.0.2.1:1000', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6:1000', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::6:1000', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::6]:1000', '2001:db8:1:2::/64'],
    ['2001:db8::6:1000', '2001:db8:0:0::/64'],
    ['2001:db8:0:1::1000', '2001:db8:0:1::/64'],
    ['fe80::1%eth0:1000', 'fe80:0:0:0::/64'],
    ['::1:1000', '::1'],
    ['unknown', 'unknown'],
  ] as const)
    t.equal(addressOf(peer), counted, peer);
});

t.test('who has many IPv6 addresses has the turns of one caller', async (t) => {
  const turns = new CallerTurns(2);
  const begun = Array.from({ length: 10 }, (_, i) => turns.begin({ peer: `2001:db8::${i}:1000`, certificate: '' }));
  t.equal(begun.filter(Boolean).length, 2);
});
