import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import t from 'tap';
import { sceneClock } from './scene-clock.ts';

t.test('time stands still while a thread packs and unpacks, however long it takes', async (t) => {
  const clock = sceneClock();
  const content = randomBytes(2_000_000);
  const due = Promise.withResolvers<void>();
  const dueUs = clock.nowUs() + 30e6;
  clock.after(30e6, due.resolve);
  const work = (async () => {
    await due.promise;
    const unpacked = await promisify(gunzip)(await promisify(gzip)(content));
    t.equal(clock.nowUs(), dueUs);
    t.ok(unpacked.equals(content));
  })();
  await clock.advance(60e6);
  await work;
});
