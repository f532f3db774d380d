import t from 'tap';
import { bucketIndex } from '../../../core/stats/histogram.ts';
import { verdict } from '../../../core/web/api/run-summary.ts';
import { liveEn } from '../../../reports/labels/live/en.ts';
import { DEFAULT_SHAPE, SimulatedRun } from '../../kit/live/simulated-run.ts';

interface Columns {
  readonly seconds: number[];
  readonly rps: number[];
  readonly p95Us: (number | null)[];
  readonly monitors: Map<string, (number | null)[]>;
}

const module = async <T>(path: string) =>
  (await import(new URL(`../../../reports/web/live/model/${path}`, import.meta.url).href)) as T;

const { emptyColumns, appendSecond, fillColumns } = await module<{
  emptyColumns(): Columns;
  appendSecond(columns: Columns, second: unknown, monitors: readonly string[]): void;
  fillColumns(columns: Columns, timeline: unknown): void;
}>('columns.js');
const { heatColumn, heatOf, placeColumns } = await module<{
  heatColumn(from: number, seconds: number, buckets: { indices: number[]; counts: number[] }): unknown;
  placeColumns(columns: unknown[], fresh: unknown[]): unknown[];
  heatOf(columns: unknown[]): { starts: number[]; edgesMs: number[]; cells: number[][] } | undefined;
}>('heat.js');
const { plannedLine } = await module<{
  plannedLine(scenarios: unknown[], changes: unknown[], of: string, seconds: number[]): number[] | undefined;
}>('planned-load.js');

const { verdictSoFar, toneOf, VERDICT_MARKS } = await module<{
  verdictSoFar(run: { state?: string; result?: { verdict: string } }): string;
  toneOf(outcome: string): string;
  VERDICT_MARKS: Record<string, string>;
}>('verdict-so-far.js');

const MONITORS = ['target.queue_depth', 'target.cpu_share'];

t.test('seconds that the stream left out are put where they belong', async (t) => {
  const run = new SimulatedRun(DEFAULT_SHAPE);
  const whole = emptyColumns();
  for (let second = 0; second < 40; second++) appendSecond(whole, run.second(second), MONITORS);
  const gappy = emptyColumns();
  for (const second of [...Array(10).keys(), 25, 26, 27, 28, 29]) appendSecond(gappy, run.second(second), MONITORS);
  fillColumns(gappy, run.timeline(10, 24, 1, []));
  for (let second = 30; second < 40; second++) appendSecond(gappy, run.second(second), MONITORS);
  t.strictSame(gappy.seconds, whole.seconds);
  t.strictSame(gappy.rps, whole.rps);
  t.strictSame(gappy.p95Us, whole.p95Us);
  for (const values of gappy.monitors.values()) t.equal(values.length, 40, 'columns stay equally long');
});

t.test('a monitor that comes later has nothing before', async (t) => {
  const run = new SimulatedRun(DEFAULT_SHAPE);
  const columns = emptyColumns();
  appendSecond(columns, { ...run.second(0), monitors: [] }, []);
  appendSecond(columns, run.second(1), MONITORS);
  t.equal(columns.monitors.get('target.queue_depth')?.[0], null);
  t.equal(columns.monitors.get('target.queue_depth')?.length, 2);
});

t.test('columns of the heat map add up to all requests, whatever their length', async (t) => {
  const buckets = (us: number, count: number) => ({ indices: [bucketIndex(us)], counts: [count] });
  const columns = Array.from({ length: 600 }, (_, second) => heatColumn(second, 1, buckets(20_000 + 400 * second, 3)));
  const heat = heatOf(columns);
  // Cells alternate row and count in each column, and every column has an even number of them.
  t.ok(heat?.cells.every((column) => column.length % 2 === 0));
  t.equal(
    heat?.cells.flatMap((column) => column.filter((_, i) => i % 2 === 1)).reduce((a, b) => a + b, 0),
    1800,
  );
  t.ok((heat?.cells.length ?? 0) <= 240, 'a long run has as many columns as there is room for');
  t.equal(heat?.starts.at(-1), 600);
  t.ok((heat?.edgesMs[0] ?? 1e9) <= 20 && (heat?.edgesMs.at(-1) ?? 0) >= 260, 'the axis holds all of them');
  t.equal(heatOf([]), undefined);
  t.equal(placeColumns(columns, [heatColumn(599, 1, buckets(1, 1))]).length, 600, 'a column is replaced, not doubled');
});

t.test('the planned line follows ramps, jumps and changes', async (t) => {
  const scenario = {
    name: 'devices',
    of: 'vus',
    profile: [
      [0, 0],
      [10e6, 100],
      [10e6, 50],
      [20e6, 50],
    ],
  };
  t.strictSame(plannedLine([scenario], [], 'vus', [0, 5, 10, 15, 21]), [0, 50, 50, 50, 0]);
  const change = { kind: 'level', atUs: 12e6, scenario: 'devices', of: 'vus', level: 80, rampUs: 0 };
  t.strictSame(plannedLine([scenario], [change], 'vus', [11, 12, 20, 21]), [50, 80, 80, 0]);
  const slowly = [
    { ...change, rampUs: 4e6 },
    { ...change, atUs: 14e6, level: 5, rampUs: 2e6 },
  ];
  t.strictSame(plannedLine([scenario], slowly, 'vus', [12, 13, 14, 15, 16, 20]), [50, 57.5, 65, 35, 5, 5]);
  t.equal(plannedLine([scenario], [], 'rate', [0]), undefined, 'users are no arrivals');
});

t.test('every outcome that control tells has a word and a mark', async (t) => {
  for (const outcome of verdict.options) {
    const shown = verdictSoFar({ state: 'finished', result: { verdict: outcome } });
    t.ok(Object.hasOwn(liveEn, `outcome.${shown}`), outcome);
    t.ok(VERDICT_MARKS[shown], outcome);
  }
  t.equal(verdictSoFar({ state: 'failed' }), 'failed', 'a run whose agents never came was not stopped early');
  t.equal(verdictSoFar({ result: { verdict: 'no-criteria' } }), 'no-criteria');
  t.equal(toneOf('no-criteria'), 'open');
});
