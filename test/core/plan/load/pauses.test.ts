import t from 'tap';
import { type Pause, withPauses } from '../../../../core/plan/load/load-change.ts';
import { type LoadProfile, levelAt } from '../../../../core/plan/load/profile.ts';
import fc from '../../../kit/property.ts';

const SECOND_US = 1e6;

function profileOf(segments: LoadProfile['segments']): LoadProfile {
  const durationUs = segments.reduce((sum, segment) => sum + segment.durationUs, 0);
  return { segments, durationUs, peak: Math.max(...segments.map(({ from, to }) => Math.max(from, to))) };
}

t.test('with pauses there is no load within them, and the wanted one outside', async (t) => {
  const level = fc.nat(100);
  const segment = fc.record({
    durationUs: fc.integer({ min: 1, max: 20 }).map((s) => s * SECOND_US),
    from: level,
    to: level,
  });
  const pause = fc
    .tuple(fc.integer({ min: -5, max: 60 }), fc.nat(10), fc.boolean())
    .map(([from, seconds, isOpen]): Pause => {
      const toUs = isOpen && seconds === 0 ? Number.POSITIVE_INFINITY : (from + seconds) * SECOND_US;
      return { fromUs: from * SECOND_US, toUs };
    });
  fc.assert(
    fc.property(
      fc.array(segment, { minLength: 1, maxLength: 5 }),
      fc.array(pause, { maxLength: 8 }),
      (segments, pauses) => {
        const profile = profileOf(segments);
        const paused = withPauses(profile, pauses);
        t.equal(paused.durationUs, profile.durationUs);
        if (pauses.length > 0) t.equal(profileOf(paused.segments).durationUs, profile.durationUs);
        for (let atUs = SECOND_US / 2; atUs < profile.durationUs; atUs += SECOND_US) {
          const isPaused = pauses.some(({ fromUs, toUs }) => fromUs <= atUs && atUs < toUs);
          const wanted = isPaused ? 0 : levelAt(profile, atUs);
          t.ok(Math.abs(levelAt(paused, atUs) - wanted) < 1e-6, `at ${atUs / SECOND_US} s`);
        }
      },
    ),
    { numRuns: 50 },
  );
});

t.test('twice as many pauses take twice as many steps', async (t) => {
  const { max } = Math;
  t.teardown(() => {
    Math.max = max;
  });
  const steps = (count: number) => {
    const pauses = Array.from({ length: count }, (_, i) => ({
      fromUs: 2 * i * SECOND_US,
      toUs: (2 * i + 1) * SECOND_US,
    }));
    const profile = profileOf([{ durationUs: 3600 * SECOND_US, from: 5, to: 5 }]);
    let taken = 0;
    Math.max = (...values) => {
      taken++;
      return max(...values);
    };
    const { segments } = withPauses(profile, pauses);
    Math.max = max;
    t.equal(segments.length, 2 * count);
    return taken;
  };
  const few = steps(100);
  t.ok(few > 0);
  t.ok(steps(200) < 2.5 * few, 'and not four times as many');
});
