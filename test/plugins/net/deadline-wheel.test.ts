import t from 'tap';
import { AbortFanout } from '../../../plugins/net/abort-fanout.ts';
import { DeadlineWheel, type Limited } from '../../../plugins/net/deadline-wheel.ts';
import { networkFailure } from '../../../plugins/net/network-error.ts';

/** Adds something with this time limit. @param over called once it is over time */
function addLimit(deadlines: DeadlineWheel, limitMs: number, over: () => void): void {
  const member: Limited = {
    deadlineTick: deadlines.after(limitMs),
    wheelIndex: -1,
    overTime: () => {
      member.deadlineTick = 0;
      over();
    },
  };
  deadlines.add(member);
}

t.test('a limit ends in time and never early', async (t) => {
  for (const limitMs of [5, 60, 1000, 30_000]) {
    const deadlines = new DeadlineWheel();
    let overMs = 0;
    addLimit(deadlines, limitMs, () => {
      overMs = passedMs;
    });
    let passedMs = 0;
    for (; overMs === 0 && passedMs < 100_000; passedMs += deadlines.tickMs) deadlines.advance();
    t.ok(overMs >= limitMs && overMs <= limitMs + 2 * deadlines.tickMs, `${limitMs} ms: ${overMs} ms`);
  }
});

t.test('a shorter limit makes the clock finer, and those under way still end in time', async (t) => {
  const deadlines = new DeadlineWheel();
  const ends: Record<string, number> = {};
  let passedMs = 0;
  const add = (name: string, limitMs: number) => {
    addLimit(deadlines, limitMs, () => {
      ends[name] = passedMs;
    });
  };
  const pass = (ms: number) => {
    for (const until = passedMs + ms; passedMs < until; ) {
      passedMs += deadlines.tickMs;
      deadlines.advance();
    }
  };
  add('long', 10_000);
  pass(1000);
  add('short', 100);
  t.equal(deadlines.tickMs, 5);
  pass(20_000);
  const { long = 0, short = 0 } = ends;
  t.ok(long >= 10_000 && long <= 10_210, `${long} ms`);
  t.ok(short >= 1100 && short <= 1110, `${short} ms`);
});

t.test('members come and go, also while it looks', async (t) => {
  const deadlines = new DeadlineWheel();
  const over: number[] = [];
  const members = Array.from({ length: 5 }, (_, i): Limited => {
    const member: Limited = {
      deadlineTick: 2,
      wheelIndex: -1,
      overTime: () => {
        over.push(i);
        deadlines.remove(member);
      },
    };
    deadlines.add(member);
    return member;
  });
  deadlines.remove(members[1] as Limited);
  deadlines.remove(members[1] as Limited);
  (members[3] as Limited).deadlineTick = 0;
  deadlines.advance();
  deadlines.advance();
  t.strictSame(over.sort(), [0, 2, 4]);
});

t.test('an abort reaches all that follow, once', async (t) => {
  const watch = new AbortFanout();
  const controller = new AbortController();
  const cut: string[] = [];
  const follower = (name: string) => ({ cutOff: () => cut.push(name) });
  const [a, b, c] = [follower('a'), follower('b'), follower('c')];
  for (const one of [a, b, c]) watch.follow(controller.signal, one);
  watch.leave(controller.signal, b);
  controller.abort();
  watch.leave(controller.signal, a);
  t.strictSame(cut, ['a', 'c']);
});

t.test('failures of the network have few kinds', async (t) => {
  const kinds: Record<string, string> = {
    ECONNREFUSED: 'connection_refused',
    ECONNRESET: 'connection_reset',
    EPIPE: 'connection_reset',
    ENOTFOUND: 'dns_not_found',
    EADDRNOTAVAIL: 'local_ports_exhausted',
    EMFILE: 'too_many_open_files',
    ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'tls_failed',
    ERR_SSL_NO_SHARED_CIPHER: 'tls_failed',
    EWHATEVER: 'network_error',
  };
  for (const [code, kind] of Object.entries(kinds)) {
    const failure = networkFailure(Object.assign(new Error('went\nwrong'), { code }));
    t.equal(failure.kind, kind, code);
    t.notMatch(failure.reason, /\n|\.$/);
  }
});

t.test('an event loop that is held up makes no limit longer, and what arrived meanwhile is read first', async (t) => {
  let nowMs = 1000;
  const deadlines = new DeadlineWheel(() => nowMs);
  deadlines.after(1000);
  deadlines.start();
  t.teardown(() => deadlines.stop());
  const order: string[] = [];
  const add = (name: string, limitMs: number) => {
    addLimit(deadlines, limitMs, () => {
      order.push(`${name} after ${nowMs - 1000} ms`);
    });
  };
  add('first', 3000);
  for (; nowMs < 3700; nowMs += 270) deadlines.pass();
  t.strictSame(order, [], 'never early');
  nowMs = 4400;
  // Sent when the loop goes on again, before the clock of the limits has been looked at.
  add('second', 1000);
  deadlines.pass();
  await new Promise<void>((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))));
  t.strictSame(order, ['first after 3400 ms']);
  for (; nowMs < 5390; nowMs += 90) deadlines.pass();
  t.strictSame(order, ['first after 3400 ms'], 'never early');
  for (; nowMs < 5700; nowMs += 90) deadlines.pass();
  t.match(order[1], /^second after 4[45]\d\d ms$/);
});

t.test('a long stall: an answer that waits to be read has come in time', async (t) => {
  let nowMs = 0;
  const deadlines = new DeadlineWheel(() => nowMs);
  deadlines.start();
  t.teardown(() => deadlines.stop());
  let overTime = 0;
  const member: Limited = { deadlineTick: deadlines.after(1000), wheelIndex: -1, overTime: () => overTime++ };
  deadlines.add(member);
  nowMs = 60_000;
  deadlines.pass();
  t.equal(overTime, 0, 'nothing was read since');
  deadlines.remove(member);
  await new Promise<void>((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))));
  t.equal(overTime, 0);
});
