/** Agents whose clocks jump, and agents of another version. */
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { FakeTime } from './faketime.ts';
import { checkOf, doubtsOf, Fleet, lossOf, textsOf, totalsOf, uploadsOf } from './fleet.ts';

t.setTimeout(400_000);
t.jobs = 2;
const buffered = true;

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const HOUR_S = 3600;

t.test('an agent of an older protocol version is refused with a sentence', { buffered }, async (t) => {
  const fleet = await Fleet.start(t);
  const runtime = [process.execPath, '--import', fileURLToPath(new URL('./older-protocol.ts', import.meta.url))];
  const { code, stderr } = await fleet.startAgent('old', fleet.address, { runtime }).ended;
  t.equal(code, 1, stderr);
  t.match(
    stderr,
    /^bench: Control at \S+ refused agent old: the agent \(version \S+\) speaks protocol (\d+), control \(version \S+\) speaks \d+: install the same version of @bench\/toolkit on both$/m,
  );
  fleet.control.kill('SIGTERM');
  t.match(
    (await fleet.control.ended).stderr,
    /an agent from \S+ is refused: the agent \(version \S+\) speaks protocol/,
  );
});

t.test(
  "the time of day of an agent's host is set back and forth by an hour: nothing happens",
  { buffered },
  async (t) => {
    const fleet = await Fleet.start(t);
    const clock = await FakeTime.in(fleet.folder, 'wall');
    await fleet.agent('a');
    await fleet.agent('b', fleet.address, { env: clock.env });
    const runId = await fleet.run(6, 2);
    await later(1500);
    clock.set(HOUR_S);
    await later(1500);
    clock.set(-HOUR_S);
    const result = await fleet.result(runId);
    t.same(totalsOf(result), [
      ['a', 'agree'],
      ['b', 'agree'],
    ]);
    t.same(doubtsOf(result), []);
    t.same(textsOf(result), []);
    t.equal(checkOf(result, 'clock')?.ok, true);
    t.equal(await fleet.rows(), uploadsOf(result));
  },
);

t.test(
  'the monotonic clock of an agent jumps ahead by an hour: it is refused, and the result says why',
  { buffered },
  async (t) => {
    const fleet = await Fleet.start(t);
    const clock = await FakeTime.in(fleet.folder, 'all');
    await fleet.agent('a');
    const b = await fleet.agent('b', fleet.address, { env: clock.env });
    const runId = await fleet.run(7, 2);
    await later(3000);
    clock.set(HOUR_S);
    const result = await fleet.result(runId);
    t.same(totalsOf(result), [
      ['a', 'agree'],
      ['b', 'missing'],
    ]);
    t.equal(result.verdict.kind, 'invalid');
    t.equal(lossOf(result), 0);
    const texts = textsOf(result).join('\n');
    t.match(
      texts,
      /^agent b is gone: it was refused: it sent a window of second 36\d\d, .* its clock may have jumped$/m,
    );
    t.match(texts, /^agent b has not reported its totals: what it did from second [2-4] on is not known$/m);
    t.equal((await b.ended).code, 1);
    const unknown = (await fleet.rows()) - uploadsOf(result);
    t.ok(unknown >= 0 && unknown < 500, `${unknown} rows of the refused agent's last window`);
  },
);

t.test(
  'the monotonic clock of an agent jumps by some seconds: its load ends early, and the run is invalid',
  { buffered },
  async (t) => {
    const fleet = await Fleet.start(t);
    const clock = await FakeTime.in(fleet.folder, 'all');
    await fleet.agent('a');
    await fleet.agent('b', fleet.address, { env: clock.env });
    const runId = await fleet.run(9, 2);
    await later(2000);
    clock.set(4);
    const result = await fleet.result(runId);
    t.same(totalsOf(result), [
      ['a', 'agree'],
      ['b', 'agree'],
    ]);
    t.equal(result.verdict.kind, 'invalid');
    // A busy machine may keep the monitor from sampling the target in time.
    const texts = textsOf(result).filter((text) => !text.startsWith('monitor '));
    t.matchOnly(texts, [/^the clock of agent b jumped by (3\.[5-9]|4\.[0-5])\d s$/]);
    t.match(checkOf(result, 'clock'), { ok: false, finding: /^The clocks of b moved by up to [34]/ });
    t.equal(await fleet.rows(), uploadsOf(result));
  },
);
