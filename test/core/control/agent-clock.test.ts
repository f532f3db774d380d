import fc from 'fast-check';
import t from 'tap';
import { AgentClock } from '../../../core/control/agent-clock.ts';

const probe = fc.record({
  outUs: fc.nat(100_000),
  backUs: fc.nat(100_000),
  pauseUs: fc.integer({ min: 1, max: 10_000 }),
});

t.test('the estimate is off by at most its uncertainty, whatever the ways there and back take', (t) => {
  fc.assert(
    fc.property(
      fc.array(probe, { minLength: 1, maxLength: 20 }),
      fc.integer({ min: -1e9, max: 1e9 }),
      (probes, offsetUs) => {
        const clock = new AgentClock();
        let nowUs = 1e9;
        for (const { outUs, backUs, pauseUs } of probes) {
          const sentUs = nowUs;
          clock.sent(sentUs);
          nowUs += outUs + backUs;
          if (!clock.answered(sentUs, sentUs + outUs + offsetUs, nowUs)) return false;
          nowUs += pauseUs;
        }
        const least = Math.min(...probes.map(({ outUs, backUs }) => outUs + backUs));
        const { offsetUs: estimated, uncertaintyUs } = clock.estimate ?? { offsetUs: Number.NaN, uncertaintyUs: 0 };
        return uncertaintyUs === least / 2 && Math.abs(estimated - offsetUs) <= uncertaintyUs + 1;
      },
    ),
  );
  t.pass();
  t.end();
});

t.test('answers to probes that were not sent, or that are no time, are of no account', (t) => {
  const clock = new AgentClock();
  clock.sent(100);
  t.equal(clock.answered(99, 5, 200), false);
  t.equal(clock.answered(100, Number.NaN, 200), false);
  t.equal(clock.answered(100, 5, 200), false, 'it has been answered');
  t.equal(clock.estimate, undefined);
  for (let sentUs = 1; sentUs <= 100; sentUs++) clock.sent(sentUs);
  t.equal(clock.answered(1, 5, 200), false, 'too old');
  t.equal(clock.answered(100, 5, 200), true);
  t.equal(clock.answers, 1);
  clock.forget();
  t.same([clock.estimate, clock.answers], [undefined, 0]);
  t.end();
});
