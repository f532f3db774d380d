import t from 'tap';
import { type BatchWriter, WriteQueue, type WriteQueueOptions } from '../../target/batch.ts';
import { StoreError } from '../../target/error.ts';
import type { Upload } from '../../target/upload-store.ts';
import fc from '../kit/property.ts';

const rowOf = (id: number): Upload => ({ deviceId: `d${id}`, testData: id });
const isFulfilled = ({ status }: PromiseSettledResult<void>) => status === 'fulfilled';

/** Time that stands still but for the queue's own sleeps. */
function fakeClock() {
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    nextTurn: async () => {},
    sleep: async (durationMs: number) => {
      nowMs += durationMs;
    },
  };
}

function queueOn(insert: BatchWriter['insert'], options: Partial<WriteQueueOptions> = {}) {
  return new WriteQueue(
    { insert },
    { writers: 1, batchRows: 100, capacity: 1000, lockWaitMs: 5000, clock: fakeClock(), ...options },
  );
}

/** Time that stands still until the test moves it. */
function heldClock() {
  let nowMs = 0;
  let sleepers: { readonly dueMs: number; readonly wake: () => void }[] = [];
  return {
    nowMs: () => nowMs,
    nextTurn: async () => {},
    sleep: (durationMs: number) =>
      new Promise<void>((wake) => {
        sleepers.push({ dueMs: nowMs + durationMs, wake });
      }),
    /** Resolves when those who were due have done their work. */
    async pass(durationMs: number) {
      nowMs += durationMs;
      const due = sleepers.filter(({ dueMs }) => dueMs <= nowMs);
      sleepers = sleepers.filter(({ dueMs }) => dueMs > nowMs);
      for (const { wake } of due) wake();
      await new Promise(setImmediate);
    },
  };
}

/** A writer whose transactions end when the test says so. */
function heldWriter() {
  const batches: { rows: readonly Upload[]; commit: () => void; fail: (error: Error) => void }[] = [];
  const insert = (rows: readonly Upload[]) =>
    new Promise<void>((commit, fail) => {
      batches.push({ rows, commit, fail });
      arrived?.();
    });
  let arrived: (() => void) | undefined;
  const next = async (index: number) => {
    while (batches[index] === undefined) {
      await new Promise<void>((resolve) => {
        arrived = resolve;
      });
    }
    return batches[index] as (typeof batches)[number];
  };
  return { insert, batches, next };
}

t.test('uploads that wait share the next transaction, one at a time, answered after its commit', async (t) => {
  const { insert, batches, next } = heldWriter();
  const queue = queueOn(insert, { batchRows: 3 });
  const answered: number[] = [];
  const add = (id: number) => queue.add(rowOf(id)).then(() => void answered.push(id));
  const first = [add(0), add(1)];
  const batch = await next(0);
  t.strictSame(batch.rows, [rowOf(0), rowOf(1)]);
  const later = [add(2), add(3), add(4), add(5)];
  t.equal(queue.depth, 6, 'those being written wait too');
  t.equal(batches.length, 1, 'no second transaction meanwhile');
  t.strictSame(answered, []);
  batch.commit();
  await Promise.all(first);
  t.strictSame(answered, [0, 1]);
  const second = await next(1);
  t.strictSame(second.rows, [rowOf(2), rowOf(3), rowOf(4)], 'a batch is bounded');
  second.commit();
  (await next(2)).commit();
  await Promise.all(later);
  t.match(queue, { depth: 0, rowsCommitted: 6 });
  t.equal(queue.takeDeepest(), 6);
  t.equal(queue.takeDeepest(), 0);
});

