/** Callers who send and fetch what is sent with runs without end, and read nothing of it. */
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ContentCache } from '../../../../core/bundle/content-cache.ts';
import type { OpenBundle } from '../../../../core/bundle/open-bundle.ts';
import { contentOf, Uploads } from '../../../../core/control/api/contents.ts';
import { Downloads } from '../../../../core/control/api/downloads.ts';
import { openFiles } from '../../../../core/open-files.ts';
import { bundleProblem } from '../../../../core/plan/bundle.ts';
import type { Caller } from '../../../../proto/rpc/caller.ts';
import { MessageQueue } from '../../../../proto/rpc/message-queue.ts';
import { FakeClock } from '../../../../testing/fake-clock.ts';

const until = async (isDone: () => boolean) => {
  while (!isDone()) await new Promise((resolve) => setTimeout(resolve, 5));
};

t.test(
  'an agent that fetches a file a thousand times and reads none of it has eight open',
  { skip: !existsSync('/proc/self/fd') },
  async (t) => {
    const folder = t.testdir({});
    const path = join(folder, 'content');
    writeFileSync(path, Buffer.alloc(2_000_000));
    const bundle = { contentPath: () => path } as Partial<OpenBundle> as OpenBundle;
    const downloads = new Downloads(new FakeClock());
    const [evil, good] = ['evil', 'good'].map((certificate) => ({ peer: '192.0.2.1:1', certificate })) as [
      Caller,
      Caller,
    ];
    const before = openFiles() ?? 0;
    const calls = Array.from({ length: 1000 }, () => {
      const gone = new AbortController();
      const call = { ...evil, signal: gone.signal, cutOff: () => gone.abort() };
      return { gone, messages: downloads.inTurn(call, contentOf(bundle, 'x')) };
    });
    const first = calls.map(({ messages }) => messages.next());
    await Promise.all(first.slice(0, 8));
    t.ok((openFiles() ?? 0) - before <= 8, `${openFiles()} files are open, ${before} were`);
    const gone = new AbortController();
    const honest = downloads.inTurn({ ...good, signal: gone.signal, cutOff: () => {} }, contentOf(bundle, 'x'));
    t.equal((await honest.next()).value?.piece.length, 256 << 10, 'nobody else waits');
    await honest.return();
    for (const { gone } of calls) gone.abort();
    for (const { messages } of calls) await messages.return();
    await until(() => (openFiles() ?? 0) <= before);
  },
);

t.test('of streams that begin to bring a file and bring none, a caller has eight', async (t) => {
  const cache = new ContentCache(t.testdir({}));
  const uploads = new Uploads(cache);
  const content = Buffer.from('name');
  const sha256 = createHash('sha256').update(content).digest('hex');
  const stream = (certificate: string) => {
    const messages = new MessageQueue();
    const said: unknown[] = [];
    const more = { send: (answer: unknown) => said.push(answer), close: () => messages.end(), cutOff: () => {} };
    const call = { messages, certificate, peer: '127.0.0.1:1', signal: new AbortController().signal, ...more };
    messages.push({ part: { case: 'header', value: { sha256, bytes: content.length } } });
    return { messages, said, done: uploads.receive(call as never) };
  };
  const stalled = Array.from({ length: 8 }, () => stream('one'));
  await until(() => stalled.every(({ said }) => said.length === 1));
  await t.rejects(stream('one').done, { code: 'RESOURCE_EXHAUSTED', message: /send them one after the other/ });
  const other = stream('two');
  await until(() => other.said.length === 1);
  other.messages.push({ part: { case: 'piece', value: content } });
  other.messages.end();
  await other.done;
  t.ok(await cache.has({ sha256, bytes: content.length }));
  const large = stream('two');
  large.messages.push({ part: { case: 'piece', value: Buffer.alloc((1 << 20) + 1) } });
  await t.rejects(large.done, { code: 'INVALID_ARGUMENT', message: 'a piece has more than 1 MiB' });
  for (const { messages } of stalled) messages.end();
  await Promise.all(stalled.map(({ done }) => done));
  const again = stream('one');
  again.messages.end();
  await again.done;
});

t.test('the same content has one size', async (t) => {
  const sha256 = 'a'.repeat(64);
  const entry = (name: string, bytes: number) => ({ kind: 'file' as const, name, sha256, bytes });
  t.equal(bundleProblem([entry('a', 5), entry('b', 5)]), undefined);
  t.match(
    bundleProblem([entry('a', 1e15), entry('b', 5)]),
    /^the size of b is not that of another file with its hash$/,
  );
});
