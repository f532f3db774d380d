import { BenchmarkError } from '../benchmark-error.ts';
import { observe } from '../measure/observe.ts';
import type { Sample } from '../measure/steady.ts';
import { compare, type Figure, GOAL, median } from '../ratios.ts';
import { startFastServer } from '../servers/fast-server.ts';
import type { BenchmarkCase } from './case.ts';
import { runOnce } from './product-runs.ts';

const MINUTES = 10;
const MINUTE_MS = 60_000;
/** What a garbage collector has not yet taken back. */
const TOLERANCE = 1.1;

/** Ten minutes at full speed: is memory at the end what it was in the second minute, when all code was warm? */
export const soak: BenchmarkCase = {
  name: 'soak',
  title: `Memory over a real run of ${MINUTES} minutes`,
  byDefault: false,
  async run(options) {
    const server = await startFastServer(options.folder);
    try {
      options.progress(`soak: ${MINUTES} minutes on ${options.runtimes[0]}`);
      const { seen: samples } = await runOnce(plan(server.url), options.runtimes[0], options, (agentPid, run) =>
        observe(agentPid, server, run, 1000),
      );
      return { figures: [figureOf(samples)], tables: [], notes: [] };
    } finally {
      await server.end();
    }
  },
};

function figureOf(samples: readonly Sample[]): Figure {
  const second = megabytesInMinute(samples, 1);
  const last = megabytesInMinute(samples, MINUTES - 1);
  return {
    case: 'soak',
    peer: GOAL,
    unit: `resident MB in minute ${MINUTES}, beside minute 2`,
    ...compare([{ us: last, them: second }]),
    goal: { atMost: TOLERANCE },
  };
}

/** Median of what was resident in that minute, counted from 0. */
export function megabytesInMinute(samples: readonly Sample[], minute: number): number {
  const startMs = (samples[0]?.atMs ?? 0) + minute * MINUTE_MS;
  const there = samples.filter(({ atMs }) => atMs >= startMs && atMs < startMs + MINUTE_MS);
  const bytes = there.flatMap(({ use }) => (use === undefined ? [] : [use.memoryBytes]));
  if (bytes.length === 0) throw new BenchmarkError(`nothing was seen of the agent's memory in minute ${minute + 1}`);
  return median(bytes) / 1e6;
}

function plan(target: string) {
  return {
    name: 'Soak',
    target,
    scenarios: {
      loop: {
        executor: 'constant-vus' as const,
        vus: 50,
        duration: `${MINUTES}m`,
        operations: [{ driver: 'health' }],
      },
    },
  };
}
