/** A server that serves fewer connections at a time than it lets in: what comes of the others says so. */
import t, { type Test } from 'tap';
import http from '../../../../plugins/http.ts';
import { fakeContext } from '../../../../testing/fake-context.ts';
import { fakeUser } from '../../../../testing/fake-user.ts';
import { matchEach } from '../../../kit/match-each.ts';
import { answerOf, startRawServer } from '../../raw-server.ts';

/** The connection with which the driver tries the address. */
const PROBES = 1;
const HINT =
  'the server answers on 2 other connections, and never has on this one: they may be all that it serves at a time';

/** Three virtual users of a server that answers on the first connections only, and only to the first request on each. */
async function users(t: Test, served: number, timeout = '2500ms') {
  const server = await startRawServer((_request, { index, socket, requests }) => {
    if (index < PROBES + served && requests === 1) socket.write(answerOf(''));
  });
  t.teardown(() => server.stop());
  const checked = await http.options['~standard'].validate({ operations: { get: { path: '/' } }, timeout });
  if (checked.issues) throw new Error(JSON.stringify(checked.issues));
  const driver = await http.open(checked.value, fakeContext({ target: server.url }));
  const cut = new AbortController();
  const sessions = await Promise.all([0, 1, 2].map((index) => driver.connect(fakeUser({ index }), cut.signal)));
  t.teardown(async () => {
    for (const session of sessions) await session.close();
    await driver.close();
  });
  const outcomes = () => Promise.all(sessions.map(async (session) => ({ ...(await session.send('get', cut.signal)) })));
  return { cut, outcomes };
}

t.test('a request that gets no answer in time on its new connection', async (t) => {
  const { outcomes } = await users(t, 2);
  const [first, second, third] = await outcomes();
  matchEach(t, [first, second], [{ ok: true }, { ok: true }]);
  t.strictSame(
    { errorKind: third?.errorKind, message: third?.message },
    { errorKind: 'timeout', message: `GET /: no complete answer within 2500 ms; ${HINT}` },
  );
});

t.test('and one that is cut off', async (t) => {
  const { cut, outcomes } = await users(t, 2, '10s');
  const ended = outcomes();
  setTimeout(() => cut.abort(), 2500);
  t.equal((await ended)[2]?.message, `GET /: the run has cut it off; ${HINT}`);
  const early = await users(t, 2);
  const soon = early.outcomes();
  setTimeout(() => early.cut.abort(), 100);
  t.equal((await soon)[2]?.message, 'GET /: the run has cut it off', 'which may be answered still');
});

t.test('a server that is slow says nothing about its connections', async (t) => {
  const { outcomes } = await users(t, 3);
  await outcomes();
  for (const { message } of await outcomes()) t.equal(message, 'GET /: no complete answer within 2500 ms');
  const { outcomes: none } = await users(t, 0);
  for (const { message } of await none())
    t.equal(message, 'GET /: no complete answer within 2500 ms', 'on none at all');
});
