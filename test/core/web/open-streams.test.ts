import t from 'tap';
import type { EventSink } from '../../../core/web/stream/event-client.ts';
import { OpenStreams } from '../../../core/web/stream/open-streams.ts';
import { FakeClock } from '../../../testing/fake-clock.ts';

const reader = (session: string | undefined, isWithdrawn = () => false) => ({ session, isWithdrawn });

function sinkOf(written: string[] = []): EventSink & { ended: boolean } {
  return {
    ended: false,
    writableLength: 0,
    write: (bytes) => written.push(Buffer.from(bytes).toString()),
    end() {
      this.ended = true;
    },
    destroy() {},
  };
}

t.test('a session has at most 20 streams, and all together 200', async (t) => {
  const streams = new OpenStreams(new FakeClock());
  t.teardown(() => streams.close());
  const refusal = { message: /streams .*open, which is the most/ };
  const open = (session: string | undefined) => {
    streams.admit({ session });
    return streams.open(sinkOf(), reader(session));
  };
  const own = Array.from({ length: 20 }, () => open('a'));
  t.throws(() => open('a'), refusal);
  for (let i = 0; i < 180; i++) open(i < 19 ? 'b' : undefined);
  t.throws(() => open('c'), refusal);
  own[0]?.closed();
  t.doesNotThrow(() => open('a'), 'there is room again');
});

t.test('a stream begins with how long to wait, and has a comment each 15 s', async (t) => {
  const clock = new FakeClock();
  const streams = new OpenStreams(clock);
  const written: string[] = [];
  const client = streams.open(sinkOf(written), reader(undefined));
  await clock.advance(31e6);
  t.same(written, ['retry: 2000\n\n', ':\n\n', ':\n\n']);
  client.closed();
  t.equal(clock.waiting, 0, 'nothing goes on without streams');
});

t.test('a reader that is no longer let in is sent away within 5 s', async (t) => {
  const clock = new FakeClock();
  const streams = new OpenStreams(clock);
  let isRevoked = false;
  const sink = sinkOf();
  streams.open(
    sink,
    reader('a', () => isRevoked),
  );
  await clock.advance(7e6);
  t.equal(sink.ended, false);
  isRevoked = true;
  await clock.advance(5e6);
  t.equal(sink.ended, true);
});
