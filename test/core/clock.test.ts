import t from 'tap';
import { systemClock } from '../../core/clock.ts';

const DAY_MS = 24 * 3600 * 1000;

t.test('timers hold for longer than those of the runtime', async (t) => {
  let nowMs = 0;
  let timers: { atMs: number; callback: () => void }[] = [];
  const fakeTimeout = (callback: () => void, delayMs: number) => {
    // As runtimes do.
    const timer = { atMs: nowMs + (delayMs > 2 ** 31 - 1 ? 1 : delayMs), callback };
    timers.push(timer);
    return timer;
  };
  t.intercept(globalThis, 'setTimeout', { value: fakeTimeout });
  t.intercept(globalThis, 'clearTimeout', {
    value: (timer: unknown) => {
      timers = timers.filter((other) => other !== timer);
    },
  });
  const firedAtMs: Record<string, number> = {};
  for (const days of [0, 1, 30, 100]) {
    systemClock.after(days * DAY_MS * 1000, () => {
      firedAtMs[days] = nowMs;
    });
  }
  const takeBack = systemClock.after(60 * DAY_MS * 1000, () => t.fail('was taken back'));
  for (let next = timers[0]; next !== undefined; next = timers[0]) {
    timers.shift();
    nowMs = next.atMs;
    next.callback();
    timers.sort((a, b) => a.atMs - b.atMs);
    if (nowMs > 26 * DAY_MS) takeBack();
  }
  t.same(firedAtMs, { 0: 0, 1: DAY_MS, 30: 30 * DAY_MS, 100: 100 * DAY_MS });
});
