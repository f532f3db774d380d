/** The slowest samples with a trace: three for each row and phase, from whichever second and agent they come. */
import t from 'tap';
import { asksForTraces, SlowestRecorder } from '../../../agents/engine/slowest-recorder.ts';
import { parsePlan } from '../../../core/plan/parse.ts';
import { slowestOf } from '../../../core/stats/kept-sample.ts';
import { RunTotals } from '../../../core/stats/merge.ts';
import type { Window } from '../../../core/stats/window.ts';
import { encodeWindow } from '../../../proto/window-codec.ts';
import { decodeWindow } from '../../../proto/window-reader.ts';

const OK = { ok: true, errorKind: '', message: '', status: 200, bytesSent: 0, bytesReceived: 0 };
const SHAPE = { operations: 1, journeys: 0, drivers: 1, scenarios: 1, hasScripts: false };
const HOST = {
  processCpuCores: 0,
  hostCpuShare: 0,
  processMemoryBytes: 0,
  hostMemoryShare: 0,
  loopLagMaxUs: 0,
  cpuWaitShare: 0,
};

/** Windows of an agent whose operations take so long, in milliseconds, and end at these times after the start. */
function windowsOf(samples: readonly (readonly [atMs: number, tookMs: number, traceId?: string])[]): Window[] {
  const windows: Window[] = [];
  const recorder = new SlowestRecorder(1, { scenarios: () => [], host: () => HOST } as never, (one) =>
    windows.push(one),
  );
  recorder.start(0, 1_000_000, 0);
  for (const [atMs, tookMs, traceId] of samples) {
    const [endUs, startUs] = [atMs * 1000, (atMs - tookMs) * 1000];
    recorder.record(0, startUs, startUs, endUs, { ...OK, traceId });
  }
  recorder.finish();
  return windows.map((window) => decodeWindow(encodeWindow(window), SHAPE));
}

t.test(
  'only those go out that are among the slowest so far, and what is merged is the slowest of all agents',
  async (t) => {
    const a = windowsOf([
      [500, 100, 'warm'],
      [1200, 10, 'a1'],
      [1300, 90],
      [1400, 20, 'a2'],
      [1500, 5, 'a3'],
      [1600, 30, 'a4'],
      [2500, 7, 'late'],
      [3500, 40, 'a5'],
    ]);
    const ids = (window: Window | undefined) =>
      window?.operations.map(({ slowest }) => slowest?.map(({ traceId }) => traceId));
    t.same(a.map(ids), [[['warm']], [['a4', 'a2', 'a1']], [undefined], [['a5']]]);
    const b = windowsOf([[1700, 35, 'b1']]);
    const totals = new RunTotals(SHAPE);
    totals.addAgent('a');
    totals.addAgent('b');
    for (const [agent, windows] of [a, b].entries()) {
      for (const [i, window] of windows.entries()) totals.add(agent, i + 1, window);
    }
    const [{ warmup, measure } = { warmup: undefined, measure: undefined }] = totals.operationResults();
    t.same(measure?.slowest, [
      { atUs: 3_500_000, responseTimeUs: 40_000, traceId: 'a5', agent: 'a' },
      { atUs: 1_700_000, responseTimeUs: 35_000, traceId: 'b1', agent: 'b' },
      { atUs: 1_600_000, responseTimeUs: 30_000, traceId: 'a4', agent: 'a' },
    ]);
    t.same(
      warmup?.slowest?.map(({ traceId }) => traceId),
      ['warm'],
    );
  },
);

t.test('the same are kept in whatever order they come', async (t) => {
  const samples = ['d', 'b', 'a', 'c'].map((traceId) => ({ atUs: 1, responseTimeUs: 5, traceId }));
  t.same(
    slowestOf(samples).map(({ traceId }) => traceId),
    ['a', 'b', 'c'],
  );
});

t.test('a plan asks for traces where a header of a driver has the placeholder', async (t) => {
  const plan = (headers: object) =>
    parsePlan({
      name: 'p',
      drivers: { http: { options: { headers, operations: { read: { path: '/' } } } } },
      scenarios: {
        s: { executor: 'constant-vus', vus: 1, duration: '1s', operations: [{ driver: 'http', operation: 'read' }] },
      },
    });
  t.ok(asksForTraces(plan({ traceparent: `\${traceparent(0.01)}` })));
  t.notOk(asksForTraces(plan({ traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' })));
});
