import { create } from '@bufbuild/protobuf';
import t from 'tap';
import { type Output, plain } from '../../../../core/cli/output.ts';
import { RunView } from '../../../../core/cli/view/run-view.ts';
import { SnapshotSchema } from '../../../../proto/gen/bench/v1/run_pb.ts';
import { matchEach } from '../../../kit/match-each.ts';

/** What a terminal shows after all this was written; understands "up n lines" and "clear to the end" only. */
class Terminal {
  lines: string[] = [''];

  write(text: string): void {
    const parts = text.split('\u001b');
    this.#print(parts[0] as string);
    for (const part of parts.slice(1)) {
      const up = /^\[(\d+)A/.exec(part);
      if (up) this.lines.length -= Number(up[1]);
      const rest = part.replace(/^\[(\d*)[AJ]/, '');
      if (part.startsWith('[J')) this.lines[this.lines.length - 1] = '';
      this.#print(rest.replaceAll('\r', ''));
    }
  }

  #print(text: string): void {
    const [first = '', ...others] = text.split('\n');
    this.lines[this.lines.length - 1] += first;
    this.lines.push(...others);
  }
}

function outputOn(terminal: Terminal, isTerminal: boolean): Output {
  const write = (text: string) => terminal.write(text);
  const line = (text: string) => write(`${text}\n`);
  const screen = (lines: readonly string[]) => lines.forEach(line);
  const redraw = (previous: number, lines: readonly string[]) => {
    if (previous > 0) write(`\u001b[${previous}A\r\u001b[J`);
    screen(lines);
  };
  return { isTerminal, paint: plain, columns: () => 100, rows: () => 24, write, line, screen, redraw, problem: line };
}

function snapshotAt(second: number) {
  const warnings = second < 4 ? [] : [`the generator is late by ${second}.5 ms`];
  const row = { type: 'GET', name: 'health', requests: second * 10, requestsPerSecond: 10 };
  return create(SnapshotSchema, { elapsedUs: second * 1e6 + 3e5, plannedUs: 20e6, vus: 3, rows: [row], warnings });
}

function show(view: RunView, seconds: number): void {
  view.started('abc');
  view.activity('waiting for agents');
  view.activity('running');
  for (let second = 1; second <= seconds; second++) {
    view.snapshot(snapshotAt(second));
    if (second === 2) view.notice('agent one warns: \u001b[2Jlow on files');
  }
}

t.test('in a terminal one table is drawn over and over, and notices stay above it', async (t) => {
  const terminal = new Terminal();
  const view = new RunView(outputOn(terminal, true), 'Test', 'http://a');
  show(view, 4);
  t.strictSame(terminal.lines, [
    'agent one warns: ␛[2Jlow on files',
    'Test · http://a · run abc',
    'running  ██████░░░░░░░░░░░░░░░░░░░░░░░░ 21 %  4s of 20s, 16s left  3 users',
    '',
    'Type  Name    # Requests  # Fails  Req/s  p50 ms  p95 ms  p99 ms  Max ms',
    'GET   health          40        0     10       0       0       0       0',
    '! the generator is late by 4.5 ms',
    '',
  ]);
  view.end();
  t.strictSame(terminal.lines, ['agent one warns: ␛[2Jlow on files', '']);
});

t.test('without a terminal: a line for what changes, and one each five seconds', async (t) => {
  const log = new Terminal();
  const view = new RunView(outputOn(log, false), 'Test', 'http://a');
  show(view, 12);
  view.end();
  matchEach(t, log.lines, [
    /^run abc: Test, http:\/\/a$/,
    /^waiting for agents$/,
    /^running$/,
    /^agent one warns: /,
    /^5s\/20s {2}running {2}3 users {2}50 requests /,
    /^ {2}! the generator is late by 5\.5 ms$/,
    /^10s\/20s {2}running {2}3 users {2}100 requests /,
    /^$/,
  ]);
  t.equal(log.lines.length, 8, 'a warning comes once, whatever its figures');
});
