import fc from 'fast-check';
import t from 'tap';
import { AgentClock, movedUs } from '../../../../core/control/agents/clock-estimate.ts';

interface Probe {
  readonly outUs: number;
  readonly backUs: number;
  readonly pauseUs: number;
}

const probe = fc.record({
  outUs: fc.nat(100_000),
  backUs: fc.nat(100_000),
  pauseUs: fc.integer({ min: 1, max: 2_000_000 }),
});

/** Probes an agent's clock that is ahead by this at first, and then goes faster or slower by this part. */
function probed(probes: readonly Probe[], offsetUs: number, drift: number) {
  const clock = new AgentClock();
  let nowUs = 1e9;
  const offsetAt = (us: number) => offsetUs + Math.round((us - 1e9) * drift);
  const jumps: (number | undefined)[] = [];
  for (const { outUs, backUs, pauseUs } of probes) {
    const sentUs = nowUs;
    clock.sent(sentUs);
    const agentUs = sentUs + outUs + offsetAt(sentUs + outUs);
    nowUs += outUs + backUs;
    jumps.push(clock.answered(sentUs, agentUs, nowUs));
    nowUs += pauseUs;
  }
  const lastUs = nowUs - (probes.at(-1)?.pauseUs ?? 0);
  return { clock, jumps, errorUs: Math.abs((clock.estimate?.offsetUs ?? Number.NaN) - offsetAt(lastUs)) };
}

t.test('the estimate is off by at most its uncertainty, whatever the ways take and however clocks drift', (t) => {
  fc.assert(
    fc.property(
      fc.array(probe, { minLength: 1, maxLength: 20 }),
      fc.integer({ min: -1e9, max: 1e9 }),
      fc.integer({ min: -1000, max: 1000 }),
      (probes, offsetUs, driftPpm) => {
        const { clock, jumps, errorUs } = probed(probes, offsetUs, driftPpm / 1e6);
        const { uncertaintyUs = Number.NaN } = clock.estimate ?? {};
        const last = probes.at(-1) as Probe;
        // A drift that does its worst adds what the answer's way back takes of it; times are rounded.
        const slackUs = 4 + 0.001 * (last.outUs + last.backUs);
        return (
          uncertaintyUs <= (last.outUs + last.backUs) / 2 &&
          errorUs <= uncertaintyUs + slackUs &&
          jumps.every((jumpUs) => jumpUs === 0)
        );
      },
    ),
  );
  t.end();
});

t.test('the fastest way there and the fastest way back count, also of different probes', (t) => {
  const { clock, errorUs } = probed(
    [
      { outUs: 30_000, backUs: 70_000, pauseUs: 1 },
      { outUs: 70_000, backUs: 30_000, pauseUs: 1 },
    ],
    5e6,
    0,
  );
  t.ok(errorUs < 200, `${errorUs}`);
  t.ok((clock.estimate?.uncertaintyUs ?? Number.NaN) < 30_200);
  t.end();
});

t.test('a clock that jumps is seen, and estimated anew', (t) => {
  for (const jumpUs of [3600e6, -3600e6, 30_000]) {
    const clock = new AgentClock();
    const ask = (atUs: number, offsetUs: number) => {
      clock.sent(atUs);
      return clock.answered(atUs, atUs + 500 + offsetUs, atUs + 1000);
    };
    t.equal(ask(1e6, 42), 0);
    const before = clock.estimate as NonNullable<typeof clock.estimate>;
    t.equal(ask(2e6, 42), 0);
    t.equal(ask(3e6, 42 + jumpUs), jumpUs);
    t.equal(ask(4e6, 42 + jumpUs), 0, 'once');
    t.match(clock.estimate, { offsetUs: 42 + jumpUs });
    const certain = movedUs(before, clock.estimate as typeof before);
    t.ok(Math.abs(certain - jumpUs) <= 1000, `${certain}`);
  }
  t.equal(movedUs({ offsetUs: 0, uncertaintyUs: 10 }, { offsetUs: 15, uncertaintyUs: 10 }), 0, 'they may agree');
  t.end();
});

t.test('answers to probes that were not sent, or that are no time, are of no account', (t) => {
  const clock = new AgentClock();
  clock.sent(100);
  t.equal(clock.answered(99, 5, 200), undefined);
  t.equal(clock.answered(100, Number.NaN, 200), undefined);
  t.equal(clock.answered(100, 5, 200), undefined, 'it has been answered');
  t.equal(clock.estimate, undefined);
  for (let sentUs = 1; sentUs <= 100; sentUs++) clock.sent(sentUs);
  t.equal(clock.answered(1, 5, 200), undefined, 'too old');
  t.equal(clock.answered(100, 5, 200), 0);
  t.equal(clock.answers, 1);
  t.end();
});
