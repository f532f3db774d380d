import t from 'tap';
import { Arrivals, SEARCH_ON } from '../../../agents/engine/schedule/arrivals.ts';
import { LoadSchedule } from '../../../agents/engine/schedule/load-schedule.ts';
import { OperationMix } from '../../../agents/engine/vu/operation-mix.ts';
import type { AgentChange } from '../../../core/plan/load/load-change.ts';
import { arrivalTimes, type LoadProfile } from '../../../core/plan/load/profile.ts';
import type { Share } from '../../../core/plan/load/split.ts';
import { randomAt } from '../../../core/plan/random.ts';
import fc from '../../kit/property.ts';

const SECOND_US = 1e6;
const SEED = 7;
const STREAM = 2;
const ALL: Share = { of: 1, slots: [0] };
const EVEN: Share = { of: 2, slots: [0] };
const NONE: Share = { of: 1, slots: [] };
const mix = new OperationMix([
  {
    index: 0,
    scenario: 0,
    scenarioName: 's',
    name: 'a',
    driver: 'd',
    driverOperation: 'a',
    type: 'TEST',
    weight: 1,
    tags: {},
  },
]);

type Spacing = 'uniform' | 'poisson';

const level = (perSecond: number, atUs: number): AgentChange => ({
  kind: 'level',
  atUs,
  scenario: 0,
  level: perSecond,
});
const pause = (atUs: number): AgentChange => ({ kind: 'pause', atUs });
const resume = (atUs: number): AgentChange => ({ kind: 'resume', atUs });
const shared = (share: Share, atUs: number): AgentChange => ({ kind: 'share', atUs, share });

function constant(perSecond: number, durationUs: number): LoadProfile {
  return { segments: [{ durationUs, from: perSecond, to: perSecond }], durationUs, peak: perSecond };
}

function applied(schedule: LoadSchedule, change: AgentChange): number {
  return change.kind === 'share' ? schedule.changeShare(change.share, change.atUs) : schedule.change(change);
}

/** One agent, which sends all that is due when it gets to it. */
class Agent {
  readonly arrivals: Arrivals;
  readonly #schedule: LoadSchedule;

