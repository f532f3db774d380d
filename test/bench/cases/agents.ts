import type { PlanInput } from '../../../core/plan/schema.ts';
import { BenchmarkError } from '../benchmark-error.ts';
import { differenceFromSimulation } from '../expected-totals.ts';
import { compare, type Figure, GOAL } from '../ratios.ts';
import { type FleetRun, runFleet } from '../simulated-fleet.ts';
import { shownNumber } from '../table.ts';
import type { BenchmarkCase } from './case.ts';

const FLEETS = [10, 100, 1000, 5000];
/** The fleet that is held against what is asked. */
const ASKED_AGENTS = 1000;
const OPERATIONS = 5;
const SECONDS = 12;
const HEADER = [
  'agents',
  'windows/s',
  'control, % of a core',
  'CPU ms per agent and s',
  'peak MB',
  'ack p50 ms',
  'ack p99 ms',
  'live view behind s',
  'totals',
];

/** What agents cost control, and whether it keeps up: each sends a window of five operations every second. */
export const agents: BenchmarkCase = {
  name: 'agents',
  title: 'Control and its agents',
  byDefault: true,
  async run(options) {
    const figures: Figure[] = [];
    const rows: string[][] = [];
    for (const count of FLEETS) {
      try {
        const run = await runFleet(count, { plan: planOf(count), seconds: SECONDS }, options);
        const difference = differenceFromSimulation(run.result, count, SECONDS);
        rows.push(rowOf(count, run, difference));
        if (count === ASKED_AGENTS) figures.push(...askedOf(run));
      } catch (error) {
        if (!(error instanceof BenchmarkError)) throw error;
        rows.push([String(count), ...HEADER.slice(2).map(() => '–'), error.message]);
      }
      options.progress(`agents: ${rows.at(-1)?.join(' | ')}`);
    }
    return { figures, tables: [{ title: 'Simulated agents', header: HEADER, rows }], notes: [] };
  },
};

function rowOf(count: number, run: FleetRun, difference: string | undefined): string[] {
  const share = run.cpuUs / run.overMs / 1000;
  return [
    shownNumber(count),
    shownNumber(run.acks.windows / SECONDS),
    shownNumber(share * 100),
    shownNumber((share * 1000) / count),
    shownNumber(run.peakMemoryBytes / 1e6),
    shownNumber(run.acks.ackP50Us / 1000),
    shownNumber(run.acks.ackP99Us / 1000),
    shownNumber(run.behindUs / 1e6),
    difference === undefined ? 'agree' : `DIFFER: ${difference}`,
  ];
}

function askedOf({ cpuUs, overMs, peakMemoryBytes, acks, behindUs }: FleetRun): Figure[] {
  const asked = (unit: string, us: number, them: number): Figure => ({
    case: 'agents',
    peer: GOAL,
    unit: `${ASKED_AGENTS} agents: ${unit}`,
    ...compare([{ us, them }]),
    goal: { atMost: 1 },
  });
  return [
    asked('control, % of a core', cpuUs / overMs / 10, 50),
    asked('peak MB', peakMemoryBytes / 1e6, 500),
    asked('ack p99 s', acks.ackP99Us / 1e6, 1),
    asked('live view behind s', behindUs / 1e6, 2),
  ];
}

function planOf(count: number): PlanInput {
  return {
    name: 'Simulated agents',
    scenarios: {
      simulated: {
        executor: 'constant-vus',
        vus: count,
        duration: `${SECONDS}s`,
        operations: Array.from({ length: OPERATIONS }, (_, i) => ({ driver: 'null', name: `operation-${i + 1}` })),
      },
    },
  };
}
