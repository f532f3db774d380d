import { type FleetRun, fleetPlan, runFleet } from '../simulated-fleet.ts';
import { shownNumber } from '../table.ts';
import type { BenchmarkCase } from './case.ts';
import { askedFigure } from './product-runs.ts';

const AGENTS = 1000;
const OPERATIONS = 50;
const VIEWERS = 100;
const SECONDS = 20;
const HEADER = [
  'viewers',
  'control, % of a core',
  'peak MB',
  'ack p99 s',
  'kB per viewer and s',
  'saw all seconds and the end',
];

/** What those who watch a run cost the control of a large one: a thousand agents with fifty operations each. */
export const viewers: BenchmarkCase = {
  name: 'viewers',
  title: 'Control and those who watch',
  byDefault: false,
  async run(options) {
    const rows: string[][] = [];
    const runs: FleetRun[] = [];
    const plan = fleetPlan(AGENTS, OPERATIONS, SECONDS);
    for (const count of [0, VIEWERS]) {
      const run = await runFleet(AGENTS, { plan, seconds: SECONDS, viewers: count }, options);
      runs.push(run);
      rows.push(rowOf(count, run));
      options.progress(`viewers: ${rows.at(-1)?.join(' | ')}`);
    }
    const [alone, watched] = runs as [FleetRun, FleetRun];
    const asked = (what: string, value: number, most: number) => {
      const unit = `${AGENTS} agents, ${VIEWERS} viewers: ${what}`;
      return askedFigure('viewers', options.runtimes[0], options, {
        unit,
        values: [value],
        asked: most,
        goal: { atMost: 1 },
      });
    };
    const figures = [
      asked('control, % of a core', shareOf(watched), 50),
      asked('points of a core for viewers', Math.max(0, shareOf(watched) - shareOf(alone)), 5),
      asked('MB for viewers', Math.max(0, watched.peakMemoryBytes - alone.peakMemoryBytes) / 1e6, 50),
      asked('ack p99 s', watched.acks.ackP99Us / 1e6, 1),
    ];
    return { figures, tables: [{ title: 'Viewers of a run', header: HEADER, rows }], notes: [] };
  },
};

function shareOf({ cpuUs, overMs }: FleetRun): number {
  return cpuUs / overMs / 10;
}

function rowOf(count: number, run: FleetRun): string[] {
  const { peakMemoryBytes, acks, told } = run;
  const bytes = told.reduce((sum, viewer) => sum + viewer.bytes, 0);
  const isWhole = told.every(({ seconds, sawTheEnd }) => sawTheEnd && seconds >= SECONDS);
  return [
    String(count),
    shownNumber(shareOf(run)),
    shownNumber(peakMemoryBytes / 1e6),
    shownNumber(acks.ackP99Us / 1e6),
    count === 0 ? '–' : shownNumber(bytes / count / SECONDS / 1e3),
    count === 0 ? '–' : isWhole ? 'all' : `${told.filter(({ sawTheEnd }) => sawTheEnd).length} of ${count} saw the end`,
  ];
}
