import { BenchmarkError } from '../benchmark-error.ts';
import { differenceFromSimulation } from '../expected-totals.ts';
import type { Figure } from '../ratios.ts';
import { type FleetRun, fleetPlan, runFleet } from '../simulated-fleet.ts';
import { shownNumber } from '../table.ts';
import type { BenchmarkCase, CaseOptions } from './case.ts';
import { askedFigure } from './product-runs.ts';

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
        const plan = fleetPlan(count, OPERATIONS, SECONDS);
        const run = await runFleet(count, { plan, seconds: SECONDS }, options);
        const difference = differenceFromSimulation(run.result, count, SECONDS);
        rows.push(rowOf(count, run, difference));
        if (count === ASKED_AGENTS) figures.push(...askedOf(run, options));
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

function askedOf({ cpuUs, overMs, peakMemoryBytes, acks, behindUs }: FleetRun, options: CaseOptions): Figure[] {
  const asked = (what: string, value: number, most: number) => {
    const unit = `${ASKED_AGENTS} agents: ${what}`;
    return askedFigure('agents', options.runtimes[0], options, {
      unit,
      values: [value],
      asked: most,
      goal: { atMost: 1 },
    });
  };
  return [
    asked('control, % of a core', cpuUs / overMs / 10, 50),
    asked('peak MB', peakMemoryBytes / 1e6, 500),
    asked('ack p99 s', acks.ackP99Us / 1e6, 1),
    asked('live view behind s', behindUs / 1e6, 2),
  ];
}
