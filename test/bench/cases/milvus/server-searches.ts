import { parsePlan } from '../../../../core/plan/parse.ts';
import type { RunResult } from '../../../../core/stats/result.ts';
import { kneeOf } from '../../../../core/verdict/conclusion/knee.ts';
import { type Level, levelsOf } from '../../../../core/verdict/conclusion/levels.ts';
import { milvusLacks, privateMilvus } from '../../../kit/programs/milvus.ts';
import { BenchmarkError } from '../../benchmark-error.ts';
import { allCores, moveTo } from '../../machine.ts';
import { readProcessTree } from '../../measure/process-tree.ts';
import type { Figure, Goal } from '../../ratios.ts';
import { measured } from '../../result-figures.ts';
import { shownNumber, type Table } from '../../table.ts';
import type { CaseOptions, CaseReport } from '../case.ts';
import { askedFigure, runOnce } from '../product-runs.ts';
import { writesOfKilledServer } from './killed-server.ts';
import { type Preparation, prepareCollection } from './prepared-collection.ts';
import { type Collection, DOCUMENTED_MIX, type Load, type Mix, ROWS, searchPlan } from './searches.ts';

const USERS = 50;
const STEPS = [10, USERS, 100, 200, 500, 1000];
/** Of each step, and of the runs for recall: shorter ones say little. */
const SECONDS = 6;
const MIX_SECONDS = 15;
const NAME = 'milvus 2.3.5';

/** A run on the real server, and the CPU that both sides have used in it. */
interface Searched {
  readonly result: RunResult;
  readonly generatorCores: number;
  readonly serverCores: number;
}

/** What a real Milvus on this host does with document-sized vectors: it takes all the cores that it gets. */
export async function searchesOfServer(options: CaseOptions): Promise<CaseReport> {
  const lacks = await milvusLacks();
  if (lacks !== undefined) throw new BenchmarkError(lacks);
  const { placement } = options;
  const cores = allCores(placement);
  const everywhere: CaseOptions = { ...options, placement: { generator: cores, rest: placement.rest } };
  // A server on one core would be half a server: it and the generator share all of them.
  if (cores !== undefined) moveTo(cores);
  const ends: (() => unknown)[] = [];
  try {
    const server = await privateMilvus({ teardown: (end) => ends.push(end) });
    const searches = await measure({ target: `http://${server.address}`, pid: server.pid }, everywhere);
    const writes = await writesOfKilledServer(NAME, server, everywhere);
    return {
      figures: [...searches.figures, ...writes.figures],
      tables: [...searches.tables, ...writes.tables],
      notes: searches.notes,
    };
  } finally {
    for (const end of ends) await end();
    if (placement.rest !== undefined) moveTo(placement.rest);
  }
}

interface Server {
  readonly target: string;
  readonly pid: number;
}

async function measure(server: Server, options: CaseOptions): Promise<CaseReport> {
  const hnsw: Collection = { name: 'indexed', rows: ROWS, index: 'HNSW', groundTruth: true };
  const flat: Collection = { ...hnsw, name: 'exact', index: 'FLAT' };
  const search = (collection: Collection, mix: Mix, load: Load) =>
    searched(searchPlan(server.target, collection, mix, load), server, options);
  const prepare = (collection: Collection) => {
    const load = { users: [1], secondsEach: 1, thinkTime: false };
    return prepareCollection(searchPlan(server.target, collection, DOCUMENTED_MIX, load), server.pid, options);
  };

  const prepared = await prepare(hnsw);
  options.progress(`${NAME}: inserted in ${prepared.insert} s, prepared in ${prepared.whole.toFixed(1)} s`);
  const mix = await search(hnsw, DOCUMENTED_MIX, { users: [USERS], secondsEach: MIX_SECONDS, thinkTime: true });
  const { requestsPerSecond, p95Ms } = rateOf(mix.result);
  options.progress(`${NAME}, ${USERS} users: ${requestsPerSecond.toFixed(0)}/s, p95 ${p95Ms.toFixed(0)} ms`);
  const steps = await search(hnsw, DOCUMENTED_MIX, { users: STEPS, secondsEach: SECONDS, thinkTime: true });
  const unhurried = { users: [4], secondsEach: SECONDS, thinkTime: false };
  const recall = await search(hnsw, { vector_search: 1, wide_search: 1 }, unhurried);
  await prepare(flat);
  const exact = await search(flat, { exact_search: 1 }, unhurried);

  const asked = (unit: string, value: number, wanted: number, goal: Goal): Figure =>
    askedFigure(NAME, options.runtimes[0], options, { unit, values: [value], asked: wanted, goal });
  const [atLeast, atMost] = [{ atLeast: 1 }, { atMost: 1 }];
  return {
    figures: [
      asked('rows/s inserted, 10,000 × 768', ROWS / prepared.insert, 3000, atLeast),
      asked('s to prepare, HNSW', prepared.whole, 60, atMost),
      asked(`requests/s of ${USERS} users`, requestsPerSecond, 140, atLeast),
      asked(`p95 ms of ${USERS} users`, p95Ms, 100, atMost),
      asked(`knees named among ${STEPS.join(', ')} users`, kneeIn(steps.result) === undefined ? 0 : 1, 1, atLeast),
      asked('recall@10, HNSW, ef 64', recallOf(recall.result, 'vector_search'), 0.9, atLeast),
      asked('recall@10, HNSW, ef 256', recallOf(recall.result, 'wide_search'), 0.99, atLeast),
      asked('recall@10, FLAT', recallOf(exact.result, 'exact_search'), 1, atLeast),
    ],
    tables: [levelTable(steps.result), cpuTable(prepared, mix, steps)],
    notes: [
      kneeText(steps.result),
      `${NAME} and the generator share all cores. No request failed but those while it was killed.`,
    ],
  };
}

