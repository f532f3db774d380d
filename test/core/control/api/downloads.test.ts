import t from 'tap';
import { Downloads } from '../../../../core/control/api/downloads.ts';
import { FakeClock, turns } from '../../../../testing/fake-clock.ts';

const STALL_US = 30_000_000;

function scene() {
  const clock = new FakeClock();
  const downloads = new Downloads(clock);
  let held = 0;
  let ports = 40_000;
  /** What is read of a result is in memory until the next piece is asked for. */
  async function* pieces(count: number) {
    for (let i = 0; i < count; i++) {
      held++;
      try {
        yield i;
      } finally {
        held--;
      }
    }
  }
  const fetch = (caller: string, count = 2) => {
    const call = new AbortController();
    const [peer, signal, cutOff] = [`${caller}:${++ports}`, call.signal, () => call.abort()];
    const messages = downloads.inTurn({ peer, certificate: '', signal, cutOff }, pieces(count));
    return { call, messages, next: () => messages.next() };
  };
  return { clock, fetch, held: () => held };
}

t.test(
  'of two hundred stalled downloads of one caller a few hold a piece, and others do not wait for them',
  async (t) => {
    const { fetch, held } = scene();
    const stalled = Array.from({ length: 200 }, () => fetch('192.0.2.1'));
    for (const { next } of stalled) void next();
    await turns(50);
    t.equal(held(), 8);
    t.same(await fetch('192.0.2.2').next(), { done: false, value: 0 });
  },
);

t.test('a download that is read takes its turn and gives it on', async (t) => {
  const { fetch, held } = scene();
  const all = Array.from({ length: 20 }, () => fetch('192.0.2.1', 3));
  const read = async ({ messages }: (typeof all)[0]) => {
    let count = 0;
    for await (const _ of messages) count++;
    return count;
  };
  t.same(await Promise.all(all.map(read)), new Array(20).fill(3));
  t.equal(held(), 0);
  t.same(await fetch('192.0.2.1').next(), { done: false, value: 0 }, 'nothing of them is left');
});

t.test('who takes nothing for half a minute is cut off, and the next one begins', async (t) => {
  const { clock, fetch } = scene();
  const stalled = Array.from({ length: 8 }, () => fetch('192.0.2.1'));
  for (const { next } of stalled) await next();
  const slow = stalled[0] as (typeof stalled)[0];
  const waiting = fetch('192.0.2.1');
  let began = false;
  const turn = waiting.next().then(() => {
    began = true;
  });
  await clock.advance(STALL_US - 1);
  await slow.next();
  t.notOk(stalled.some(({ call }) => call.signal.aborted));
  await clock.advance(1);
  t.same(
    stalled.map(({ call }) => call.signal.aborted),
    [false, ...new Array(7).fill(true)],
    'the one that reads, however slowly, goes on',
  );
  t.notOk(began, 'the server ends what was cut off');
  await stalled[1]?.messages.return();
  await turn;
  t.ok(began);
});

t.test('a call that ends before its turn leaves the queue, and takes no turn with it', async (t) => {
  const { fetch } = scene();
  const first = Array.from({ length: 8 }, () => fetch('192.0.2.1'));
  for (const { next } of first) await next();
  const [gone, next] = [fetch('192.0.2.1'), fetch('192.0.2.1')];
  const left = gone.next();
  const waits = next.next();
  gone.call.abort();
  t.same(await left, { done: true, value: undefined });
  await first[0]?.messages.return();
  t.same(await waits, { done: false, value: 0 });
  const aborted = fetch('192.0.2.1');
  aborted.call.abort();
  t.same(await aborted.next(), { done: true, value: undefined });
});
