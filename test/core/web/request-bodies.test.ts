/** Bodies that never end, come all at once, or take for ever. */
import { PassThrough } from 'node:stream';
import t from 'tap';
import { ANONYMOUS, RequestBodies } from '../../../core/web/request-bodies.ts';
import { FakeClock, turns } from '../../../testing/fake-clock.ts';
import { served } from './web-stage.ts';

const MIB = 1024 * 1024;

function scene() {
  const clock = new FakeClock();
  const bodies = new RequestBodies(clock);
  const begin = (limit?: typeof ANONYMOUS) => {
    const stream = new PassThrough({ highWaterMark: 4 * MIB });
    const request = Object.assign(stream, { headers: { 'content-type': 'application/json' } });
    const read = bodies.json(request as never, limit).catch((error: unknown) => error);
    return { stream, read };
  };
  return { clock, begin };
}

t.test('all bodies on their way have 32 MiB together, and what has ended gives its room back', async (t) => {
  const { begin } = scene();
  const open = Array.from({ length: 32 }, () => begin());
  for (const { stream } of open) stream.write(Buffer.alloc(MIB, ' '));
  await turns(20);
  const more = begin();
  more.stream.end(' {}');
  t.match(await more.read, { status: 503, message: 'too many bodies are on their way: try again later' });
  open[0]?.stream.end();
  t.match(await open[0]?.read, { status: 400 });
  const next = begin();
  next.stream.end('{"a":1}');
  t.same(await next.read, { a: 1 });
  open[1]?.stream.destroy();
  await open[1]?.read;
  const another = begin();
  another.stream.end('{"a":2}');
  t.same(await another.read, { a: 2 });
});

t.test('a body that takes longer than a minute is cut off, however it comes', async (t) => {
  const { clock, begin } = scene();
  const { stream, read } = begin();
  for (let second = 0; second < 59; second++) {
    stream.write(' ');
    await clock.advance(1e6);
  }
  t.notOk(stream.destroyed);
  await clock.advance(1e6);
  t.ok(stream.destroyed);
  t.ok((await read) instanceof Error);
  const { stream: whole, read: done } = begin();
  whole.end('{}');
  t.same(await done, {});
  await clock.advance(60e6);
});

t.test('whoever need not be logged in sends no more than a token takes', async (t) => {
  const { begin } = scene();
  const { stream, read } = begin(ANONYMOUS);
  stream.write(Buffer.alloc(4096, ' '));
  stream.write(' ');
  t.match(await read, { status: 413, message: 'the body is too large: at most 4 KiB is taken' });
  const { post } = await served(t);
  t.match(await post('/session', { token: 'x'.repeat(5000) }), { status: 413 });
  t.match(await post('/plans/check', { text: 'x'.repeat(5000) }), { status: 200 });
});