async function searched(plan: Parameters<typeof runOnce>[0], { pid }: Server, options: CaseOptions): Promise<Searched> {
  const { result, seen } = await runOnce(plan, options.runtimes[0], options, async (agentPid, run) => {
    const use = () => [readProcessTree(agentPid)?.cpuUs ?? 0, readProcessTree(pid)?.cpuUs ?? 0] as const;
    const since = performance.now();
    const [agent, server] = use();
    await run.catch(() => {});
    const [agentAfter, serverAfter] = use();
    const us = (performance.now() - since) * 1000;
    return { generatorCores: (agentAfter - agent) / us, serverCores: (serverAfter - server) / us };
  });
  return { result, ...seen };
}

function rateOf(result: RunResult): { requestsPerSecond: number; p95Ms: number } {
  const { requests, times } = measured(result);
  return {
    requestsPerSecond: requests / (result.measuredUs / 1e6),
    p95Ms: times('responseTime').valueAtQuantileUs(0.95) / 1000,
  };
}

function recallOf({ ratios = [] }: RunResult, operation: string): number {
  const found = ratios.find(({ name }) => name === `${operation}.recall`);
  if (found === undefined || found.phases.measure.of === 0 || found.voidReason !== undefined) {
    throw new BenchmarkError(`${operation} has no recall: ${found?.voidReason ?? 'nothing was counted'}`);
  }
  return found.phases.measure.hits / found.phases.measure.of;
}

function levelTable(result: RunResult): Table {
  const { levels } = levelsOf(result, parsePlan(result.plan));
  return {
    title: `${NAME}: the documented mix, step by step`,
    header: ['users', 'requests/s', 'p50 ms', 'p95 ms', 'p99 ms', 'failed'],
    rows: levels.map(({ load, perSecond, p50Us, p95Us, p99Us, errorShare }) => [
      String(load),
      ...[perSecond, p50Us / 1000, p95Us / 1000, p99Us / 1000, errorShare].map(shownNumber),
    ]),
  };
}

function kneeIn(result: RunResult): Level | undefined {
  return kneeOf(levelsOf(result, parsePlan(result.plan)));
}

function kneeText(result: RunResult): string {
  const knee = kneeIn(result);
  if (knee === undefined) return 'There is no knee.';
  return `The knee is at ${knee.load} users: ${shownNumber(knee.perSecond)} requests/s, p95 ${shownNumber(knee.p95Us / 1000)} ms.`;
}

function cpuTable(prepared: Preparation, mix: Searched, steps: Searched): Table {
  const row = (what: string, { generatorCores, serverCores }: Searched) => [
    what,
    shownNumber(generatorCores),
    shownNumber(serverCores),
  ];
  return {
    title: `${NAME}: cores in use`,
    header: ['', 'generator', 'server'],
    rows: [
      ['preparation', '–', shownNumber(prepared.serverCpu / prepared.whole)],
      row(`${USERS} users`, mix),
      row(`${STEPS[0]} to ${STEPS.at(-1)} users`, steps),
    ],
  };
}
