import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { workbench } from '../bench-process.ts';
import { resultIn } from '../busy-host.ts';
import { scene } from './author.ts';

t.setTimeout(400_000);
// Each waits for what its processes say, and most of them for a loop that stands.
t.jobs = 4;

/**
 * What stands within a call is known by the call. What stands after an await is told from a host that gives the agent no
 * time by what it computes: only that takes the core.
 */
const DRIVER = `import { defineDriver, z } from '@bench/toolkit';

const OK = { ok: true, errorKind: '', message: '', status: 0, bytesSent: 0, bytesReceived: 0 };
const CELL = new Int32Array(new SharedArrayBuffer(4));
function compress(ms: number, computes: boolean): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs) computes ? Math.sqrt(endMs) : Atomics.wait(CELL, 0, 0, 5);
}

export default defineDriver<object>({
  name: 'slow',
  description: 'Blocks the event loop.',
  options: z.strictObject({}),
  operations: () => ['quick', 'sync', 'later'].map((name) => ({ name, type: 'SLOW' })),
  open: () => ({
    connect: () => ({
      async send(operation) {
        if (operation === 'sync') compress(1500, false);
        if (operation === 'later') {
          await new Promise((resolve) => setTimeout(resolve, 10));
          compress(1500, true);
        }
        return OK;
      },
      close() {},
    }),
    close() {},
  }),
});
`;

const PLAN = `name: A plugin that blocks
drivers: { slow: { use: ./lib/driver.ts } }
scenarios:
  slow:
    executor: per-vu-iterations
    vus: 1
    iterations: 1
    flow:
      - { driver: slow, operation: quick }
      - { driver: slow, operation: sync }
      - pause: 500ms
      - { driver: slow, operation: later }
      - pause: 500ms
      - { driver: slow, operation: quick }
reports: [json]
`;

const bin = fileURLToPath(new URL('../../../node_modules/.bin/', import.meta.url));
const ENDING = 'blocked the event loop for \\d\\.\\d s: until then this agent sent nothing and read no answer';
const OPERATIONS = [
  new RegExp(`^agent far warns: driver slow in its operation sync ${ENDING}$`),
  new RegExp(
    `^agent far warns: what came after an await or in a callback, perhaps of driver slow in its operation later, which was begun last, ${ENDING}$`,
  ),
];
const RUNTIMES = {
  Node: {
    agentRuntime: [process.execPath],
    told: [
      /^agent far warns: driver "\.\/lib\/driver\.ts", in compress ← send \(\S*driver\.ts:7\), blocked the event loop for/,
    ],
  },
  Bun: { agentRuntime: [`${bin}bun`], told: OPERATIONS },
  Deno: { agentRuntime: [`${bin}deno`, 'run', '--allow-all'], told: OPERATIONS },
};

/** It stands as still as one that computes, and leaves the core to others meanwhile. */
const FOREVER = DRIVER.replace('compress(1500,', 'compress(1e12,');

// It waits the longest, so it begins first.
t.test('a local run tells what an agent said last that was lost, and its result what may have kept it', async (t) => {
  const { start, folder } = workbench(t, {
    'driver.ts': FOREVER,
    'plan.yaml': PLAN.replace('./lib/', './'),
  });
  const { code, stderr } = await start(['run', 'plan.yaml', '--out', 'out']).ended;
  t.equal(code, 120);
  t.match(
    stderr,
    /^agent-1 said last: the event loop has stood for 3 s, and still does: driver slow in its operation/m,
  );
  const texts = resultIn(`${folder}/out`).events.map(({ text }) => text);
  t.match(
    texts.join('\n'),
    /^agent agent-1 was lost: nothing has come from it for 3 s; if \.\/driver\.ts blocks its event loop, its terminal says where$/m,
  );
});

for (const [runtime, { told, ...options }] of Object.entries(RUNTIMES)) {
  // It computes, so that beside others of its kind its agent would have no time to say so.
  t.test(
    `on ${runtime}, a plugin that blocks the event loop is named in the result`,
    { buffered: false },
    async (t) => {
      const { plans, run, edit } = await scene(t, options);
      edit('lib/driver.ts', DRIVER);
      edit('plan.yaml', PLAN);
      const warningsOfRun = async () => {
        const { stdout } = await run();
        const texts = resultIn(join(plans, 'out')).events.map(({ text }) => text);
        return { stdout, warnings: texts.filter((text) => text.startsWith('agent far warns: ')) };
      };
      let { stdout, warnings } = await warningsOfRun();
      // What computes is told from a busy host only where the host gives the agent time for it.
      for (let more = 2; more > 0 && warnings.length < told.length; more--) {
        ({ stdout, warnings } = await warningsOfRun());
      }
      t.equal(warnings.length, told.length, stdout);
      t.match(warnings, told);
    },
  );
}

for (const [runtime, { told: _, ...options }] of Object.entries(RUNTIMES)) {
  t.test(`on ${runtime}, an agent whose plugin never gives the event loop back says so where it runs`, async (t) => {
    const { agent, run, edit } = await scene(t, options);
    edit('lib/driver.ts', FOREVER);
    edit('plan.yaml', PLAN);
    void run();
    const functions = runtime === 'Node' ? ', in compress ← send' : '';
    await agent.said(
      new RegExp(
        `^the event loop has stood for 3 s, and still does: driver slow in its operation sync${functions}$`,
        'm',
      ),
    );
  });
}
