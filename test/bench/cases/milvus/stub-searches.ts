import type { HttpLoad } from '../../peers/peer.ts';
import { pymilvusPeer } from '../../peers/pymilvus.ts';
import { compare, type Figure, GOAL } from '../../ratios.ts';
import type { Runtime } from '../../runtimes.ts';
import { startGrpcServer } from '../../servers/grpc.ts';
import type { CaseOptions, CaseReport } from '../case.ts';
import { type Measured, ourGenerator, peerGenerator } from '../http-generators.ts';
import { perRuntime } from '../product-runs.ts';
import { prepareCollection } from './prepared-collection.ts';
import { type Collection, DIM, searchPlan } from './searches.ts';

const CONNECTIONS = 50;
const ASKED_CPU_US = 130;
/** It is asked of the two runtimes that people use most. */
const ASKED_OF: readonly Runtime[] = ['bun', 'node'];
const ASKED_OF_PYMILVUS = 0.25;
const UNITS = ['requests/s', 'CPU µs/request'] as const;
const SEARCHED: Collection = { name: 'benchmark', rows: 1000, index: 'HNSW', groundTruth: true };

interface Run {
  readonly us: Measured;
  readonly them: Measured | undefined;
}

/** What a search costs the generator: on a server that answers at once, beside Milvus' own client for Python. */
export async function searchesOfStub(options: CaseOptions): Promise<CaseReport> {
  const { placement, folder, seconds, pairs, progress } = options;
  const server = await startGrpcServer('milvus-server.ts');
  const load: HttpLoad = { url: server.url, method: 'POST', body: undefined, connections: CONNECTIONS, seconds };
  const plan = ({ url, connections }: HttpLoad) =>
    searchPlan(url, SEARCHED, { vector_search: 1 }, { users: [connections], secondsEach: seconds, thinkTime: false });
  const peer = pymilvusPeer({ name: SEARCHED.name, dim: DIM });
  try {
    await prepareCollection(plan(load), 0, options);
    const report = await perRuntime('milvus search', options, async (runtime, name) => {
      const ours = ourGenerator(runtime, placement, folder, plan);
      const theirs = peer && peerGenerator(peer, placement, folder);
      const runs: Run[] = [];
      for (let round = 1; round <= pairs; round++) {
        const run = { us: await ours(load, server), them: await theirs?.(load, server) };
        runs.push(run);
        const beside = run.them === undefined ? '' : `, ${peer?.name} ${cpuOf(run.them)}`;
        progress(`${name}, pair ${round} of ${pairs}: ${cpuOf(run.us)}${beside}`);
      }
      return { figures: [...besidePeer(name, peer?.name, runs), asked(name, runtime, runs)] };
    });
    const missing = peer === undefined ? ['python3 finds no pymilvus: nothing stands beside these figures.'] : [];
    return { ...report, notes: [`Server: ${server.name}.`, ...missing, ...report.notes] };
  } finally {
    await server.end();
  }
}

function cpuOf(run: Measured): string {
  return `${(run['CPU µs/request'] ?? Number.NaN).toFixed(1)} µs of CPU a search`;
}

function besidePeer(name: string, peer: string | undefined, runs: readonly Run[]): Figure[] {
  if (peer === undefined) return [];
  return UNITS.map((unit) => {
    const values = runs.map(({ us, them }) => ({ us: us[unit] ?? Number.NaN, them: them?.[unit] ?? Number.NaN }));
    const goal = unit === 'CPU µs/request' ? { goal: { atMost: ASKED_OF_PYMILVUS } } : {};
    return { case: name, peer, unit, ...compare(values), ...goal };
  });
}

function asked(name: string, runtime: Runtime, runs: readonly Run[]): Figure {
  const values = runs.map(({ us }) => ({ us: us['CPU µs/request'] ?? Number.NaN, them: ASKED_CPU_US }));
  const goal = ASKED_OF.includes(runtime) ? { goal: { atMost: 1 } } : {};
  return { case: name, peer: GOAL, unit: 'CPU µs/search', ...compare(values), ...goal };
}
