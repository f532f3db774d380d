import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { PlanInput } from '../../../core/plan/schema.ts';
import { answerOf } from '../../../core/verdict/capacity/answer.ts';
import { formatRate } from '../../../core/verdict/quantity.ts';
import { Product } from '../product.ts';
import { StartedProcess } from '../started-process.ts';
import type { BenchmarkCase } from './case.ts';
import { askedFigure } from './product-runs.ts';

const SERVER = fileURLToPath(new URL('../servers/slots-server.ts', import.meta.url));
const SLOTS = 4;
const SERVICE_MS = 5;
/** Requests per second. */
const LIMIT = (SLOTS * 1000) / SERVICE_MS;
const ASKED_CLOSE = 0.05;
const ASKED_SECONDS = 180;
const ASKED_SEARCHES = 20;

/** How close a search comes to the limit of a target that is known, and how long it takes. */
export const capacity: BenchmarkCase = {
  name: 'capacity',
  title: `Finding the limit of a target that takes ${LIMIT} requests a second`,
  byDefault: false,
  async run(options) {
    const { runtimes, placement, folder, pairs, progress } = options;
    const [runtime] = runtimes;
    const server = await StartedProcess.start({
      command: process.execPath,
      args: [SERVER, String(SLOTS), String(SERVICE_MS)],
      cores: undefined,
    });
    const product = await Product.start(runtime, placement, folder);
    const searches: Search[] = [];
    try {
      const plan = planOf(await server.firstLine);
      while (searches.length < pairs) {
        const result = await product.run(plan);
        const answer = result.search && answerOf(result.search);
        const held = answer !== undefined && 'held' in answer ? answer.held.level : 0;
        const seconds = (result.warmupUs + result.measuredUs) / 1e6;
        searches.push({ kind: answer?.kind ?? 'unknown', held, seconds });
        progress(`search ${searches.length} of ${pairs}: ${formatRate(held)}/s in ${seconds.toFixed(0)} s`);
      }
    } finally {
      await product.end();
      await server.end();
    }
    const close = searches.filter(({ held }) => Math.abs(held / LIMIT - 1) <= ASKED_CLOSE).length;
    const slowest = Math.max(...searches.map(({ seconds }) => seconds));
    return {
      figures: [
        askedFigure('capacity', runtime, options, {
          unit: 'searches whose answer is within 5% of the limit',
          values: [close],
          asked: searches.length,
          goal: { atLeast: 1 },
        }),
        askedFigure('capacity', runtime, options, {
          unit: 'seconds that the slowest search took',
          values: [slowest],
          asked: ASKED_SECONDS,
          goal: { atMost: 1 },
        }),
      ],
      tables: [
        {
          title: 'Searches one by one',
          header: ['search', 'found/s', 'of the limit', 'seconds'],
          rows: searches.map(({ held, seconds, kind }, i) => [
            `${i + 1} (${kind})`,
            formatRate(held),
            `${((100 * held) / LIMIT).toFixed(1)} %`,
            seconds.toFixed(0),
          ]),
        },
      ],
      notes:
        searches.length < ASKED_SEARCHES
          ? [`${searches.length} searches; \`--pairs ${ASKED_SEARCHES}\` makes as many as the figure asks for.`]
          : [],
    };
  },
};

interface Search {
  readonly kind: string;
  /** Arrivals per second. */
  readonly held: number;
  readonly seconds: number;
}

function planOf(target: string): PlanInput {
  return {
    name: 'Capacity',
    target,
    drivers: { http: { options: { operations: { get: { path: '/' } } } } },
    scenarios: {
      main: {
        executor: 'find-max',
        until: ['p95 < 100ms'],
        from: 100,
        confirm: '20s',
        maxVus: 300,
        operations: [{ driver: 'http', operation: 'get' }],
      },
    },
    reports: [],
  };
}
