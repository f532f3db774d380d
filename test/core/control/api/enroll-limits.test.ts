import t from 'tap';
import { enrollHandlers } from '../../../../core/control/api/enroll-service.ts';
import { InvitationError } from '../../../../core/control/security/invitations.ts';
import type { ServerSecurity } from '../../../../core/control/security/security-folder.ts';
import type { ServerCallContext } from '../../../../proto/rpc/adapter.ts';
import { FakeClock } from '../../../../testing/fake-clock.ts';

/** Takes tokens that begin with a letter, and issues no real certificates. */
const BOOK = {
  async holderOf(token: string) {
    if (!/^[a-z]/.test(token)) throw new InvitationError('unknown');
    return { id: token };
  },
  redeem: async () => ({ certificate: 'PEM', role: 'agent', expiresAt: new Date(0) }),
};

t.test(
  'an invitation brings ten thousand certificates, then one a second, and others are not held up by it',
  async (t) => {
    const clock = new FakeClock();
    const security = { authority: '', invitations: { book: BOOK, signer: {} } } as unknown as ServerSecurity;
    const log: string[] = [];
    const { enroll } = enrollHandlers({ security, clock, log: (line) => log.push(line) });
    let host = 0;
    const ask = async (token: string) => {
      host++;
      const context = { peer: `10.0.${host >> 8}.${host & 255}:1`, certificate: '' } as ServerCallContext;
      return enroll({ token, requestPem: '' } as Parameters<typeof enroll>[0], context);
    };
    const begun = await Promise.allSettled(Array.from({ length: 10_005 }, () => ask('a')));
    t.equal(begun.filter(({ status }) => status === 'fulfilled').length, 10_000);
    const refused = { code: 'RESOURCE_EXHAUSTED', message: /^this invitation has brought 10,000 certificates/ };
    await t.rejects(ask('a'), refused);
    t.ok(await ask('b'));
    await clock.advance(1e6);
    t.ok(await ask('a'));
    t.match(log.at(-2), /^the invitation a brought no certificate 6 times, .* `bench control revoke a`$/);
    await t.rejects(ask('a'), refused);
    await t.rejects(ask('0'), { code: 'UNAUTHENTICATED' });
  },
);
