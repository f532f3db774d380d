import { create, type MessageInitShape } from '@bufbuild/protobuf';
import t from 'tap';
import { colored, plain } from '../../../../core/cli/output.ts';
import { columnsOf } from '../../../../core/cli/view/cells.ts';
import { type LiveState, liveLine, liveScreen } from '../../../../core/cli/view/live.ts';
import { SnapshotSchema } from '../../../../proto/gen/bench/v1/run_pb.ts';

const upload = { type: 'POST', name: '测试数据上传接口', requests: 182_795, errors: 0, requestsPerSecond: 338.6 };
const health = { type: 'GET', name: '服务健康检查', requests: 18_253, errors: 7, requestsPerSecond: 33.5 };
const all = { name: 'Aggregated', requests: 201_048, errors: 7, requestsPerSecond: 372.1 };
const times = { p50Us: 50_000, p95Us: 73_000, p99Us: 89_000, maxUs: 612_345 };

function stateWith(snapshot: MessageInitShape<typeof SnapshotSchema> = {}): LiveState {
  return {
    planName: '上传测试',
    target: 'http://192.0.2.9:5002',
    runId: 'abc',
    activity: 'running',
    snapshot: create(SnapshotSchema, {
      elapsedUs: 30e6,
      plannedUs: 60e6,
      vus: 100,
      rows: [upload, health, all].map((row) => ({ ...row, ...times })),
      ...snapshot,
    }),
  };
}

t.test('the live table', async (t) => {
  t.strictSame(liveScreen(stateWith(), 120, 40, plain), [
    '上传测试 · http://192.0.2.9:5002 · run abc',
    'running  ███████████████░░░░░░░░░░░░░░░ 50 %  30s of 1m, 30s left  100 users',
    '',
    'Type  Name              # Requests       # Fails  Req/s  p50 ms  p95 ms  p99 ms  Max ms',
    'POST  测试数据上传接口     182,795             0  338.6      50      73      89     612',
    'GET   服务健康检查          18,253   7 (0.0383%)   33.5      50      73      89     612',
    '───────────────────────────────────────────────────────────────────────────────────────',
    '      Aggregated           201,048  7 (0.00348%)  372.1      50      73      89     612',
  ]);
});

t.test('one user is no several', async (t) => {
  t.match(liveScreen(stateWith({ vus: 1 }), 120, 40, plain)[1], / {2}1 user$/);
  t.match(liveLine(stateWith({ vus: 1 })), / {2}1 user {2}/);
});

t.test('warm-up, dropped arrivals and warnings are said', async (t) => {
  const warnings = ['generator saturated', 'b', 'c', 'd', 'e'];
  const lines = liveScreen(stateWith({ warmup: true, droppedArrivals: 12, warnings }), 120, 40, plain);
  t.match(lines[1], /^warming up {2}/);
  t.strictSame(lines.slice(-5), [
    '! 12 arrivals dropped: no virtual user was free',
    '! generator saturated',
    '! b',
    '! c',
    '! d',
  ]);
});

t.test('a paused load is called paused, also in a log', async (t) => {
  t.match(liveScreen(stateWith({ paused: true }), 120, 40, plain)[1], /^paused {2}█/);
  t.match(liveLine(stateWith({ paused: true })), /^30s\/1m {2}paused {2}100 users/);
});

t.test('what drivers count stands below the table, and in a log', async (t) => {
  const ratios = [
    { name: 'search.recall', hits: 953, of: 1000 },
    { name: 'search.void', hits: 9, of: 10, voidReason: 'rows were written' },
    { name: 'search.waits' },
  ];
  t.strictSame(liveScreen(stateWith({ ratios }), 120, 40, plain).slice(8), [
    '',
    'search.recall  95.3%  953 of 1000',
    'search.void  –  rows were written',
    'search.waits  –  0 of 0',
  ]);
  t.match(
    liveLine(stateWith({ ratios })),
    / {2}7 failed {2}search\.recall 95\.3% {2}search\.void – {2}search\.waits –$/,
  );
  const many = Array.from({ length: 9 }, (_, i) => ({ name: `search.${i}`, hits: 1, of: 2 }));
  t.equal(liveScreen(stateWith({ ratios: many }), 120, 40, plain).at(-1), '… and 5 more ratios');
});

