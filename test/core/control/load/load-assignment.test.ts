import t from 'tap';
import { LoadAssignment } from '../../../../core/control/load/load-assignment.ts';
import { readCheckpoint } from '../../../../core/control/run/checkpoint.ts';
import { equalShare, type Share } from '../../../../core/plan/split.ts';

const NONE: Share = { of: 2520, slots: [] };
const HALF: Share = { of: 2520, slots: Array.from({ length: 1260 }, (_, n) => 2 * n) };

/** An agent whose link is cut for half of each ten seconds, over two hours. */
function flapping() {
  const sent: number[] = [];
  const load = new LoadAssignment(
    { share: equalShare(0, 2), keepsIterations: false },
    (_, number) => sent.push(number),
    () => Promise.resolve(),
  );
  for (let atUs = 10e6; atUs < 7200e6; atUs += 10e6) {
    load.tell({ kind: 'share', atUs, share: NONE });
    if (atUs === 20e6) load.tell({ kind: 'pause', atUs });
    load.tell({ kind: 'share', atUs: atUs + 5e6, share: HALF });
  }
  return { load, sent };
}

t.test('what an agent was told does not grow for ever', async (t) => {
  const { load, sent } = flapping();
  t.ok(JSON.stringify(load.changes).length < 1e6, `${JSON.stringify(load.changes).length}`);
  await Promise.resolve();
  const told = load.changes.length;
  t.equal(sent.length, told, 'each was told, once');
  sent.length = 0;
  load.tellAgain();
  t.ok(sent.length < 200, 'shares that others have followed long ago are not told again');
  t.ok(sent.includes(4), 'a pause is');
  t.equal(sent.at(-1), told);
  t.same(load.share, HALF);
});

t.test('what is missing is the same, also in a control that has taken it up', async (t) => {
  const { load } = flapping();
  const again = new LoadAssignment(
    { share: equalShare(0, 2), keepsIterations: false },
    () => {},
    () => Promise.resolve(),
  );
  const terms = { expectAgents: 1, agentsTimeoutUs: 0, onAgentLoss: 'rebalance', elastic: false, agentLabels: {} };
  const [environment, labels] = [{ host: '', os: '', runtime: '', cpuModel: '', cpus: 1, memoryBytes: 1 }, {}];
  const agent = { name: 'a', epoch: 'e', certificate: '', labels, environment, changes: load.changes };
  const started = { start: { epochMs: 0 }, agents: [agent], changes: [], targetEnvironment: {} };
  const checkpoint = readCheckpoint(JSON.stringify({ ...terms, lossTolerance: 0, command: '', started, events: [] }));
  again.recover(checkpoint.started?.agents[0]?.changes ?? []);
  for (const told of [load, again]) {
    const missing = told.missing(0, 7200e6);
    t.equal(missing.length, 720);
    t.ok(missing.every(({ share }) => share === 0.5));
    t.equal(
      missing.reduce((sum, { fromSecond, toSecond }) => sum + toSecond - fromSecond, 0),
      10 + 719 * 5,
    );
  }
});

t.test('an agent came when it got its first share, however long ago', async (t) => {
  const load = new LoadAssignment(
    { share: undefined, keepsIterations: false },
    () => {},
    () => Promise.resolve(),
  );
  for (const atUs of [30e6, 60e6, 7200e6]) load.tell({ kind: 'share', atUs, share: HALF });
  t.equal(load.joinedUs, 30e6);
});
