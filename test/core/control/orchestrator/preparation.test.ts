/** Drivers that prepare without a load: what they make is kept, unless something goes wrong. */
import t, { type Test } from 'tap';
import { PluginError } from '../../../../core/plugin.ts';
import { RunState } from '../../../../proto/gen/bench/v1/run_pb.ts';
import { type StageOptions, stage } from '../scene/stage.ts';

/** Control with a driver that tells its steps. */
async function preparing(
  t: Test,
  prepare: NonNullable<StageOptions['driver']>['prepare'] = async () => {},
  options: Partial<StageOptions> = {},
) {
  const steps: string[] = [];
  const scene = await stage(t, {
    ...options,
    driver: {
      prepare: async (...given) => {
        steps.push('prepare');
        await prepare?.(...given);
      },
      cleanup: async () => {
        steps.push('cleanup');
      },
    },
  });
  return { scene, steps };
}

t.test('what drivers make without a load is kept, needs no agents, and is removed on request', async (t) => {
  const { scene, steps } = await preparing(t);
  const runId = await scene.prepare();
  t.match(await scene.ended(runId), { state: RunState.PREPARED, reason: '' });
  t.same(steps, ['prepare']);
  t.match(await scene.summary(runId), { state: RunState.PREPARED, verdict: '' });
  t.equal(await scene.result(runId), null);
  t.match(await scene.cleanUp(runId), { problems: [] });
  t.same(steps, ['prepare', 'cleanup']);
});

t.test('it may take longer than a run lets a driver, and a run waits for it', async (t) => {
  const done = Promise.withResolvers<void>();
  const { scene, steps } = await preparing(t, async () => {
    if (steps.length === 1) await done.promise;
  });
  const runId = await scene.prepare();
  const agent = await scene.agent();
  const next = await scene.start();
  await scene.clock.advance(3600e6);
  t.match(await scene.summary(runId), { state: RunState.PREPARING });
  t.match(await scene.summary(next), { state: RunState.QUEUED });
  done.resolve();
  t.match(await scene.ended(runId), { state: RunState.PREPARED });
  await scene.clock.until(agent.prepare());
  t.same(steps, ['prepare', 'prepare']);
});

t.test('a preparation that fails leaves nothing, and says why', async (t) => {
  const { scene, steps } = await preparing(t, async () => {
    throw new PluginError('the disk of the database is full');
  });
  const runId = await scene.prepare();
  t.match(await scene.ended(runId), {
    ...{ state: RunState.FAILED, reason: 'driver fake, step prepare: the disk of the database is full' },
  });
  t.same(steps, ['prepare', 'cleanup']);
});

t.test('what a preparation that failed could not remove is told, and kept in mind until it is removed', async (t) => {
  let isBusy = true;
  const scene = await stage(t, {
    driver: {
      prepare: async () => {
        throw new PluginError('the disk is full');
      },
      cleanup: async () => {
        if (isBusy) throw new PluginError('the table is locked');
      },
    },
  });
  const runId = await scene.prepare();
  const reason =
    'driver fake, step prepare: the disk is full; cleaning up failed: driver fake, step cleanup: the table is locked';
  t.match(await scene.ended(runId), { state: RunState.FAILED, reason, leftBehind: true });
  t.match(await scene.summary(runId), { reason });
  t.match(await scene.ended(runId), { reason, leftBehind: true }, 'who asks later is told, too');
  await t.rejects(scene.delete(runId), { message: new RegExp(`clean up first \\(\`bench cleanup ${runId}\``) });
  t.match(await scene.cleanUp(runId), { problems: ['driver fake, step cleanup: the table is locked'] });
  await t.rejects(scene.delete(runId), 'it is still there');
  isBusy = false;
  t.match(await scene.cleanUp(runId), { problems: { length: 0 } });
  t.match(await scene.ended(runId), { reason, leftBehind: false });
  await scene.delete(runId);
  t.same(await scene.list(), []);
});

t.test('what was prepared is not forgotten by deleting the run that removes it', async (t) => {
  const { scene } = await preparing(t);
  const runId = await scene.prepare();
  t.match(await scene.ended(runId), { state: RunState.PREPARED, leftBehind: true });
  await t.rejects(scene.delete(runId), { code: 'FAILED_PRECONDITION', message: /may still be there/ });
  await scene.cleanUp(runId);
  await scene.delete(runId);
  t.same(await scene.list(), []);
});

t.test('one that is stopped leaves nothing', async (t) => {
  const begun = Promise.withResolvers<void>();
  const { scene, steps } = await preparing(t, (_options, { signal }) => {
    begun.resolve();
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  });
  const runId = await scene.prepare();
  await scene.clock.until(begun.promise);
  await scene.stop(runId, 'Ctrl-C');
  t.match(await scene.ended(runId), { state: RunState.FAILED, reason: /Ctrl-C$/, leftBehind: false });
  await scene.delete(runId);
  t.same(steps, ['prepare', 'cleanup']);
});
