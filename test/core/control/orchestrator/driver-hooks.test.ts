/** What control has drivers do before and after the load, and what becomes of a run whose driver cannot. */
import t from 'tap';
import type { PlanInput } from '../../../../core/plan/schema.ts';
import { NotPreparedError, PluginError } from '../../../../core/plugin.ts';
import { reconcile } from '../../../../core/stats/reconcile.ts';
import { RunState } from '../../../../proto/gen/bench/v1/run_pb.ts';
import { matchEach } from '../../../kit/match-each.ts';
import { fakePlan, stage } from '../scene/stage.ts';

t.test('a driver that cannot prepare fails the run with its sentence, and cleans up', async (t) => {
  const steps: string[] = [];
  const scene = await stage(t, {
    driver: {
      prepare: async () => {
        throw new PluginError('the database shop is not there: create it');
      },
      cleanup: async () => {
        steps.push('cleanup');
      },
    },
  });
  const agent = await scene.agent();
  const runId = await scene.start();
  t.match(await scene.ended(runId), {
    state: RunState.FAILED,
    reason: 'driver fake, step prepare: the database shop is not there: create it',
  });
  t.same(steps, ['cleanup']);
  t.notOk(agent.received.some((message) => message.case === 'assignment'));
});

t.test('a driver that has made nothing is not asked to clean up: its reason is the only one', async (t) => {
  const steps: string[] = [];
  const scene = await stage(t, {
    driver: {
      prepare: async () => {
        throw new NotPreparedError('the server rejects the login of bench');
      },
      cleanup: async () => {
        steps.push('cleanup');
      },
    },
  });
  await scene.agent();
  const runId = await scene.start();
  t.match(await scene.ended(runId), {
    state: RunState.FAILED,
    reason: 'driver fake, step prepare: the server rejects the login of bench',
  });
  t.same(steps, []);
});

t.test('a clean-up that hangs is cut off by the second request to stop', async (t) => {
  const begun = Promise.withResolvers<void>();
  const scene = await stage(t, {
    driver: {
      prepare: async () => {
        throw new PluginError('the server is frozen');
      },
      cleanup: () => {
        begun.resolve();
        return new Promise(() => {});
      },
    },
  });
  await scene.agent();
  const runId = await scene.start();
  await scene.clock.until(begun.promise);
  await scene.stop(runId, 'Ctrl-C');
  await scene.clock.advance(1e6);
  await scene.stop(runId, 'Ctrl-C, twice');
  t.match(await scene.ended(runId), {
    state: RunState.FAILED,
    reason: /^driver fake, step prepare: the server is frozen/,
  });
});

t.test('a driver that cannot verify is noted, and what depends on it cannot be judged', async (t) => {
  const scene = await stage(t, {
    driver: {
      verify: async () => {
        throw new PluginError('the database is gone');
      },
    },
  });
  const agent = await scene.agent();
  const runId = await scene.running([agent]);
  agent.window(1, 0, [{ responseUs: [1000] }]);
  agent.sendWindow(runId, 1);
  agent.sendDone(runId);
  await scene.ended(runId);
  const result = await scene.result(runId);
  t.same(result.reconciliations, []);
  t.matchOnly(
    result.events.map(({ text }) => text),
    ['driver fake, step verify: the database is gone'],
  );
  matchEach(t, result.thresholds, [{ criterion: 'error_rate < 1%' }, { criterion: 'lost == 0', status: 'invalid' }]);
  t.equal(result.verdict.kind, 'invalid');
});

t.test('where one of two drivers cannot verify, what depends on both cannot be judged', async (t) => {
  const stored = { source: 'database' as const, sourceDescription: 'test' };
  const scene = await stage(t, {
    driver: {
      verify: async (options, { writes }) => {
        if ((options as { isBroken?: boolean }).isBroken) throw new PluginError('the database is gone');
        return reconcile(writes, new Map([['device-0', 1]]), stored, true);
      },
    },
  });
  const agent = await scene.agent();
  const plan = {
    ...fakePlan,
    drivers: { good: { use: 'fake' }, broken: { use: 'fake', options: { isBroken: true } } },
    scenarios: {
      devices: {
        ...fakePlan.scenarios.devices,
        operations: [
          { driver: 'good', operation: 'upload' },
          { driver: 'broken', operation: 'health' },
        ],
      },
    },
  } as PlanInput;
  const runId = await scene.running([agent], { plan });
  agent.window(1, 0, [{ responseUs: [1000] }], 1, ['device-0']);
  agent.sendWindow(runId, 1);
  agent.sendDone(runId);
  await scene.ended(runId);
  const { unverified, reconciliations, thresholds, verdict } = await scene.result(runId);
  matchEach(t, reconciliations, [{ driver: 'good' }]);
  t.same(unverified, ['broken']);
  matchEach(t, thresholds, [{ criterion: 'error_rate < 1%' }, { criterion: 'lost == 0', status: 'invalid' }]);
  t.equal(verdict.kind, 'invalid');
});

t.test('what verify gives and is no reconciliation is the fault of that step: the measurement stays', async (t) => {
  const given = {
    ...reconcile(new Map(), new Map(), { source: 'database', sourceDescription: 'test' }, true),
    keys: -1,
  };
  const scene = await stage(t, { driver: { verify: async () => given } });
  const agent = await scene.agent();
  const runId = await scene.running([agent]);
  agent.window(1, 0, [{ responseUs: [1000] }]);
  agent.sendWindow(runId, 1);
  agent.sendDone(runId);
  t.equal((await scene.ended(runId)).state, RunState.FINISHED);
  const { events, operations, unverified } = await scene.result(runId);
  t.equal(operations[0]?.phases.measure.requests, 1);
  t.same(unverified, ['fake']);
  t.matchOnly(
    events.map(({ text }) => text),
    [/^driver fake, step verify: keys: .*; give what reconcile\(\) gives$/],
  );
});

t.test('a run whose load is cut off is verified; asked once more, nobody waits for that', async (t) => {
  for (const isAskedAgain of [false, true]) {
    const verifying = Promise.withResolvers<void>();
    const counted = Promise.withResolvers<void>();
    const scene = await stage(t, {
      driver: {
        verify: async (_, { writes }) => {
          verifying.resolve();
          await counted.promise;
          return reconcile(writes, new Map(), { source: 'database', sourceDescription: 'test' }, true);
        },
      },
    });
    const agent = await scene.agent();
    const runId = await scene.running([agent]);
    await scene.stop(runId, 'Ctrl-C', true);
    agent.sendDone(runId);
    await scene.clock.until(verifying.promise);
    if (isAskedAgain) await scene.stop(runId, 'Ctrl-C again', true);
    else counted.resolve();
    t.equal((await scene.ended(runId)).state, RunState.FINISHED);
    const { reconciliations, events } = await scene.result(runId);
    t.equal(reconciliations.length, isAskedAgain ? 0 : 1);
    t.equal(events.at(-1)?.text, isAskedAgain ? 'cut off: Ctrl-C again' : 'operations in flight are cut off');
  }
});

t.test('a run that is under way is not cleaned up', async (t) => {
  const scene = await stage(t);
  const agent = await scene.agent();
  const runId = await scene.running([agent]);
  await t.rejects(scene.cleanUp(runId), { code: 'FAILED_PRECONDITION', message: /is under way: stop it first/ });
  agent.sendDone(runId);
  await scene.ended(runId);
  t.match(await scene.cleanUp(runId), { problems: [] });
});
