import t from 'tap';
import { LoadAssignment } from '../../../../core/control/load/load-assignment.ts';
import { readCheckpoint } from '../../../../core/control/run/checkpoint.ts';
import { equalShare, type Share } from '../../../../core/plan/load/split.ts';

const NONE: Share = { of: 2520, slots: [] };
const HALF: Share = { of: 2520, slots: Array.from({ length: 1260 }, (_, n) => 2 * n) };

/** What an agent is assigned when its messages get through. */
function assignmentOf(first: Share | undefined, sent: number[] = [], clock = { us: 0 }): LoadAssignment {
  return new LoadAssignment(first, false, {
    nowUs: () => clock.us,
    sendChange: (_, number) => sent.push(number),
    sendLevel: () => {},
    saved: () => Promise.resolve(),
  });
}

/** An agent whose stream is cut for half of each ten seconds, over two hours. It answers what it was sent a second ago. */
async function flapping() {
  const sent: number[] = [];
  const clock = { us: 0 };
  const load = assignmentOf(equalShare(0, 2), sent, clock);
  for (let atUs = 10e6; atUs < 7200e6; atUs += 10e6) {
    clock.us = atUs;
    load.send({ kind: 'share', atUs, share: NONE });
    if (atUs === 20e6) load.send({ kind: 'pause', atUs });
    load.send({ kind: 'share', atUs: atUs + 5e6, share: HALF });
    await Promise.resolve();
    load.answered(atUs - 1e6);
  }
  return { load, sent, clock };
}

t.test('what an agent was sent does not grow for ever', async (t) => {
  const { load, sent } = await flapping();
  t.ok(JSON.stringify(load.changes).length < 1e5, `${JSON.stringify(load.changes).length}`);
  const count = load.changes.length;
  t.equal(sent.length, count, 'each was sent, once');
  sent.length = 0;
  load.resend();
  t.ok(sent.length < 8, 'shares that were replaced, and of which it has heard, are not sent again');
  t.ok(sent.includes(4), 'a pause is');
  t.equal(sent.at(-1), count);
  t.same(load.share, HALF);
});

t.test('what is missing is the same, also in a control that has recovered the run', async (t) => {
  const { load } = await flapping();
  const again = assignmentOf(equalShare(0, 2));
  const policy = { expectAgents: 1, agentsTimeoutUs: 0, onAgentLoss: 'rebalance', elastic: false, agentLabels: {} };
  const [environment, labels] = [{ host: '', os: '', runtime: '', cpuModel: '', cpus: 1, memoryBytes: 1 }, {}];
  const agent = { name: 'a', epoch: 'e', certificate: '', labels, environment, changes: load.changes };
  const started = { start: { epochMs: 0 }, agents: [agent], changes: [], targetEnvironment: {} };
  const checkpoint = readCheckpoint(JSON.stringify({ ...policy, lossTolerance: 0, command: '', started, events: [] }));
  again.recover(checkpoint.started?.agents[0]?.changes ?? []);
  for (const assignment of [load, again]) {
    const missing = assignment.missing(0, 7200e6);
    t.equal(missing.length, 720);
    t.ok(missing.every(({ share }) => share === 0.5));
    t.equal(
      missing.reduce((sum, { fromSecond, toSecond }) => sum + toSecond - fromSecond, 0),
      10 + 719 * 5,
    );
  }
});

t.test('what an agent may not have heard is sent again', async (t) => {
  const sent: number[] = [];
  const clock = { us: 0 };
  const load = assignmentOf(equalShare(0, 2), sent, clock);
  for (const atUs of [1e6, 2e6, 3e6]) {
    clock.us = atUs;
    load.send({ kind: 'share', atUs, share: HALF });
    await Promise.resolve();
  }
  load.answered(2e6);
  sent.length = 0;
  clock.us = 10e6;
  load.resend();
  t.same(sent, [2, 3], 'the second was sent when the probe was, so it may have been lost');
  sent.length = 0;
  load.answered(9e6);
  load.resend();
  t.same(sent, [2, 3], 'an answer to a probe from before they were sent again tells nothing of them');
  sent.length = 0;
  load.answered(11e6);
  load.resend();
  t.same(sent, [3], 'the latest share is kept whole');
});

t.test('shares are shortened in a control that was started again, too', async (t) => {
  const clock = { us: 100e6 };
  const load = assignmentOf(equalShare(0, 2), [], clock);
  load.recover([
    { kind: 'past-share', atUs: 1e6, part: 0.5 },
    { kind: 'share', atUs: 2e6, share: HALF },
    { kind: 'share', atUs: 3e6, share: NONE },
    { kind: 'share', atUs: 4e6, share: HALF },
  ]);
  load.answered(101e6);
  t.equal(load.changes[1]?.kind, 'share', 'nothing was sent by this control yet');
  load.resend();
  load.answered(101e6);
  t.same(
    load.changes.map(({ kind }) => kind),
    ['past-share', 'past-share', 'past-share', 'share'],
  );
});

t.test('an agent came when it got its first share, however long ago', async (t) => {
  const load = assignmentOf(undefined);
  for (const atUs of [30e6, 60e6, 7200e6]) load.send({ kind: 'share', atUs, share: HALF });
  t.equal(load.joinedUs, 30e6);
});
