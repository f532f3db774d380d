import t from 'tap';
import { EMPTY_HISTOGRAM } from '../../../core/stats/histogram.ts';
import { type TimelineSource, timelineOf } from '../../../core/web/handlers/timeline.ts';

const EIGHT_HOURS = 8 * 3600;

/** Eight hours of five hundred operations, all with the same figures. */
function longRun(): TimelineSource {
  const column = new Array(EIGHT_HOURS).fill(1) as number[];
  const columns = { requests: column, errors: column, sumUs: column, p50Us: column, p95Us: column, p99Us: column };
  const all = { ...columns, maxUs: column };
  return {
    seconds: EIGHT_HOURS,
    columns: {
      all,
      vus: column,
      droppedArrivals: column,
      agentCpuCores: column,
      loopLagUs: column,
      responseTimes: new Array(EIGHT_HOURS).fill(EMPTY_HISTOGRAM),
    } as unknown as TimelineSource['columns'],
    operations: Array.from({ length: 500 }, (_, i) => ({ scenario: 's', type: '', name: `op${i}`, columns: all })),
    journeys: [],
    monitors: [],
    events: [],
    loadChanges: [],
    plan: { scenarios: {} },
  };
}

t.test('a viewer cannot ask for so much of a long run that control has no time for its agents', (t) => {
  const run = longRun();
  const asked = (query: object) => () => timelineOf(run, { from: 0, ...query });
  t.throws(asked({ step: 1 }), { status: 400, message: /^that is 28800 entries, where at most 3600 are taken/ });
  t.throws(asked({ step: 8, operations: 'all' }), {
    status: 400,
    message: /3600 entries, where at most 1000 are taken/,
  });
  t.equal(asked({ step: 8 })().all.requests.length, 3600);
  t.equal(asked({ operations: 'all' })().operations[499]?.columns.requests.length, 600, 'as wide as it is by itself');
  t.equal(asked({ from: 3600, to: 7199, step: 1, operations: '0,499,99999' })().operations.length, 2);
  t.end();
});
