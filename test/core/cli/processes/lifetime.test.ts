import process from 'node:process';
import t from 'tap';
import { END_WORD, endInTime, serveUntilEnd, withLifetime } from '../../../../core/cli/processes/lifetime.ts';

const listeners = () => ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => process.listenerCount(signal));

t.test('Ctrl-C drains and ends with 105, SIGTERM and SIGHUP drain and end with 0', async (t) => {
  for (const [signal, wantedReason, wantedCode] of [
    ['SIGINT', 'interrupted', 105],
    ['SIGTERM', 'terminated', 0],
    ['SIGHUP', 'terminated', 0],
  ] as const) {
    const before = listeners();
    const exitCode = await withLifetime(false, (lifetime) => {
      process.emit(signal);
      return serveUntilEnd(lifetime, async (reason) => {
        t.equal(reason, wantedReason);
        t.ok(lifetime.signal.aborted);
        t.notOk(lifetime.forced.aborted);
      });
    });
    t.equal(exitCode, wantedCode);
    t.strictSame(listeners(), before, 'the signals are given back');
  }
});

t.test('a second call to end does not wait for the draining; the exit code of SIGTERM tells', async (t) => {
  for (const [signal, wantedCode] of [
    ['SIGINT', 105],
    ['SIGTERM', 1],
  ] as const) {
    const exitCode = await withLifetime(false, (lifetime) => {
      process.emit(signal);
      return serveUntilEnd(lifetime, () => {
        process.emit(signal);
        return new Promise(() => {});
      });
    });
    t.equal(exitCode, wantedCode);
  }
});

t.test('a child is told to end by its parent alone: a signal for all processes of a service is no call', async (t) => {
  for (const lines of [[END_WORD, END_WORD], [END_WORD + END_WORD]]) {
    await withLifetime(true, async ({ ending, signal, forced }) => {
      process.emit('SIGTERM');
      process.emit('SIGINT');
      t.notOk(signal.aborted);
      for (const line of lines) {
        t.notOk(forced.aborted);
        process.stdin.emit('data', Buffer.from(line));
        t.ok(signal.aborted);
        process.emit('SIGTERM');
      }
      t.ok(forced.aborted);
      t.equal(await ending, 'terminated');
    });
  }
});

t.test('a child whose parent is gone heeds signals', async (t) => {
  await withLifetime(true, async ({ ending, forced }) => {
    process.stdin.emit('end');
    t.equal(await ending, 'parent-gone');
    t.notOk(forced.aborted);
    process.emit('SIGTERM');
    t.ok(forced.aborted);
  });
});

t.test('the signals are given back also when the command fails', async (t) => {
  const before = listeners();
  await t.rejects(
    withLifetime(false, () => Promise.reject(new Error('no'))),
    { message: 'no' },
  );
  t.strictSame(listeners(), before);
});

t.test('work that ends in its grace is not hurried', async (t) => {
  const { signal } = new AbortController();
  const hurry = () => t.fail('it was hurried');
  t.equal(await endInTime(Promise.resolve(), signal, { graceMs: 60_000, hurry }), true);
  await t.rejects(endInTime(Promise.reject(new Error('no')), signal, { graceMs: 60_000, hurry }), { message: 'no' });
});

t.test('work is hurried when its grace is over, or at the second call to end', async (t) => {
  for (const [graceMs, isForced] of [
    [0, false],
    [60_000, true],
  ] as const) {
    const forced = new AbortController();
    const work = Promise.withResolvers<void>();
    if (isForced) forced.abort();
    t.equal(await endInTime(work.promise, forced.signal, { graceMs, hurry: () => work.resolve() }), true);
  }
});
