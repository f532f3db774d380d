import t from 'tap';
import { RunFeed, type WatchMessage } from '../../../../core/control/run/run-feed.ts';
import { RunState } from '../../../../proto/gen/bench/v1/run_pb.ts';

function told({ event }: WatchMessage): string {
  if (event?.case === 'state') return event.value.state === RunState.RUNNING ? 'running' : 'another state';
  return event?.case === 'notice' ? (event.value ?? '') : (event?.case ?? '');
}

async function first(feed: RunFeed, count: number): Promise<string[]> {
  const seen: string[] = [];
  for await (const message of feed.watch(new AbortController().signal)) {
    seen.push(told(message));
    if (seen.length === count) break;
  }
  return seen;
}

t.test('a watcher that comes late is told of the state where it came among the notices', async (t) => {
  const feed = new RunFeed();
  feed.state({ kind: 'preparing', agents: 1 });
  feed.notice('making ready');
  feed.state({ kind: 'running', startUs: 0 });
  feed.notice('agent a was lost');
  t.same(await first(feed, 3), ['making ready', 'running', 'agent a was lost']);
  for (let i = 0; i < 99; i++) feed.notice(`${i}`);
  t.same(await first(feed, 3), ['running', 'agent a was lost', '0'], 'also when the oldest notices are dropped');
});

t.test('a snapshot from before the watcher is news while others watch, and not after', async (t) => {
  const feed = new RunFeed();
  feed.state({ kind: 'running', startUs: 0 });
  const other = feed.watch(new AbortController().signal);
  await other.next();
  feed.snapshot({ elapsedUs: 1e6 });
  t.same(await first(feed, 2), ['running', 'snapshot']);
  await other.return();
  const late = feed.watch(new AbortController().signal);
  t.equal(told((await late.next()).value as WatchMessage), 'running');
  feed.notice('a minute later');
  t.equal(told((await late.next()).value as WatchMessage), 'a minute later');
  await late.return();
});
