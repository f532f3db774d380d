import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { workbench } from '../bench-process.ts';
import { endedWith, resultIn } from '../busy-host.ts';
import { scene } from './author.ts';

t.setTimeout(400_000);

const DRIVER = `import { defineDriver, z } from '@bench/toolkit';

const OK = { ok: true, errorKind: '', message: '', status: 0, bytesSent: 0, bytesReceived: 0 };

export default defineDriver<object>({
  name: 'bad',
  description: 'Does what a plugin must not do.',
  options: z.strictObject({}),
  operations: () => ['stray', 'dropped', 'exit', 'throws', 'shape', 'hang'].map((name) => ({ name, type: 'BAD' })),
  open: () => ({
    connect: () => ({
      async send(operation) {
        if (operation === 'stray') setTimeout(() => { throw new Error('from a timer'); });
        if (operation === 'dropped') void Promise.reject(new Error('from a promise'));
        if (operation === 'exit') process.exit(0);
        if (operation === 'throws') throw new Error('no luck');
        if (operation === 'hang') await new Promise(() => {});
        if (operation === 'shape') return { ok: 'yes' } as never;
        await new Promise((resolve) => setTimeout(resolve, 5));
        return OK;
      },
      close: () => Promise.reject(new Error('it is stuck')),
    }),
    close() {},
  }),
});
`;

const PLAN = `name: A bad plugin
drivers: { bad: { use: ./lib/driver.ts, operationTimeout: 500ms } }
scenarios:
  bad:
    executor: per-vu-iterations
    vus: 1
    iterations: 3
    onFailure: continue
    flow: [stray, dropped, exit, throws, hang, shape]
  others:
    executor: per-vu-iterations
    vus: 2
    iterations: 20
    thinkTime: 10ms
    operations: [{ driver: 'null' }]
thresholds: [noop fails == 0, journey bad fails == 3]
reports: [json]
`.replace(/flow: \[(.*)\]/, (_, names: string) => {
  return `flow: [${names
    .split(', ')
    .map((name) => `{ driver: bad, operation: ${name} }`)
    .join(', ')}]`;
});

const bin = fileURLToPath(new URL('../../../node_modules/.bin/', import.meta.url));
const RUNTIMES: Readonly<Record<string, readonly string[]>> = {
  Node: [process.execPath],
  Bun: [`${bin}bun`],
  Deno: [`${bin}deno`, 'run', '--allow-all'],
};

for (const [runtime, agentRuntime] of Object.entries(RUNTIMES)) {
  t.test(`on ${runtime}, whatever a plugin does takes nothing down but its own operations`, async (t) => {
    const { plans, agent, run, edit } = await scene(t, { agentRuntime });
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
          ['hang', 3, [['operation_timeout', 3]]],
          ['shape', 3, [['driver_gave_no_outcome', 3]]],
          ['noop', 40, []],
        ],
      );
      t.match(ended.stdout + JSON.stringify(result), /driver \\*"\.\/lib\/driver\.ts\\*" wants to end the process/);
      const told = result.events.map(({ text }) => text).filter((text) => text.startsWith('agent far warns'));
      t.strictSame(told, [
        'agent far warns: a session of driver bad could not be closed: it is stuck',
        'agent far warns: driver bad leaks sessions: 4 could not be closed, so up to 5 were open for 1 virtual user',
      ]);
    }
    await agent.said(/driver "\.\/lib\/driver\.ts" has thrown where nobody waits for it: from a timer/);
    await agent.said(/driver "\.\/lib\/driver\.ts" has thrown where nobody waits for it: from a promise/);
  });
}

const ENDS = `import { defineDriver, z } from '@bench/toolkit';

const own = process as unknown as Record<string, (code?: number) => unknown>;
const { Deno: deno = { exit: () => own.exit?.(0) } } = globalThis as { Deno?: { exit(code: number): unknown } };
const ENDS: Record<string, () => unknown> = {
  exit: () => own.exit?.(0),
  reallyExit: () => own.reallyExit?.(0),
  abort: () => own.abort?.(),
  deno: () => deno.exit(0),
};

export default defineDriver<{ how: string }>({
  name: 'ends',
  description: 'Ends the process.',
  options: z.strictObject({ how: z.string() }),
  operations: ({ how }) => {
    ENDS[how]?.();
    return [];
  },
  open: () => {
    throw new Error('not reached');
  },
});
`;

for (const [runtime, command] of Object.entries(RUNTIMES)) {
  t.test(`on ${runtime}, a plugin cannot end the command that checks its plan`, async (t) => {
    const operations = (driver: string) => `operations: [{ driver: ${driver} }]`;
    const { start } = workbench(t, {
      'ends.ts': ENDS,
      'top.ts': 'process.exit(0);',
      'plan.yaml': `name: Ends
drivers:
${['exit', 'reallyExit', 'abort', 'deno'].map((how) => `  ${how}: { use: ./ends.ts, options: { how: ${how} } }`).join('\n')}
scenarios:
${['exit', 'reallyExit', 'abort', 'deno', './top.ts']
  .map((driver, i) => `  s${i}: { executor: constant-vus, vus: 1, duration: 1s, ${operations(driver)} }`)
  .join('\n')}
`,
    });
    const { code, stderr } = await start(['check', 'plan.yaml'], { runtime: command }).ended;
    t.equal(code, 104);
    t.equal(stderr.match(/"\.\/ends\.ts" wants to end the process, .*: it is refused$/gm)?.length, 4, stderr);
    t.match(stderr, /driver "\.\/top\.ts" cannot be loaded: driver "\.\/top\.ts" wants to end the process/);
  });
}