  constructor(profile: LoadProfile, share: Share, spacing: Spacing = 'uniform') {
    this.#schedule = new LoadSchedule(profile, 0, 0, share);
    this.arrivals = new Arrivals({ schedule: this.#schedule, spacing, mix, seed: SEED, stream: STREAM });
  }

  /** @returns the intended starts of what it sends until then */
  sendUntil(untilUs: number): number[] {
    const sent: number[] = [];
    for (let next = this.arrivals.next; next !== undefined && next.atUs < untilUs; next = this.arrivals.next) {
      if (next !== SEARCH_ON) sent.push(next.atUs);
      this.arrivals.take();
    }
    return sent;
  }

  hear(nowUs: number, ...changes: readonly AgentChange[]): void {
    for (const change of changes) this.arrivals.revise(applied(this.#schedule, change), nowUs);
  }
}

t.test('a lower rate that is heard late is the rate from then on', async (t) => {
  const agent = new Agent(constant(1000, 60 * SECOND_US), ALL);
  t.equal(agent.sendUntil(14.5 * SECOND_US).length, 14_500);
  agent.hear(14.5 * SECOND_US, level(100, 10 * SECOND_US));
  t.equal(agent.sendUntil(15.5 * SECOND_US).length, 100);
  t.equal(agent.arrivals.takeMissed(), 0, 'more was sent than was wanted');
});

t.test('after a pause that is heard when it is over the load goes on at once', async (t) => {
  const agent = new Agent(constant(100, 60 * SECOND_US), EVEN);
  agent.sendUntil(30 * SECOND_US);
  agent.hear(30 * SECOND_US, pause(10 * SECOND_US), resume(20 * SECOND_US), shared(EVEN, 30.5 * SECOND_US));
  t.equal(agent.sendUntil(32 * SECOND_US).length, 100);
});

t.test('of several changes that are heard together each missed arrival counts once, and none is sent', async (t) => {
  const agent = new Agent(constant(100, 60 * SECOND_US), ALL);
  agent.sendUntil(30 * SECOND_US);
  agent.hear(30 * SECOND_US, level(200, 10 * SECOND_US), pause(15 * SECOND_US), resume(20 * SECOND_US));
  t.equal(agent.arrivals.takeMissed(), 1000, '4000 were wanted, 3000 were sent');

  const other = new Agent(constant(100, 60 * SECOND_US), ALL);
  other.sendUntil(30 * SECOND_US);
  other.hear(30 * SECOND_US, level(200, 10 * SECOND_US), level(300, 25 * SECOND_US), level(50, 31 * SECOND_US));
  const sent = other.sendUntil(32 * SECOND_US);
  t.ok((sent[0] as number) >= 30 * SECOND_US, `the next one is of ${sent[0]} µs`);
  t.equal(sent.length, 350);
  t.equal(other.arrivals.takeMissed(), 2500, '5500 were wanted, 3000 were sent');
});

t.test('what is due when word of a change comes is still sent', async (t) => {
  const agent = new Agent(constant(100, 10 * SECOND_US), ALL);
  agent.sendUntil(SECOND_US);
  agent.hear(2 * SECOND_US, level(200, 1.5 * SECOND_US), level(10, 3 * SECOND_US));
  const sent = agent.sendUntil(2 * SECOND_US);
  t.equal(sent.length, 50, 'the event loop was held up, word was not');
  t.equal(agent.arrivals.takeMissed(), 100);
});

t.test('an agent does not go through all that came long before', async (t) => {
  const hours = (seconds: number) => (36_000 + seconds) * SECOND_US;
  // 10^12 of them: who did go through them would not come back.
  const agent = new Agent(constant(1e8, hours(100)), NONE);
  agent.hear(hours(-1), shared(EVEN, hours(0)), level(10, hours(0)));
  t.equal(agent.arrivals.next?.atUs, hours(0));
  t.equal(agent.sendUntil(hours(10)).length, 50);
  agent.hear(hours(10), level(20, hours(5)));
  t.equal(agent.sendUntil(hours(11)).length, 10);
  t.equal(agent.arrivals.takeMissed(), 25);
});

for (const spacing of ['uniform', 'poisson'] as const) {
  t.test(`of very many ${spacing} arrivals those that were missed are found in pieces, and all of them`, async (t) => {
    const wanted = new Agent(constant(100_000, 4 * SECOND_US), EVEN, spacing).sendUntil(5 * SECOND_US);
    const agent = new Agent(constant(100_000, 4 * SECOND_US), EVEN, spacing);
    agent.arrivals.revise(0, 3 * SECOND_US);
    t.equal(agent.arrivals.next, SEARCH_ON);
    t.equal(agent.arrivals.takeMissed(), 0, 'nothing is said before all are found');
    const sent = agent.sendUntil(5 * SECOND_US);
    t.same(
      sent,
      wanted.filter((atUs) => atUs >= 3 * SECOND_US),
    );
    t.equal(agent.arrivals.takeMissed(), wanted.length - sent.length);
  });
}

interface Heard {
  readonly nowUs: number;
  /** So long before, it has sent for the last time: its event loop is held up. */
  readonly heldUpUs: number;
  readonly changes: readonly AgentChange[];
}

const DURATION_US = 8 * SECOND_US;
const RAMP: LoadProfile = {
  segments: [
    { durationUs: 3 * SECOND_US, from: 0, to: 200 },
    { durationUs: 5 * SECOND_US, from: 120, to: 20 },
  ],
  durationUs: DURATION_US,
  peak: 200,
};
const GRID_US = 400_000;

/** Changes in the order of their times, each heard in time or late, alone or with others. */
const histories = fc
  .array(
    fc.record({
      afterMs: fc.integer({ min: 1, max: 1500 }),
      lateMs: fc.integer({ min: -800, max: 3000 }),
      heldUpMs: fc.constantFrom(0, 0, 150),
      change: fc.oneof(
        fc.integer({ min: 0, max: 300 }).map((perSecond) => (atUs: number) => level(perSecond, atUs)),
        fc.constantFrom(pause, resume),
        fc.subarray([0, 1, 2]).map((slots) => (atUs: number) => shared({ of: 3, slots }, atUs)),
      ),
    }),
    { maxLength: 8 },
  )
  .map((told) => {
    const heard = new Map<number, Heard>();
    let atUs = 0;
    let nowUs = 0;
    for (const { afterMs, lateMs, heldUpMs, change } of told) {
      atUs += afterMs * 1000;
      nowUs = Math.max(nowUs, GRID_US, Math.ceil((atUs + lateMs * 1000) / GRID_US) * GRID_US);
      const before = heard.get(nowUs) ?? { nowUs, heldUpUs: heldUpMs * 1000, changes: [] };
      heard.set(nowUs, { ...before, changes: [...before.changes, change(atUs)] });
    }
    return [...heard.values()];
  });

/** When each arrival comes, and whether it is the agent's, had it known all of this from the start. */
function ordered(profile: LoadProfile, share: Share, spacing: Spacing, changes: readonly AgentChange[]) {
  const schedule = new LoadSchedule(profile, 0, 0, share);
  for (const change of changes) applied(schedule, change);
  const timeOf = arrivalTimes(schedule.arrivals);
  const gapAt = randomAt(SEED, STREAM + 1);
  const own = new Map<number, number>();
  let reached = 0;
  for (let k = 0; ; k++) {
    reached -= Math.log(1 - gapAt(k));
    const atUs = timeOf(spacing === 'uniform' ? k : reached);
    if (atUs === undefined) return own;
    if (schedule.sharesFrom(atUs)[0]?.owns(k)) own.set(k, Math.round(atUs));
  }
}

t.test(
  'whatever is heard, and when: all that is ordered is sent, or counted as missed when its time is over',
  async () => {
    await fc.assert(
      fc.property(
        histories,
        fc.constantFrom<Spacing>('uniform', 'poisson'),
        fc.constantFrom(ALL, EVEN, NONE),
        fc.constantFrom(constant(100, DURATION_US), RAMP),
        (history, spacing, share, profile) => {
          const agent = new Agent(profile, share, spacing);
          const known: AgentChange[] = [];
          let schedule = ordered(profile, share, spacing, known);
          // What has been sent was sent by this, until something is sent by another schedule, or missed of it.
          let before = schedule;
          let followedUntilUs = 0;
          let changedFromUs = Number.POSITIVE_INFINITY;
          let due = [...schedule];
          let missed = 0;
          let total = 0;
          const end = { nowUs: 2 * DURATION_US, heldUpUs: 0, changes: [] };
          for (const [i, { nowUs, heldUpUs, changes }] of [...history, end].entries()) {
            const untilUs = nowUs - heldUpUs;
            const expected = due.filter(([, atUs]) => atUs < untilUs).map(([, atUs]) => atUs);
            assertSame(agent.sendUntil(untilUs), expected, `sent before word ${i}`);
            assertSame(agent.arrivals.takeMissed(), missed, `missed before word ${i}`);
            total += expected.length + missed;
            if (missed > 0 || (expected.at(-1) ?? 0) >= changedFromUs) {
              before = schedule;
              changedFromUs = Number.POSITIVE_INFINITY;
            }
            followedUntilUs = Math.max(followedUntilUs, Math.min(untilUs, changedFromUs));
            agent.hear(nowUs, ...changes);
            known.push(...changes);
            schedule = ordered(profile, share, spacing, known);
            changedFromUs = Math.min(changedFromUs, ...changes.map(({ atUs }) => atUs));
            const isDone = (k: number) => (before.get(k) ?? Number.POSITIVE_INFINITY) < followedUntilUs;
            const fromUs = changedFromUs;
            missed = [...schedule].filter(([k, atUs]) => fromUs <= atUs && atUs < nowUs && !isDone(k)).length;
            due = [...schedule].filter(([k, atUs]) => atUs >= nowUs || (atUs < fromUs && !isDone(k)));
          }
          if (total < schedule.size) throw new Error(`of ${schedule.size} arrivals ${total} are accounted for`);
        },
      ),
      { numRuns: 300 },
    );
  },
);

function assertSame(found: unknown, wanted: unknown, what: string): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${what}: ${a}, not ${b}`);
}
