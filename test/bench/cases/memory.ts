import type { PlanInput } from '../../../core/plan/schema.ts';
import { BenchmarkError } from '../benchmark-error.ts';
import { observe } from '../measure/observe.ts';
import { peakMemoryBytes, type Sample } from '../measure/steady.ts';
import type { Figure } from '../ratios.ts';
import type { Runtime } from '../runtimes.ts';
import { startFastServer } from '../servers/fast-server.ts';
import type { BenchmarkCase, CaseOptions } from './case.ts';
import { askedFigure, perRuntime, runOnce } from './product-runs.ts';
import { simulatedHour } from './simulated-hour.ts';

const HTTP_VUS = 10_000;
const NULL_VUS = 100_000;
/** The time to connect is read off these looks. */
const LOOK_EVERY_MS = 20;

/** What thousands of virtual users cost, and whether time alone costs anything. */
export const memory: BenchmarkCase = {
  name: 'memory',
  title: 'Memory of one agent process',
  byDefault: true,
  async run(options) {
    const { figures, ...report } = await perRuntime('memory', options, async (runtime, name) => ({
      figures: [...(await httpUsers(name, runtime, options)), await nullUsers(name, runtime, options)],
    }));
    return { ...report, figures: [...figures, await simulatedHour(options)] };
  },
};

async function httpUsers(name: string, runtime: Runtime, options: CaseOptions): Promise<Figure[]> {
  const server = await startFastServer(options.folder);
  try {
    const { seen: samples } = await runOnce(
      plan(HTTP_VUS, 'health', options.seconds, server.url),
      runtime,
      options,
      (agentPid, run) => observe(agentPid, server, run, LOOK_EVERY_MS),
    );
    const seconds = secondsToConnect(samples, HTTP_VUS);
    if (seconds === undefined) throw new BenchmarkError(`${name}: the server never had ${HTTP_VUS} connections`);
    const megabytes = peakMegabytes(samples);
    options.progress(
      `${name}, ${HTTP_VUS} HTTP users: connected in ${seconds.toFixed(2)} s, ${megabytes.toFixed(0)} MB`,
    );
    return [
      asked(name, `${HTTP_VUS} HTTP users: s to connect`, seconds, 2, runtime, options),
      asked(name, `${HTTP_VUS} HTTP users: peak MB`, megabytes, 200, runtime, options),
    ];
  } finally {
    await server.end();
  }
}

async function nullUsers(name: string, runtime: Runtime, options: CaseOptions): Promise<Figure> {
  const idle = { counters: async () => ({ served: 0, connections: 0 }) };
  const { seen: samples } = await runOnce(plan(NULL_VUS, 'null', options.seconds), runtime, options, (agentPid, run) =>
    observe(agentPid, idle, run),
  );
  const megabytes = peakMegabytes(samples);
  options.progress(`${name}, ${NULL_VUS} null users: ${megabytes.toFixed(0)} MB`);
  return asked(name, `${NULL_VUS} null users: peak MB`, megabytes, 500, runtime, options);
}

function asked(
  name: string,
  unit: string,
  value: number,
  most: number,
  runtime: Runtime,
  options: CaseOptions,
): Figure {
  return askedFigure(name, runtime, options, { unit, values: [value], asked: most, goal: { atMost: 1 } });
}

/** Between the first connection that was seen and the first look that saw them all. */
export function secondsToConnect(samples: readonly Sample[], wanted: number): number | undefined {
  const first = samples.find(({ connections }) => connections > 0);
  const all = samples.find(({ connections }) => connections >= wanted);
  return first === undefined || all === undefined ? undefined : (all.atMs - first.atMs) / 1000;
}

export function peakMegabytes(samples: readonly Sample[]): number {
  const bytes = peakMemoryBytes(samples);
  if (bytes === undefined)
    throw new BenchmarkError('this system does not tell the memory of a process: leave out the case memory');
  return bytes / 1e6;
}

function plan(vus: number, driver: string, seconds: number, target?: string): PlanInput {
  return {
    name: 'Many virtual users',
    ...(target && { target }),
    scenarios: {
      users: {
        executor: 'constant-vus',
        vus,
        duration: `${seconds}s`,
        thinkTime: { uniform: ['1s', '9s'] },
        operations: [{ driver }],
      },
    },
  };
}
