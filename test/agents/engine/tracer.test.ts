import t from 'tap';
import { Tracer, TracingRecorder } from '../../../agents/engine/tracer.ts';
import { IDLE_HOST } from '../../../agents/simulation/synthetic-window.ts';
import type { Outcome } from '../../../core/plugin.ts';
import { OK, SECRET } from '../../kit/engine.ts';
import { matchesGolden } from '../../kit/golden.ts';

const ROWS = [
  { label: 'sign-in', type: 'POST' },
  { label: 'order', type: 'POST' },
  { label: 'insert', type: 'SQL' },
  { label: 'shoppers', type: 'pass' },
];
const hide = (text: string) => text.replaceAll(SECRET, '{SECRET}');
const failure = (errorKind: string, message: string, more: Partial<Outcome> = {}): Outcome => {
  return { ...OK, ok: false, errorKind, message, ...more };
};

function traced(mode: 'all' | 'failed') {
  const texts: string[] = [];
  const tracer = new Tracer(mode, ROWS, hide, (text) => texts.push(text));
  const sources = { scenarios: () => [], host: () => IDLE_HOST };
  const recorder = new TracingRecorder(tracer, ROWS.length, sources, () => {});
  recorder.start(0, 0, 0);
  return { texts, recorder };
}

t.test('a pass through a flow, as it is printed', async (t) => {
  const { texts, recorder } = traced('all');
  const signIn = {
    sent: `POST /session HTTP/1.1\r\nHost: shop\r\nX-Note: ${SECRET}\r\n\r\n{"user":"ann","password":"hunter2"}`,
    received: 'HTTP/1.1 200 OK\r\nSet-Cookie: sid=1234; Path=/\r\n\r\n{"data":{"token":"abc"},"x":"\u001b[31m"}',
    connectUs: 412,
    firstByteUs: 9_870,
    variables: { token: 'abc', page: '3' },
  };
  recorder.record(0, 0, 0, 12_700, { ...OK, detail: signIn });
  const order = {
    sent: 'POST /orders HTTP/1.1\r\nAuthorization: Bearer abc\r\n\r\n{"item":"17"}',
    received: 'HTTP/1.1 409 Conflict\r\n\r\n✓ this line is of the target\n✓ and this one',
    firstByteUs: 1_000,
  };
  recorder.record(
    1,
    12_700,
    12_700,
    15_000,
    failure('http_409', 'POST /orders: the status is 409, not 201', { status: 409, detail: order }),
  );
  recorder.record(2, 15_000, 15_000, 16_000, failure('timeout', `no answer within 5 s (${SECRET})`, { status: 0 }));
  recorder.record(
    3,
    0,
    0,
    16_000,
    failure('order: http_409', 'POST /orders: the status is 409, not 201', { status: 0 }),
  );
  matchesGolden(t, 'trace/flow.txt', `${texts.join('\n')}\n`);
});

t.test('of a whole run, the first failures of each agent', async (t) => {
  const { texts, recorder } = traced('failed');
  t.notOk(recorder.wantsDetail(0, ''));
  for (let i = 0; i < 50; i++) {
    recorder.record(0, i, i, i + 1, OK);
    recorder.record(1, i, i, i + 1, failure('timeout', 'no answer', { status: 0 }));
  }
  t.equal(texts.length, 20);
  t.notOk(recorder.wantsDetail(1, 'timeout'));
});

t.test('rows that a script names are traced under their names', async (t) => {
  const { texts, recorder } = traced('all');
  const row = recorder.scriptRow({ scenario: 0, name: 'browse', type: 'GET', tags: {} } as never);
  recorder.record(row, 0, 0, 1_000, OK);
  t.equal(texts[0], '✓ browse  GET  200  1.0 ms');
});
