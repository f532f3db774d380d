import type { Goal } from '../ratios.ts';
import type { Runtime } from '../runtimes.ts';
import { startFastServer } from '../servers/fast-server.ts';
import type { BenchmarkCase } from './case.ts';
import { besidePlainGet } from './journey-pairs.ts';
import { scriptedFlow, scriptedGet } from './journey-plans.ts';
import { loadOn } from './journeys.ts';
import { perRuntime } from './product-runs.ts';

const GET_GOALS: Readonly<Partial<Record<Runtime, Goal>>> = { bun: { atLeast: 0.75 } };
const FLOW_GOALS: Readonly<Partial<Record<Runtime, Goal>>> = { bun: { atLeast: 0.6 }, node: { atLeast: 0.5 } };

/** What it costs to have a virtual user written in TypeScript. */
export const scripts: BenchmarkCase = {
  name: 'scripts',
  title: 'Scripts: virtual users in TypeScript',
  byDefault: true,
  async run(options) {
    const server = await startFastServer(options.folder);
    const load = loadOn(server, options);
    try {
      const gets = await perRuntime('one GET per iteration, as a script', options, async (runtime, name) => ({
        figures: await besidePlainGet(name, scriptedGet, GET_GOALS[runtime], runtime, load, server, options),
      }));
      const flows = await perRuntime('the flow of three steps, as a script', options, async (runtime, name) => ({
        figures: await besidePlainGet(name, scriptedFlow, FLOW_GOALS[runtime], runtime, load, server, options),
      }));
      return {
        figures: [...gets.figures, ...flows.figures],
        tables: [],
        notes: [`Server: ${server.name}.`, ...gets.notes, ...flows.notes],
      };
    } finally {
      await server.end();
    }
  },
};
