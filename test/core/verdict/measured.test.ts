import t from 'tap';
import { currentPerSecond, currentSeconds, measuredSeconds } from '../../../core/verdict/measured.ts';
import { sampleResult } from '../../../testing/index.ts';
import fc from '../../kit/property.ts';

const sample = sampleResult('passed');
/** A run with this many seconds in its timeline. */
const run = (seconds: number, warmupUs: number, measuredUs: number) => {
  const vus = Array.from({ length: seconds }, () => 1);
  return { ...sample, warmupUs, measuredUs, timeline: { ...sample.timeline, vus } };
};

t.test('the seconds measured are those that lie inside the measured phase', async (t) => {
  const us = fc.oneof(
    fc.integer({ min: 0, max: 40 }).map((s) => s * 1e6),
    fc.integer({ min: 0, max: 40e6 }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40 }), us, us, (seconds, warmupUs, measuredUs) => {
      const draft = run(seconds, warmupUs, measuredUs);
      const wanted = draft.timeline.vus
        .map((_, second) => second)
        .filter((second) => second * 1e6 >= warmupUs && (second + 1) * 1e6 <= warmupUs + measuredUs);
      t.strictSame(measuredSeconds(draft), wanted);
      t.strictSame(currentSeconds(draft), wanted.slice(-10));
    }),
  );
});

t.test('what is told of each operation reads ten seconds of a long run, and not all of them', async (t) => {
  const draft = run(28_800, 0, 28_800e6);
  let reads = 0;
  const counted = (numbers: readonly number[]) =>
    new Proxy(numbers, {
      get: (target, key) => {
        reads++;
        return Reflect.get(target, key);
      },
    });
  const long = { ...draft, timeline: { ...draft.timeline, vus: counted(draft.timeline.vus) as number[] } };
  t.equal(currentPerSecond(long, counted(draft.timeline.vus)), 1);
  t.ok(reads < 100, `${reads} reads`);
});
