import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { WebSessions } from '../../../core/web/gate/web-sessions.ts';
import { FakeClock } from '../../../testing/fake-clock.ts';

const HOUR_US = 3600e6;

t.test('a session ends after 12 h, however it is used', async (t) => {
  const clock = new FakeClock();
  const sessions = new WebSessions(t.testdir(), clock);
  const { secret } = await sessions.begin('abcdef', 'viewer');
  for (let hour = 1; hour < 12; hour++) {
    await clock.advance(HOUR_US);
    t.match(await sessions.of(secret), { role: 'viewer', invitation: 'abcdef' }, `after ${hour} h`);
  }
  await clock.advance(HOUR_US);
  t.equal(await sessions.of(secret), undefined);
});

t.test('a session that is not used ends after 2 h, and a stream counts as use', async (t) => {
  const clock = new FakeClock();
  const sessions = new WebSessions(t.testdir(), clock);
  const { secret, session } = await sessions.begin('abcdef', 'operator');
  await clock.advance(1.9 * HOUR_US);
  sessions.use(session);
  await clock.advance(1.9 * HOUR_US);
  t.ok(await sessions.of(secret));
  await clock.advance(2 * HOUR_US);
  t.equal(sessions.isOver(session), true);
  t.equal(await sessions.of(secret), undefined);
});

t.test('a session that was ended is over for those who still hold it, whatever comes later', async (t) => {
  const clock = new FakeClock();
  const sessions = new WebSessions(t.testdir(), clock);
  const { secret, session } = await sessions.begin('abcdef', 'viewer');
  await sessions.end(secret);
  t.equal(sessions.isOver(session), true);
  await clock.advance(3 * HOUR_US);
  const other = await sessions.begin('abcdef', 'viewer');
  t.equal(sessions.isOver(session), true, 'also when it was forgotten');
  t.equal(sessions.isOver(other.session), false);
});

t.test('a control that is started again knows its sessions, and no file tells their secrets', async (t) => {
  const clock = new FakeClock();
  const folder = t.testdir();
  const { secret } = await new WebSessions(folder, clock).begin('abcdef', 'viewer');
  t.match(await new WebSessions(folder, clock).of(secret), { role: 'viewer' });
  for (const name of await readdir(join(folder, 'sessions'))) {
    t.notMatch(`${name} ${await readFile(join(folder, 'sessions', name), 'utf8')}`, secret);
  }
  for (const wrong of ['', '../../etc/passwd', 'x'.repeat(43), secret.slice(1)]) {
    t.equal(await new WebSessions(folder, clock).of(wrong), undefined, wrong);
  }
});

t.test('an invitation has at most a hundred sessions open, however many begin at once', async (t) => {
  const clock = new FakeClock();
  const folder = t.testdir();
  const sessions = new WebSessions(folder, clock);
  const begin = () => sessions.begin('abcdef', 'viewer');
  const begun = await Promise.allSettled(Array.from({ length: 103 }, begin));
  t.equal(begun.filter(({ status }) => status === 'fulfilled').length, 100);
  const refused = {
    status: 429,
    message: /^the invitation has 100 sessions open: log out of some, or ask for another/,
  };
  await t.rejects(begin(), refused);
  await t.rejects(new WebSessions(folder, clock).begin('abcdef', 'viewer'), refused, 'a control that is started again');
  await sessions.begin('zzzzzz', 'viewer');
  const [first] = begun;
  if (first?.status === 'fulfilled') await sessions.end(first.value.secret);
  await begin();
  await t.rejects(begin(), refused);
  await clock.advance(2 * HOUR_US);
  await begin();
  t.equal((await readdir(join(folder, 'sessions'))).length, 1, 'those that nobody uses are gone');
});
