import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runAgent } from '../../../agents/agent.ts';
import { simulatedLoad } from '../../../agents/simulation/simulate.ts';
import { ContentCache } from '../../../core/bundle/content-cache.ts';
import { clientAccess } from '../../../core/cli/client/client-credentials.ts';
import { ANY_FILE } from '../../../core/secret-files.ts';
import { openDataSets } from '../../../plugins/data/data-option.ts';
import { loadDriver, loadUser } from '../../../plugins/loader/load.ts';
import { BenchmarkError } from '../benchmark-error.ts';
import { REPOSITORY } from '../machine.ts';
import type { Figure } from '../ratios.ts';
import { measured } from '../result-figures.ts';
import { benchCommand } from '../runtimes.ts';
import { startFastServer } from '../servers/fast-server.ts';
import { StartedProcess } from '../started-process.ts';
import type { BenchmarkCase, CaseOptions } from './case.ts';
import { askedFigure, runOnce } from './product-runs.ts';

const PLUGIN_AGENTS = 50;
const PLUGIN_BYTES = 200_000;
const FILE_AGENTS = 10;
const FILE_BYTES = 100e6;

/** What a plan brings along, on its way to agents that have nothing of it, and what it costs there. */
export const shipping: BenchmarkCase = {
  name: 'shipping',
  title: 'Plugins and files that are sent with a run',
  byDefault: false,
  async run(options) {
    const plugin = await secondsToReach(PLUGIN_AGENTS, options, async (folder) => {
      await writeFile(join(folder, 'driver.ts'), `${DRIVER}\nexport const PADDING = '${'x'.repeat(PLUGIN_BYTES)}';\n`);
      return { use: './driver.ts', name: 'sent', options: {} };
    });
    const file = await secondsToReach(FILE_AGENTS, options, async (folder) => {
      await writeFile(join(folder, 'rows.csv'), `id\n${`${'7'.repeat(99)}\n`.repeat(FILE_BYTES / 100)}`);
      const get = { path: '/' };
      return { use: 'http', name: 'http', options: { data: { rows: { file: 'rows.csv' } }, operations: { get } } };
    });
    const asked = (unit: string, value: number, most: number) =>
      askedFigure('shipping', options.runtimes[0], options, {
        unit,
        values: [value],
        asked: most,
        goal: { atMost: 1 },
      });
    return {
      figures: [
        asked(`s for a plugin of ${PLUGIN_BYTES / 1000} kB to ${PLUGIN_AGENTS} agents`, plugin, 2),
        asked(`s for a file of ${FILE_BYTES / 1e6} MB to ${FILE_AGENTS} agents`, file, 20),
        await sentDriver(options),
      ],
      tables: [],
      notes: ['the agents of shipping are in one process, each with a cache and a connection of its own'],
    };
  },
};

/** It keeps what the padding adds, which nothing uses. */
const DRIVER = `import { defineDriver, z } from '@bench/toolkit';
export default defineDriver({
  name: 'sent',
  description: 'Does nothing.',
  options: z.strictObject({}),
  operations: () => [{ name: 'get', type: 'NONE' }],
  open: () => ({
    connect: () => ({ send: () => ({ ok: PADDING !== '', errorKind: '', message: '', status: 200, bytesSent: 0, bytesReceived: 0 }), close: () => {} }),
    close: () => {},
  }),
});`;

