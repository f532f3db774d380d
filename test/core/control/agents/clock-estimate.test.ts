import t from 'tap';
import { AgentClock, movedUs } from '../../../../core/control/agents/clock-estimate.ts';
import fc from '../../../kit/property.ts';

interface Probe {
  readonly outUs: number;
  readonly backUs: number;
  /** How long the agent keeps its answer. */
  readonly waitUs: number;
  readonly pauseUs: number;
}

const probe = fc.record({
  outUs: fc.nat(100_000),
  backUs: fc.nat(100_000),
  waitUs: fc.oneof(fc.constant(0), fc.nat(1_500_000)),
  pauseUs: fc.integer({ min: 1, max: 2_000_000 }),
});

/** Probes an agent's clock that is ahead by this at first, and then goes faster or slower by this part. */
function probed(probes: readonly Probe[], offsetUs: number, drift: number) {
  const clock = new AgentClock();
  let nowUs = 1e9;
  const offsetAt = (us: number) => offsetUs + Math.round((us - 1e9) * drift);
  const jumps: unknown[] = [];
  for (const { outUs, backUs, waitUs, pauseUs } of probes) {
    const controlUs = nowUs;
    clock.sent(controlUs);
    const agentAt = (us: number) => us + offsetAt(us);
    const [inAtUs, outAtUs] = [controlUs + outUs, controlUs + outUs + waitUs];
    nowUs = outAtUs + backUs;
    jumps.push(clock.answered({ controlUs, receivedUs: agentAt(inAtUs), sentUs: agentAt(outAtUs) }, nowUs));
    nowUs += pauseUs;
  }
  const lastUs = nowUs - (probes.at(-1)?.pauseUs ?? 0);
  return { clock, jumps, errorUs: Math.abs((clock.estimate?.offsetUs ?? Number.NaN) - offsetAt(lastUs)) };
}

/** An answer that leaves as soon as the probe arrives. */
function answerTo(controlUs: number, agentUs: number) {
  return { controlUs, receivedUs: agentUs, sentUs: agentUs };
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
        const slackUs = 4 + 0.001 * (last.outUs + last.waitUs + last.backUs);
        return (
          uncertaintyUs <= (last.outUs + last.backUs) / 2 + 2 + 0.001 * last.waitUs &&
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
      { outUs: 30_000, backUs: 70_000, waitUs: 0, pauseUs: 1 },
      { outUs: 70_000, backUs: 30_000, waitUs: 0, pauseUs: 1 },
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
      return clock.answered(answerTo(atUs, atUs + 500 + offsetUs), atUs + 1000);
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

t.test(
  'a clock that jumps while its answer waits: the next answer tells how far, and nothing is concluded before',
  (t) => {
    for (const jumpUs of [3600e6, -3600e6]) {
      const clock = new AgentClock();
      clock.sent(1e6);
      t.equal(clock.answered(answerTo(1e6, 1e6 + 500), 1e6 + 1000), 0);
      clock.sent(2e6);
      const seen = clock.answered({ controlUs: 2e6, receivedUs: 2e6 + 500, sentUs: 3e6 + jumpUs }, 3e6 + 500);
      t.equal(seen, jumpUs > 0 ? 'unclear' : undefined);
      clock.sent(4e6);
      const told = clock.answered(answerTo(4e6, 4e6 + 500 + jumpUs), 4e6 + 1000);
      // The bounds had widened meanwhile, by what clocks may drift.
      t.ok(Math.abs(Number(told) - jumpUs) <= 3000, `${told}`);
      t.match(clock.estimate, { offsetUs: jumpUs });
    }
    t.end();
  },
);

t.test('answers to probes that were not sent, or that are no time, are of no account', (t) => {
  const clock = new AgentClock();
  clock.sent(100);
  t.equal(clock.answered(answerTo(99, 5), 200), undefined);
  t.equal(clock.answered(answerTo(100, Number.NaN), 200), undefined);
  t.equal(clock.answered(answerTo(100, 5), 200), undefined, 'it has been answered');
  clock.sent(101);
  t.equal(clock.answered({ controlUs: 101, receivedUs: 5, sentUs: Number.NaN }, 200), undefined);
  clock.sent(102);
  const early = clock.answered({ controlUs: 102, receivedUs: 5e14, sentUs: -5e14 }, 200);
  t.equal(
    early,
    undefined,
    'it left before the probe came: a run would wait for years until all agents certainly know of its start',
  );
  t.equal(clock.estimate, undefined);
  for (let sentUs = 1; sentUs <= 100; sentUs++) clock.sent(sentUs);
  t.equal(clock.answered(answerTo(1, 5), 200), undefined, 'too old');
  t.equal(clock.answered(answerTo(100, 5), 200), 0);
  t.equal(clock.answers, 1);
  t.end();
});