t.test('thresholds stand below the table as they are so far, the broken ones first', async (t) => {
  const thresholds = [
    { criterion: 'p95 < 80ms', holds: true, actual: '73 ms' },
    { criterion: 'lost == 0' },
    { criterion: 'fails == 0', holds: false, actual: '7' },
    { criterion: 'p99 < 80ms', holds: false, actual: '89 ms', warnsOnly: true },
  ];
  t.strictSame(liveScreen(stateWith({ thresholds }), 120, 40, plain).slice(8), [
    '',
    '✗ fails == 0  7',
    '! p99 < 80ms  89 ms',
    '✓ p95 < 80ms  73 ms',
    '– lost == 0  –',
  ]);
  t.match(liveLine(stateWith({ thresholds })), / {2}7 failed {2}✗ fails == 0 \(7\) {2}! p99 < 80ms \(89 ms\)$/);
  const many = Array.from({ length: 9 }, (_, i) => ({ criterion: `p9${i} < 1s`, holds: i !== 8, actual: '2 s' }));
  const lines = liveScreen(stateWith({ thresholds: many }), 120, 40, plain).slice(8);
  t.equal(lines[1], '✗ p98 < 1s  2 s');
  t.equal(lines.at(-1), '… and 3 more thresholds');
});

t.test('a long warning is wrapped, not cut', async (t) => {
  const lines = liveScreen(stateWith({ warnings: ['one two three four five six seven'] }), 20, 40, plain);
  t.strictSame(lines.slice(-2), ['! one two three four', '  five six seven']);
});

t.test('before the first second there is what is going on', async (t) => {
  const state = { ...stateWith(), activity: 'waiting for agents: 1 of 3', snapshot: undefined };
  t.strictSame(liveScreen(state, 120, 40, plain), [
    '上传测试 · http://192.0.2.9:5002 · run abc',
    'waiting for agents: 1 of 3',
  ]);
  t.equal(liveLine(state), 'waiting for agents: 1 of 3');
});

t.test('it never takes more than the terminal has', async (t) => {
  const rows = Array.from({ length: 50 }, (_, i) => ({ ...upload, ...times, name: `操作 ${i} ${'x'.repeat(80)}` }));
  for (const columns of [20, 40, 60, 80, 200]) {
    const lines = liveScreen(stateWith({ rows, warnings: ['很'.repeat(300)] }), columns, 24, plain);
    t.equal(lines.length, 23);
    for (const line of lines) t.ok(columnsOf(line) <= columns, `${columns}: ${line}`);
  }
});

t.test('colours add no columns', async (t) => {
  const widths = (lines: string[]) => lines.map(columnsOf);
  t.strictSame(widths(liveScreen(stateWith(), 120, 40, colored)), widths(liveScreen(stateWith(), 120, 40, plain)));
});

t.test('a line for a log', async (t) => {
  t.equal(
    liveLine(stateWith()),
    '30s/1m  running  100 users  201,048 requests  372.1 req/s  p50 50 ms  p95 73 ms  p99 89 ms  7 failed',
  );
});

t.test('without samples there are no times', async (t) => {
  const rows = [{ type: 'POST', name: 'upload' }, { name: 'Aggregated' }];
  const state = stateWith({ warmup: true, rows });
  t.equal(liveLine(state), '30s/1m  warming up  100 users  0 requests  0 req/s  p50 –  p95 –  p99 –  0 failed');
  t.match(liveScreen(state, 120, 40, plain).at(-1), /Aggregated +0 +0 +0 +– +– +– +–$/);
});
