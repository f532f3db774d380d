/** A reader that is slow misses what it can do without; one that stands still is sent away. */
import t from 'tap';
import { EventClient, type EventSink } from '../../../core/web/stream/event-client.ts';

class SlowSink implements EventSink {
  writableLength = 0;
  taken = 0;
  ended: 'no' | 'in order' | 'cut off' = 'no';

  write(bytes: Uint8Array): void {
    this.writableLength += bytes.length;
  }

  take(bytes: number): void {
    const left = Math.min(bytes, this.writableLength);
    this.writableLength -= left;
    this.taken += left;
  }

  end(): void {
    this.ended = 'in order';
  }

  destroy(): void {
    this.ended = 'cut off';
  }
}

const KIB = 1024;

t.test(
  'above 64 KiB a client misses seconds, and nothing else; it gets them again when it has caught up',
  async (t) => {
    const sink = new SlowSink();
    const client = new EventClient(sink);
    client.send(new Uint8Array(65 * KIB));
    client.send(new Uint8Array(10), true);
    t.equal(sink.writableLength, 65 * KIB, 'the second was left out');
    client.send(new Uint8Array(10));
    t.equal(sink.writableLength, 65 * KIB + 10, 'a state was not');
    sink.take(KIB + 100);
    client.send(new Uint8Array(10), true);
    t.equal(sink.taken + sink.writableLength, 65 * KIB + 20);
  },
);

t.test('where more than 1 MiB waits it is cut off, and told of once', async (t) => {
  const sink = new SlowSink();
  const client = new EventClient(sink);
  let closed = 0;
  client.onClose(() => closed++);
  client.send(new Uint8Array(1024 * KIB));
  t.equal(client.isOpen, true);
  client.send(new Uint8Array(1));
  t.equal(client.isOpen, true, 'what has just been written has had no time to leave');
  client.send(new Uint8Array(1));
  t.equal(sink.ended, 'cut off');
  client.closed();
  t.equal(closed, 1);
  client.send(new Uint8Array(5));
  t.equal(sink.writableLength, 1024 * KIB + 1, 'nothing is sent to it any more');
});

t.test('it is cut off when nothing has left for 30 s, and not while a little leaves', async (t) => {
  const sink = new SlowSink();
  const client = new EventClient(sink);
  client.send(new Uint8Array(100));
  for (let second = 0; second < 60; second++) {
    sink.take(1);
    client.check(second * 1e6);
  }
  t.equal(client.isOpen, true, 'slow');
  for (let second = 60; second < 89; second++) client.check(second * 1e6);
  t.equal(client.isOpen, true);
  client.check(89e6);
  t.equal(sink.ended, 'cut off');
});

t.test('a client that has all that there is may wait as long as it likes', async (t) => {
  const sink = new SlowSink();
  const client = new EventClient(sink);
  client.send(new Uint8Array(100));
  sink.take(100);
  for (let second = 0; second < 600; second++) client.check(second * 1e6);
  t.equal(client.isOpen, true);
});

t.test('what it begins with is no backlog of its own making, and it has to take it all the same', async (t) => {
  const sink = new SlowSink();
  const client = new EventClient(sink);
  client.begin(Array.from({ length: 30 }, () => new Uint8Array(100 * KIB)));
  t.equal(sink.writableLength, 3000 * KIB, 'all of it');
  client.send(new Uint8Array(5 * 1024 * KIB));
  t.equal(client.isOpen, true, 'one message of a large run');
  client.send(new Uint8Array(1));
  t.equal(sink.ended, 'cut off', 'but not one after the other');

  const stalled = new SlowSink();
  const other = new EventClient(stalled);
  other.begin([new Uint8Array(10)]);
  for (let second = 0; second <= 30; second++) other.check(second * 1e6);
  t.equal(stalled.ended, 'cut off');
});
