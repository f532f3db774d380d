import t from 'tap';
import { LogFeed } from '../../../core/web/log-feed.ts';
import { eventFrame } from '../../../core/web/stream/sse-frame.ts';
import { FakeClock } from '../../../testing/fake-clock.ts';

t.test('what whoever opens the log gets at once is never so much that they would be cut off', async (t) => {
  const feed = new LogFeed(new FakeClock());
  const log = feed.besides(() => {});
  for (let i = 0; i < 1500; i++) log(`${i} ${'\u202e"'.repeat(10_000)}`);
  const bytes = feed.lines.reduce((sum, line) => sum + eventFrame('line', line).length, 0);
  t.ok(bytes < 1 << 20, `${bytes} bytes`);
  t.ok(feed.lines.length > 10);
  t.match(feed.lines.at(-1)?.text, /^1499 /);
  for (let i = 0; i < 1500; i++) log(`${i}`);
  t.equal(feed.lines.length, 1000);
  t.equal(feed.lines[0]?.text, '500');
});

t.test('a secret is hidden there as in the log itself', async (t) => {
  const feed = new LogFeed(new FakeClock());
  const told: string[] = [];
  feed.watch(({ text }) => told.push(text));
  const log = feed.besides(() => {});
  log(`agent 1 says mysql://bench:hunter2@db/x and abcdef.${'0'.repeat(32)}\u001b[31m`);
  const text = 'agent 1 says mysql://bench:***@db/x and abcdef.***␛[31m';
  t.strictSame(told, [text]);
  t.strictSame(
    feed.lines.map((line) => line.text),
    [text],
  );
});