t.test(
  'a few uploads wait for the transaction that runs, although a writer is free, and share the next one',
  async (t) => {
    const { insert, batches, next } = heldWriter();
    const clock = heldClock();
    const queue = queueOn(insert, { writers: 3, clock });
    const add = (...ids: number[]) => ids.map((id) => queue.add(rowOf(id)));
    const uploads = add(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    const first = await next(0);
    uploads.push(...add(10, 11));
    await clock.pass(1.9);
    uploads.push(...add(12));
    t.equal(batches.length, 1);
    first.commit();
    const second = await next(1);
    t.strictSame(second.rows, [rowOf(10), rowOf(11), rowOf(12)]);
    second.commit();
    await Promise.all(uploads);
  },
);

t.test('a quarter of all uploads without an answer does not wait for a transaction that runs', async (t) => {
  const { insert, batches, next } = heldWriter();
  const clock = heldClock();
  const queue = queueOn(insert, { writers: 3, clock });
  const uploads = Array.from({ length: 9 }, (_, id) => queue.add(rowOf(id)));
  await next(0);
  uploads.push(queue.add(rowOf(9)), queue.add(rowOf(10)));
  await clock.pass(0);
  t.equal(batches.length, 1, 'two of eleven are less');
  uploads.push(queue.add(rowOf(11)));
  t.strictSame((await next(1)).rows, [rowOf(9), rowOf(10), rowOf(11)]);
  for (const batch of batches) batch.commit();
  await Promise.all(uploads);
});

t.test('nor do as many as a transaction takes', async (t) => {
  const { insert, batches, next } = heldWriter();
  const queue = queueOn(insert, { writers: 6, batchRows: 10, clock: heldClock() });
  const uploads = Array.from({ length: 60 }, (_, id) => queue.add(rowOf(id)));
  await next(5);
  for (const { rows, commit } of batches) {
    t.equal(rows.length, 10);
    commit();
  }
  await Promise.all(uploads);
});

t.test(
  'uploads that have waited for two milliseconds get a transaction, on as many writers as there are',
  async (t) => {
    const { insert, batches, next } = heldWriter();
    const clock = heldClock();
    const queue = queueOn(insert, { writers: 3, clock });
    const uploads = Array.from({ length: 100 }, (_, id) => queue.add(rowOf(id)));
    await next(0);
    for (const id of [100, 102, 104]) {
      uploads.push(queue.add(rowOf(id)));
      await clock.pass(1);
      uploads.push(queue.add(rowOf(id + 1)));
      await clock.pass(1);
      await clock.pass(1);
    }
    const later = () => batches.slice(1).map(({ rows }) => rows.map(({ testData }) => testData));
    const inOrder = [
      [100, 101],
      [102, 103],
      [104, 105],
    ];
    t.strictSame(later(), inOrder.slice(0, 2), 'no more at once than there are writers');
    (await next(1)).commit();
    await next(3);
    t.strictSame(later(), inOrder);
    for (const batch of batches) batch.commit();
    await Promise.all(uploads);
    t.match(queue, { depth: 0, rowsCommitted: 106 });
  },
);

t.test('a failed transaction fails each of its uploads, and the next one goes on', async (t) => {
  const { insert, next } = heldWriter();
  const queue = queueOn(insert);
  const failed = [queue.add(rowOf(0)), queue.add(rowOf(1))];
  const outcomes = Promise.allSettled(failed);
  (await next(0)).fail(new StoreError('unavailable', 'the disk is full'));
  for (const outcome of await outcomes) {
    t.match(outcome, { status: 'rejected', reason: { kind: 'unavailable', message: 'the disk is full' } });
  }
  const recovered = queue.add(rowOf(2));
  (await next(1)).commit();
  await recovered;
  t.match(queue, { depth: 0, rowsCommitted: 1 });
});

t.test('whichever rows the database refuses, all others are stored once and answered', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }), async (refused) => {
      const stored: number[] = [];
      const queue = queueOn(async (rows) => {
        if (rows.some(({ testData }) => refused[testData])) throw new StoreError('refused', 'no');
        stored.push(...rows.map(({ testData }) => testData));
      });
      const outcomes = await Promise.allSettled(refused.map((_, id) => queue.add(rowOf(id))));
      t.strictSame(
        outcomes.map(isFulfilled),
        refused.map((isRefused) => !isRefused),
      );
      t.strictSame(
        stored.sort((a, b) => a - b),
        refused.flatMap((isRefused, id) => (isRefused ? [] : [id])),
      );
      t.equal(queue.depth, 0);
    }),
    { numRuns: 30 },
  );
});

t.test('a lock is waited for', async (t) => {
  let attempts = 0;
  const queue = queueOn(async () => {
    attempts += 1;
    if (attempts < 10) throw new StoreError('busy', 'locked');
  });
  await Promise.all([queue.add(rowOf(0)), queue.add(rowOf(1))]);
  t.match(queue, { depth: 0, rowsCommitted: 2 });
});

t.test('a lock that stays is waited for five seconds, not more', async (t) => {
  const clock = fakeClock();
  const queue = new WriteQueue(
    {
      insert: async () => {
        throw new StoreError('busy', 'locked');
      },
    },
    { writers: 1, batchRows: 100, capacity: 1000, lockWaitMs: 5000, clock },
  );
  await t.rejects(queue.add(rowOf(0)), { message: 'locked' });
  t.equal(clock.nowMs(), 5000);
  t.equal(queue.depth, 0);
});

t.test('a full queue turns uploads away at once', async (t) => {
  const { insert, next } = heldWriter();
  const queue = queueOn(insert, { capacity: 2 });
  const taken = [queue.add(rowOf(0)), queue.add(rowOf(1))];
  await t.rejects(queue.add(rowOf(2)), { kind: 'busy', message: /2 uploads are already waiting/ });
  const batch = await next(0);
  t.equal(batch.rows.length, 2, 'those waiting are not touched');
  batch.commit();
  await Promise.all(taken);
});
