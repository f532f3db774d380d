import t from 'tap';
import { IDLE_HOST } from '../../agents/simulation/synthetic-window.ts';
import { type DriverPlugin, defineDriver } from '../../core/plugin.ts';
import { OK } from '../kit/engine.ts';
import { joinedAgent } from '../kit/joined-agent.ts';

const driver: DriverPlugin = defineDriver({
  name: 'stubborn',
  description: '',
  options: { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } },
  operations: () => [{ name: 'turn', type: 'TEST' }],
  open: () => ({
    connect: () => ({
      send: () => new Promise((resolve) => setImmediate(() => resolve(OK))),
      close: () => Promise.reject(new Error('the session is already closed')),
    }),
    close: () => Promise.reject(new Error('the pool is already closed')),
  }),
});

const operations = [{ driver: 'stubborn' }];
const plan = {
  name: 'test',
  scenarios: { s: { executor: 'shared-iterations' as const, vus: 2, iterations: 50, operations } },
};

t.test('what cannot be closed is logged, and holds up neither this run nor the next', async (t) => {
  const { control, log } = await joinedAgent(t, driver);
  for (const [i, runId] of ['r1', 'r2'].entries()) {
    control.assign(runId, plan);
    await control.next('prepared', i + 1);
    control.send({ case: 'start', value: { runId, atAgentUs: 0 } });
    t.match(await control.next('done', i + 1), { runId, totals: [{ count: 50 }] });
    control.send({ case: 'runEnded', value: { runId } });
  }
  t.equal(control.of('leaving').length, 0);
  const lines = log.filter((line) => line.startsWith('run r1: '));
  t.match(lines[0], 'run r1: a session of driver stubborn could not be closed: the session is already closed');
});

t.test('an assignment that is stopped before its start ends, however its driver closes', async (t) => {
  const { control } = await joinedAgent(t, driver);
  control.assign('r1', plan);
  await control.next('prepared');
  control.send({ case: 'stop', value: { runId: 'r1', abort: false } });
  t.match(await control.next('done'), { runId: 'r1', lastSeq: 0 });
  control.send({ case: 'runEnded', value: { runId: 'r1' } });
  control.assign('r2', plan);
  t.match(await control.next('prepared', 2), { runId: 'r2', problems: [] });
});

t.test('a load that fails: control is told why, and what the windows add up to', async (t) => {
  let isStopped = false;
  const drained = Promise.withResolvers<void>();
  const { control, log } = await joinedAgent(t, driver, {
    load: {
      watchHost: () => ({
        take: () => IDLE_HOST,
        restart: () => {},
        stop: () => {
          isStopped = true;
        },
      }),
      createGenerator: ({ emit, failed }) => ({
        sessions: 1,
        prepare: async () => {},
        run: async () => {
          emit({ second: 0, operations: [], scenarios: [], writes: [], timings: [], host: IDLE_HOST });
          failed(new Error('the data file is gone'));
          await drained.promise;
          return 0;
        },
        setLevel: () => {},
        change: () => {},
        stop: () => {},
        abort: () => {},
        close: async () => {},
        recorder: {
          finalTotals: () => [],
          tallied: () => ({ acknowledged: 0, unknown: 0 }),
          firstStartDelayUs: 0,
        },
      }),
    },
  });
  control.assign('r1', plan);
  await control.next('prepared');
  control.send({ case: 'start', value: { runId: 'r1', atAgentUs: 0 } });
  const reason = 'its load failed: the data file is gone';
  t.match(await control.next('leaving'), { runId: 'r1', reason, byItself: true }, 'at once');
  t.equal(control.of('done').length, 0);
  drained.resolve();
  t.match(await control.next('done'), { runId: 'r1', lastSeq: 1 });
  t.equal(control.of('leaving').length, 1);
  t.ok(log.includes(`run r1: ${reason}`));
  t.ok(isStopped);
});

t.test('what a driver repeats of a long answer reaches control, and its log, as its beginning', async (t) => {
  const connect = () => Promise.reject(new Error('x'.repeat(1_000_000)));
  const { control, log } = await joinedAgent(t, { ...driver, open: () => ({ connect, close: () => {} }) });
  control.assign('r1', plan);
  const { problems } = await control.next('prepared');
  t.ok(problems.length > 0 && problems.every(({ length }) => length < 1000));
  t.ok(log.every(({ length }) => length < 1000));
});
