import { join } from 'node:path';
import t from 'tap';
import { endedWith, resultIn } from '../busy-host.ts';
import { scene } from './author.ts';

t.setTimeout(240_000);

const DRIVER = `import { defineDriver, z } from '@bench/toolkit';

const OK = { ok: true, errorKind: '', message: '', status: 0, bytesSent: 0, bytesReceived: 0 };

export default defineDriver<object>({
  name: 'bad',
  description: 'Does what a plugin must not do.',
  options: z.strictObject({}),
  operations: () => ['stray', 'dropped', 'exit', 'throws', 'shape'].map((name) => ({ name, type: 'BAD' })),
  open: () => ({
    connect: () => ({
      async send(operation) {
        if (operation === 'stray') setTimeout(() => { throw new Error('from a timer'); });
        if (operation === 'dropped') void Promise.reject(new Error('from a promise'));
        if (operation === 'exit') process.exit(0);
        if (operation === 'throws') throw new Error('no luck');
        if (operation === 'shape') return { ok: 'yes' } as never;
        await new Promise((resolve) => setTimeout(resolve, 5));
        return OK;
      },
      close() {},
    }),
    close() {},
  }),
});
`;

const PLAN = `name: A bad plugin
drivers: { bad: { use: ./lib/driver.ts } }
scenarios:
  bad:
    executor: per-vu-iterations
    vus: 1
    iterations: 3
    onFailure: continue
    flow: [stray, dropped, exit, throws, shape]
  others:
    executor: per-vu-iterations
    vus: 2
    iterations: 20
    thinkTime: 10ms
    operations: [{ driver: 'null' }]
thresholds: [noop fails == 0]
reports: [json]
`.replace(/flow: \[(.*)\]/, (_, names: string) => {
  return `flow: [${names
    .split(', ')
    .map((name) => `{ driver: bad, operation: ${name} }`)
    .join(', ')}]`;
});

t.test(
  'a plugin that throws, drops promises and ends the process takes nothing down but its own operations',
  async (t) => {
    const { plans, agent, run, edit } = await scene(t);
    edit('lib/driver.ts', DRIVER);
    edit('plan.yaml', PLAN);
    for (const _ of ['once', 'and again, on the same agent']) {
      const ended = await run();
      const result = resultIn(join(plans, 'out'));
      endedWith(t, ended, 0, result);
      t.strictSame(
        result.operations.map(({ name, phases: { measure } }) => [
          name,
          measure.requests,
          measure.errorKinds.map(({ kind, count }) => [kind, count]),
        ]),
        [
          ['stray', 3, []],
          ['dropped', 3, []],
          ['exit', 3, [['driver_threw', 3]]],
          ['throws', 3, [['driver_threw', 3]]],
          ['shape', 3, [['driver_gave_no_outcome', 3]]],
          ['noop', 40, []],
        ],
      );
      t.match(ended.stdout + JSON.stringify(result), /driver \\*"\.\/lib\/driver\.ts\\*" wants to end the process/);
    }
    await agent.said(/driver "\.\/lib\/driver\.ts" has thrown where nobody waits for it: from a timer/);
    await agent.said(/driver "\.\/lib\/driver\.ts" has thrown where nobody waits for it: from a promise/);
  },
);