/** @returns seconds from when the first agent heard of the run until the last one had loaded what was sent */
async function secondsToReach(
  agents: number,
  { folder, progress }: CaseOptions,
  write: (folder: string) => Promise<{ use: string; name: string; options: object }>,
): Promise<number> {
  const place = await mkdtemp(join(folder, 'shipping-'));
  const author = join(place, 'author');
  await mkdir(author);
  const { use, name, options } = await write(author);
  const scenario = {
    executor: 'constant-vus',
    vus: agents,
    duration: '1s',
    operations: [{ driver: name, operation: 'get' }],
  };
  const plan = {
    name: 'Sent',
    target: 'http://127.0.0.1:9',
    drivers: { [name]: { use, options } },
    scenarios: { s: scenario },
  };
  await writeFile(join(author, 'plan.json'), JSON.stringify(plan));
  const store = ['--store', join(place, 'runs.sqlite'), '--cache', join(place, 'control')];
  const control = await StartedProcess.start({
    ...benchCommand('bun', ['control', '--child', '--port', '0', ...store]),
    cores: undefined,
  });
  const ending = new AbortController();
  const heardMs: number[] = [];
  const loadedMs: number[] = [];
  try {
    const { at } = JSON.parse(await control.firstLine) as { at: string };
    const access = await clientAccess(at, ['agent'], {});
    const ended = Array.from({ length: agents }, (_, i) =>
      runAgent({
        control: at,
        access,
        name: `agent-${i}`,
        labels: {},
        drivers: [],
        loadDriver,
        scripts: { loadUser, openData: openDataSets },
        files: {
          secrets: ANY_FILE,
          bundles: { cache: new ContentCache(join(place, `cache-${i}`)), remoteCode: 'any' },
        },
        load: {
          watchHost: (clock) => {
            heardMs.push(performance.now());
            return simulatedLoad.watchHost(clock);
          },
          createGenerator: (options) => {
            loadedMs.push(performance.now());
            return simulatedLoad.createGenerator(options);
          },
        },
        log: () => {},
        signal: ending.signal,
      }),
    );
    const flags = ['--control', at, '--expect-agents', String(agents), '--out', join(place, 'out')];
    const run = await StartedProcess.start({
      ...benchCommand('bun', ['run', join(author, 'plan.json'), ...flags]),
      cores: undefined,
      folder: author,
    });
    const { stderr } = await run.ended;
    ending.abort();
    await Promise.all(ended);
    if (loadedMs.length !== agents)
      throw new BenchmarkError(`${loadedMs.length} of ${agents} agents got it: ${stderr}`);
  } finally {
    ending.abort();
    await control.end();
  }
  const seconds = (Math.max(...loadedMs) - Math.min(...heardMs)) / 1000;
  progress(`shipping to ${agents} agents: ${seconds.toFixed(2)} s`);
  return seconds;
}

/** The same driver, built in and sent: requests a second, in pairs. */
async function sentDriver(options: CaseOptions): Promise<Figure> {
  const author = await mkdtemp(join(options.folder, 'sent-driver-'));
  const driver = join(author, 'driver.ts');
  await writeFile(driver, `export { default } from ${JSON.stringify(join(REPOSITORY, 'plugins/health.ts'))};\n`);
  const server = await startFastServer(options.folder);
  try {
    const ratios: number[] = [];
    for (let pair = 0; pair < options.pairs; pair++) {
      const rates = { builtIn: 0, sent: 0 };
      for (const kind of pair % 2 === 0 ? (['builtIn', 'sent'] as const) : (['sent', 'builtIn'] as const)) {
        const use = kind === 'sent' ? driver : 'health';
        const plan = {
          name: 'Sent driver',
          target: server.url,
          drivers: { health: { use } },
          scenarios: {
            loop: {
              executor: 'constant-vus' as const,
              vus: 50,
              duration: `${options.seconds}s`,
              operations: [{ driver: 'health' }],
            },
          },
        };
        const { result } = await runOnce(plan, options.runtimes[0], options, async (_, run) => run);
        rates[kind] = measured(result).requests / options.seconds;
      }
      ratios.push(rates.sent / rates.builtIn);
      options.progress(`shipping: sent ${rates.sent.toFixed(0)}/s, built in ${rates.builtIn.toFixed(0)}/s`);
    }
    return askedFigure('shipping', options.runtimes[0], options, {
      unit: 'requests/s of a driver that was sent, beside the same built in',
      values: ratios,
      asked: 1,
      goal: { atLeast: 0.97 },
    });
  } finally {
    await server.end();
  }
}
